package isle.fs.fuse;

import java.util.regex.Pattern;

/**
 * How to mount.
 *
 * @param profile whose mount it is; letters, digits, dot, dash and underscore. A mount is found by it again
 * @param readOnly the kernel refuses every change
 * @param allowOther other users of this machine may enter, as far as mode bits let them
 * @param timeouts what the kernel may remember, to begin with
 */
public record MountOptions(String profile, boolean readOnly, boolean allowOther, CacheTimeouts timeouts) {

    /** The part after "fuse." of the file system's type. */
    static final String SUBTYPE = "isle";

    private static final Pattern PROFILE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    /**
     * Requests that the kernel may have under way on its own account, read-ahead above all. Its default of 12 is what a
     * dozen readers of files that are not cached yet fill.
     */
    private static final int MAX_BACKGROUND = 64;

    private static final int MAX_READ_AHEAD = 128 * 1024;

    public MountOptions {
        if (!PROFILE.matcher(profile).matches()) {
            throw new IllegalArgumentException("profile name " + profile);
        }
    }

    /** A writable mount for the user alone, with short time-outs. */
    public static MountOptions of(String profile) {
        return new MountOptions(profile, false, false, CacheTimeouts.SHORT);
    }

    public MountOptions withReadOnly(boolean value) {
        return new MountOptions(profile, value, allowOther, timeouts);
    }

    public MountOptions withAllowOther(boolean value) {
        return new MountOptions(profile, readOnly, value, timeouts);
    }

    public MountOptions withTimeouts(CacheTimeouts value) {
        return new MountOptions(profile, readOnly, allowOther, value);
    }

    /** The source of the mount as {@code /proc/self/mountinfo} shows it. */
    static String source(String profile) {
        return "isle:" + profile;
    }

    String source() {
        return source(profile);
    }

    /**
     * For libfuse: what the kernel and its helper take, and what opens the session. Opening with O_TRUNC is one request
     * instead of two, so that a crash cannot fall between them.
     */
    String libraryOptions() {
        return "default_permissions,fsname=" + source() + ",subtype=" + SUBTYPE
                + (allowOther ? ",allow_other" : "")
                + (readOnly ? ",ro" : "")
                + ",big_writes,atomic_o_trunc,max_readahead=" + MAX_READ_AHEAD
                + ",max_background=" + MAX_BACKGROUND;
    }
}
