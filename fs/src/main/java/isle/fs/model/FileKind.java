package isle.fs.model;

/** What an inode is. The code is what formats on disk store; the mode bits are those of {@code st_mode} on Linux. */
public enum FileKind {
    FILE(1, 0100000),
    DIRECTORY(2, 0040000),
    SYMLINK(3, 0120000),
    FIFO(4, 0010000),
    SOCKET(5, 0140000),
    CHAR_DEVICE(6, 0020000),
    BLOCK_DEVICE(7, 0060000);

    /** Mask of the type bits in {@code st_mode}. */
    public static final int TYPE_MASK = 0170000;

    private final int code;
    private final int modeBits;

    FileKind(int code, int modeBits) {
        this.code = code;
        this.modeBits = modeBits;
    }

    /** Stable number of this kind in formats on disk. */
    public int code() {
        return code;
    }

    /** Type bits of {@code st_mode}. */
    public int modeBits() {
        return modeBits;
    }

    /** The kind with this stable number. */
    public static FileKind ofCode(int code) {
        for (FileKind kind : values()) {
            if (kind.code == code) {
                return kind;
            }
        }
        throw new IllegalArgumentException("file kind " + code);
    }

    /** The kind that these {@code st_mode} bits name; no type bits at all mean a regular file. */
    public static FileKind ofMode(int mode) {
        int type = mode & TYPE_MASK;
        for (FileKind kind : values()) {
            if (kind.modeBits == type) {
                return kind;
            }
        }
        if (type == 0) {
            return FILE;
        }
        throw new IllegalArgumentException("file mode " + Integer.toOctalString(mode));
    }
}
