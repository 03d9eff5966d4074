package isle.fs.model;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The one error family of isle. Each kind fixes its {@link Errno} and whether the same call may succeed later without
 * anybody changing anything ({@link #isTransient()}). Messages say what happened to what; they never carry a
 * credential, nor a name of {@code private/}.
 */
public abstract sealed class FsException extends IOException {

    private static final long serialVersionUID = 1L;

    private final Errno errno;
    private final boolean transientFailure;

    private FsException(Errno errno, boolean transientFailure, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.errno = errno;
        this.transientFailure = transientFailure;
    }

    /** What a system call answers for this error. */
    public final Errno errno() {
        return errno;
    }

    /** True when a later repetition of the same call may succeed by itself. */
    public final boolean isTransient() {
        return transientFailure;
    }

    /** The name, object or version does not exist. */
    public static final class NotFound extends FsException {
        private static final long serialVersionUID = 1L;

        public NotFound(String message) {
            this(message, null);
        }

        public NotFound(String message, @Nullable Throwable cause) {
            super(Errno.ENOENT, false, message, cause);
        }
    }

    /** The name exists already. */
    public static final class Exists extends FsException {
        private static final long serialVersionUID = 1L;

        public Exists(String message) {
            this(message, null);
        }

        public Exists(String message, @Nullable Throwable cause) {
            super(Errno.EEXIST, false, message, cause);
        }
    }

    /** A directory was needed and something else is there. */
    public static final class NotDirectory extends FsException {
        private static final long serialVersionUID = 1L;

        public NotDirectory(String message) {
            this(message, null);
        }

        public NotDirectory(String message, @Nullable Throwable cause) {
            super(Errno.ENOTDIR, false, message, cause);
        }
    }

    /** A directory is where a file was needed. */
    public static final class IsDirectory extends FsException {
        private static final long serialVersionUID = 1L;

        public IsDirectory(String message) {
            this(message, null);
        }

        public IsDirectory(String message, @Nullable Throwable cause) {
            super(Errno.EISDIR, false, message, cause);
        }
    }

    /** The directory still has entries. */
    public static final class NotEmpty extends FsException {
        private static final long serialVersionUID = 1L;

        public NotEmpty(String message) {
            this(message, null);
        }

        public NotEmpty(String message, @Nullable Throwable cause) {
            super(Errno.ENOTEMPTY, false, message, cause);
        }
    }

    /** A name passes 255 bytes, or its key passes what the store takes. */
    public static final class NameTooLong extends FsException {
        private static final long serialVersionUID = 1L;

        public NameTooLong(String message) {
            this(message, null);
        }

        public NameTooLong(String message, @Nullable Throwable cause) {
            super(Errno.ENAMETOOLONG, false, message, cause);
        }
    }

    /** The operation is never allowed on this object (hard links on plain volumes, foreign owners). */
    public static final class NotPermitted extends FsException {
        private static final long serialVersionUID = 1L;

        public NotPermitted(String message) {
            this(message, null);
        }

        public NotPermitted(String message, @Nullable Throwable cause) {
            super(Errno.EPERM, false, message, cause);
        }
    }

    /** The store or the mode bits refuse this caller. */
    public static final class AccessDenied extends FsException {
        private static final long serialVersionUID = 1L;

        public AccessDenied(String message) {
            this(message, null);
        }

        public AccessDenied(String message, @Nullable Throwable cause) {
            super(Errno.EACCES, false, message, cause);
        }
    }

    /** The volume, mount or bucket takes no writes. */
    public static final class ReadOnly extends FsException {
        private static final long serialVersionUID = 1L;

        public ReadOnly(String message) {
            this(message, null);
        }

        public ReadOnly(String message, @Nullable Throwable cause) {
            super(Errno.EROFS, false, message, cause);
        }
    }

    /** A local disk, the journal's cap or the store is full. */
    public static final class NoSpace extends FsException {
        private static final long serialVersionUID = 1L;

        public NoSpace(String message) {
            this(message, null);
        }

        public NoSpace(String message, @Nullable Throwable cause) {
            super(Errno.ENOSPC, false, message, cause);
        }
    }

    /** The store refused bytes because of a quota. */
    public static final class QuotaExceeded extends FsException {
        private static final long serialVersionUID = 1L;

        public QuotaExceeded(String message) {
            this(message, null);
        }

        public QuotaExceeded(String message, @Nullable Throwable cause) {
            super(Errno.EDQUOT, false, message, cause);
        }
    }

    /** A file or value would pass a fixed limit. */
    public static final class TooLarge extends FsException {
        private static final long serialVersionUID = 1L;

        public TooLarge(String message) {
            this(message, null);
        }

        public TooLarge(String message, @Nullable Throwable cause) {
            super(Errno.EFBIG, false, message, cause);
        }
    }

    /** Something is in use and cannot be changed now. */
    public static final class Busy extends FsException {
        private static final long serialVersionUID = 1L;

        public Busy(String message) {
            this(message, null);
        }

        public Busy(String message, @Nullable Throwable cause) {
            super(Errno.EBUSY, true, message, cause);
        }
    }

    /** The version that was read or opened is no longer in the store. */
    public static final class Stale extends FsException {
        private static final long serialVersionUID = 1L;

        public Stale(String message) {
            this(message, null);
        }

        public Stale(String message, @Nullable Throwable cause) {
            super(Errno.ESTALE, false, message, cause);
        }
    }

    /** A conditional request met another version than the one named. */
    public static final class PreconditionFailed extends FsException {
        private static final long serialVersionUID = 1L;

        public PreconditionFailed(String message) {
            this(message, null);
        }

        public PreconditionFailed(String message, @Nullable Throwable cause) {
            super(Errno.ESTALE, false, message, cause);
        }
    }

    /** Bytes failed their check. They are never handed out. */
    public static final class Corrupt extends FsException {
        private static final long serialVersionUID = 1L;

        public Corrupt(String message) {
            this(message, null);
        }

        public Corrupt(String message, @Nullable Throwable cause) {
            super(Errno.EIO, false, message, cause);
        }
    }

    /** The store cannot be reached or answers with a server error. */
    public static final class Unavailable extends FsException {
        private static final long serialVersionUID = 1L;

        public Unavailable(String message) {
            this(message, null);
        }

        public Unavailable(String message, @Nullable Throwable cause) {
            super(Errno.EIO, true, message, cause);
        }
    }

    /** No answer within the deadline. */
    public static final class TimedOut extends FsException {
        private static final long serialVersionUID = 1L;

        public TimedOut(String message) {
            this(message, null);
        }

        public TimedOut(String message, @Nullable Throwable cause) {
            super(Errno.ETIMEDOUT, true, message, cause);
        }
    }

    /** The operation does not exist here. */
    public static final class Unsupported extends FsException {
        private static final long serialVersionUID = 1L;

        public Unsupported(String message) {
            this(message, null);
        }

        public Unsupported(String message, @Nullable Throwable cause) {
            super(Errno.EOPNOTSUPP, false, message, cause);
        }
    }

    /** An argument makes no sense. */
    public static final class Invalid extends FsException {
        private static final long serialVersionUID = 1L;

        public Invalid(String message) {
            this(message, null);
        }

        public Invalid(String message, @Nullable Throwable cause) {
            super(Errno.EINVAL, false, message, cause);
        }
    }

    /** The handle is not open, or not open for this. */
    public static final class BadHandle extends FsException {
        private static final long serialVersionUID = 1L;

        public BadHandle(String message) {
            this(message, null);
        }

        public BadHandle(String message, @Nullable Throwable cause) {
            super(Errno.EBADF, false, message, cause);
        }
    }

    /** A rename would cross two volumes. */
    public static final class CrossVolume extends FsException {
        private static final long serialVersionUID = 1L;

        public CrossVolume(String message) {
            this(message, null);
        }

        public CrossVolume(String message, @Nullable Throwable cause) {
            super(Errno.EXDEV, false, message, cause);
        }
    }

    /** The extended attribute is not set. */
    public static final class NoAttribute extends FsException {
        private static final long serialVersionUID = 1L;

        public NoAttribute(String message) {
            this(message, null);
        }

        public NoAttribute(String message, @Nullable Throwable cause) {
            super(Errno.ENODATA, false, message, cause);
        }
    }

    /** The buffer of the caller is too small for the value. */
    public static final class ValueRange extends FsException {
        private static final long serialVersionUID = 1L;

        public ValueRange(String message) {
            this(message, null);
        }

        public ValueRange(String message, @Nullable Throwable cause) {
            super(Errno.ERANGE, false, message, cause);
        }
    }

    /** A local disk or a part failed in a way that has no name of its own. */
    public static final class Failed extends FsException {
        private static final long serialVersionUID = 1L;

        public Failed(String message) {
            this(message, null);
        }

        public Failed(String message, @Nullable Throwable cause) {
            super(Errno.EIO, false, message, cause);
        }
    }
}
