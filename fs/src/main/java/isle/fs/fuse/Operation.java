package isle.fs.fuse;

/** The operations that we implement, by their numbers in the kernel's protocol and in libfuse's table. */
enum Operation {
    LOOKUP(1, 2, false),
    FORGET(2, 3, false),
    GETATTR(3, 4, true),
    SETATTR(4, 5, true),
    READLINK(5, 6, true),
    SYMLINK(6, 11, false),
    MKNOD(8, 7, false),
    MKDIR(9, 8, false),
    UNLINK(10, 9, false),
    RMDIR(11, 10, false),
    RENAME(12, 12, false),
    LINK(13, 13, false),
    OPEN(14, 14, true),
    READ(15, 15, false),
    WRITE(16, 16, false),
    STATFS(17, 24, false),
    RELEASE(18, 18, false),
    FSYNC(20, 19, false),
    SETXATTR(21, 25, true),
    GETXATTR(22, 26, true),
    LISTXATTR(23, 27, true),
    REMOVEXATTR(24, 28, true),
    FLUSH(25, 17, false),
    OPENDIR(27, 20, true),
    READDIR(28, 21, false),
    RELEASEDIR(29, 22, false),
    FSYNCDIR(30, 23, false),
    CREATE(35, 30, false),
    BATCH_FORGET(42, 38, false),
    FALLOCATE(43, 40, false);

    /** Pointers in {@code struct fuse_lowlevel_ops} of libfuse 2.9. */
    static final int SLOTS = 41;

    /** Number of the request that opens the connection; libfuse answers it. */
    static final int OPCODE_INIT = 26;

    private static final Operation[] BY_OPCODE = new Operation[64];

    static {
        for (Operation operation : values()) {
            BY_OPCODE[operation.opcode] = operation;
        }
    }

    private final int opcode;
    private final int slot;
    private final boolean onSubject;

    Operation(int opcode, int slot, boolean onSubject) {
        this.opcode = opcode;
        this.slot = slot;
        this.onSubject = onSubject;
    }

    /** Index in libfuse's table. */
    int slot() {
        return slot;
    }

    /**
     * True where "not found" can only mean the inode that the kernel named by number. The kernel then holds a name that
     * has gone since: told ESTALE it looks the name up again, told ENOENT it would keep it.
     */
    boolean onSubject() {
        return onSubject;
    }

    /** True where the kernel waits for no answer. */
    boolean oneWay() {
        return this == FORGET || this == BATCH_FORGET;
    }

    /** True if the kernel waits for an answer to a request of this number and the answer is ours to give. */
    static boolean answeredByUs(int opcode) {
        if (opcode < 0 || opcode >= BY_OPCODE.length) {
            return false;
        }
        Operation operation = BY_OPCODE[opcode];
        return operation != null && !operation.oneWay();
    }
}
