package isle.fs.model;

/**
 * Error names of POSIX, without platform numbers. {@code isle.fs.fuse} alone turns them into the numbers of a kernel.
 */
public enum Errno {
    EPERM,
    ENOENT,
    EIO,
    ENXIO,
    EBADF,
    EAGAIN,
    ENOMEM,
    EACCES,
    EBUSY,
    EEXIST,
    EXDEV,
    ENOTDIR,
    EISDIR,
    EINVAL,
    EFBIG,
    ENOSPC,
    EROFS,
    EMLINK,
    ERANGE,
    ENAMETOOLONG,
    ENOTEMPTY,
    ELOOP,
    ENODATA,
    EOPNOTSUPP,
    ETIMEDOUT,
    EHOSTDOWN,
    ESTALE,
    EDQUOT,
    E2BIG
}
