package isle.fs.fuse;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Why a mount or an unmount did not come about: one sentence that says what happened, one that says what to do. */
public final class MountProblem extends IOException {

    private static final long serialVersionUID = 1L;

    /** What kind of obstacle it is. */
    public enum Kind {
        /** This system has no FUSE that we can use. */
        PLATFORM,
        /** {@code libfuse.so.2} is not installed. */
        LIBRARY_MISSING,
        /** The part of the binding that is native code cannot be loaded. */
        BINDING,
        /** {@code /dev/fuse} does not exist. */
        DEVICE_MISSING,
        /** {@code /dev/fuse} may not be opened by this user. */
        DEVICE_FORBIDDEN,
        /** The set-uid program that mounts for ordinary users is missing. */
        HELPER_MISSING,
        /** The mount point is no directory, or cannot be made. */
        NOT_A_DIRECTORY,
        /** The mount point has entries that the mount would hide. */
        NOT_EMPTY,
        /** The mount point belongs to another user. */
        NOT_OWNER,
        /** Something is mounted there already. */
        ALREADY_MOUNTED,
        /** The system's administrator does not let users open their mounts to others. */
        ALLOW_OTHER,
        /** The system refused for a reason of its own. */
        REFUSED,
        /** The mount is there but does not answer. */
        NO_ANSWER,
        /** Programs still use the mount. */
        BUSY
    }

    private final Kind kind;
    private final String action;

    MountProblem(Kind kind, String message, String action) {
        this(kind, message, action, null);
    }

    MountProblem(Kind kind, String message, String action, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.action = action;
    }

    public Kind kind() {
        return kind;
    }

    /** What a person can do about it, one sentence. */
    public String action() {
        return action;
    }
}
