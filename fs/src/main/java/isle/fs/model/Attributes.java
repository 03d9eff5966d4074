package isle.fs.model;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What {@code stat} and {@code listxattr} say of an inode, without its identity and its links.
 *
 * @param kind file, directory, ...
 * @param permissions the lower twelve bits of {@code st_mode}
 * @param uid numeric owner
 * @param gid numeric group
 * @param size bytes of content (a symlink: bytes of its target; others than files and symlinks: 0)
 * @param mtime last change of content
 * @param ctime last change of anything
 * @param device {@code st_rdev} of device nodes, else 0
 * @param symlinkTarget raw bytes of the target, one char each, empty but for symlinks
 * @param xattrs extended attributes: full name (raw bytes, one char each) to raw value (one char a byte)
 */
public record Attributes(
        FileKind kind,
        int permissions,
        int uid,
        int gid,
        long size,
        Timestamp mtime,
        Timestamp ctime,
        long device,
        String symlinkTarget,
        SortedMap<String, String> xattrs) {

    /** The twelve permission bits. */
    public static final int PERMISSION_MASK = 07777;

    public Attributes {
        if ((permissions & ~PERMISSION_MASK) != 0 || size < 0) {
            throw new IllegalArgumentException("permissions " + permissions + ", size " + size);
        }
        xattrs = xattrs.isEmpty()
                ? Collections.emptySortedMap()
                : Collections.unmodifiableSortedMap(new TreeMap<>(xattrs));
    }

    /** Attributes of something new, without device, target and extended attributes. */
    public static Attributes of(FileKind kind, int permissions, int uid, int gid, long size, Timestamp time) {
        return new Attributes(kind, permissions, uid, gid, size, time, time, 0, "", Collections.emptySortedMap());
    }

    /** {@code st_mode}: type and permissions. */
    public int mode() {
        return kind.modeBits() | permissions;
    }

    public Attributes withPermissions(int value) {
        return new Attributes(kind, value, uid, gid, size, mtime, ctime, device, symlinkTarget, xattrs);
    }

    public Attributes withOwner(int newUid, int newGid) {
        return new Attributes(kind, permissions, newUid, newGid, size, mtime, ctime, device, symlinkTarget, xattrs);
    }

    public Attributes withSize(long value) {
        return new Attributes(kind, permissions, uid, gid, value, mtime, ctime, device, symlinkTarget, xattrs);
    }

    /** New content: size, and both times that a write moves. */
    public Attributes withContentChange(long newSize, Timestamp now) {
        return new Attributes(kind, permissions, uid, gid, newSize, now, now, device, symlinkTarget, xattrs);
    }

    public Attributes withMtime(Timestamp value) {
        return new Attributes(kind, permissions, uid, gid, size, value, ctime, device, symlinkTarget, xattrs);
    }

    public Attributes withCtime(Timestamp value) {
        return new Attributes(kind, permissions, uid, gid, size, mtime, value, device, symlinkTarget, xattrs);
    }

    public Attributes withDevice(long value) {
        return new Attributes(kind, permissions, uid, gid, size, mtime, ctime, value, symlinkTarget, xattrs);
    }

    public Attributes withSymlinkTarget(String value) {
        return new Attributes(kind, permissions, uid, gid, value.length(), mtime, ctime, device, value, xattrs);
    }

    public Attributes withXattrs(Map<String, String> value) {
        return new Attributes(
                kind, permissions, uid, gid, size, mtime, ctime, device, symlinkTarget, new TreeMap<>(value));
    }
}
