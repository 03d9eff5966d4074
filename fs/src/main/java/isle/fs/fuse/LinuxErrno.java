package isle.fs.fuse;

import isle.fs.model.Errno;

/** The one table from our error names to the numbers of Linux. */
final class LinuxErrno {

    static final int EINTR = 4;
    static final int EIO = 5;
    static final int ENOENT = 2;
    static final int EAGAIN = 11;
    static final int ESTALE = 116;

    private LinuxErrno() {}

    static int of(Errno errno) {
        return switch (errno) {
            case EPERM -> 1;
            case ENOENT -> ENOENT;
            case EIO -> EIO;
            case ENXIO -> 6;
            case E2BIG -> 7;
            case EBADF -> 9;
            case EAGAIN -> EAGAIN;
            case ENOMEM -> 12;
            case EACCES -> 13;
            case EBUSY -> 16;
            case EEXIST -> 17;
            case EXDEV -> 18;
            case ENOTDIR -> 20;
            case EISDIR -> 21;
            case EINVAL -> 22;
            case EFBIG -> 27;
            case ENOSPC -> 28;
            case EROFS -> 30;
            case EMLINK -> 31;
            case ERANGE -> 34;
            case ENAMETOOLONG -> 36;
            case ENOTEMPTY -> 39;
            case ELOOP -> 40;
            case ENODATA -> 61;
            case EOPNOTSUPP -> 95;
            case ETIMEDOUT -> 110;
            case EHOSTDOWN -> 112;
            case ESTALE -> ESTALE;
            case EDQUOT -> 122;
        };
    }
}
