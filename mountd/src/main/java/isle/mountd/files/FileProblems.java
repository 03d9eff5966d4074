package isle.mountd.files;

import isle.fs.model.FsException;
import isle.mountd.api.DaemonException;
import isle.mountd.api.FailureKind;
import isle.mountd.api.PathText;

/** Errors of the file system as sentences about a path. */
public final class FileProblems {

    private FileProblems() {}

    /** What {@code error} means for {@code path}. */
    public static DaemonException of(String path, FsException error) {
        String shown = "'" + PathText.display(path) + "'";
        return switch (error.errno()) {
            case ENOENT -> failed(shown + " does not exist.", "Look what there is: isle ls");
            case EEXIST -> failed(shown + " exists already.", "Remove it first, or choose another name.");
            case ENOTDIR -> failed(shown + " leads through something that is no folder.", "");
            case EISDIR -> failed(shown + " is a folder.", "Use -r for folders.");
            case ENOTEMPTY -> failed(shown + " is a folder that is not empty.", "Remove it with all in it: isle rm -r");
            case ENAMETOOLONG -> failed(shown + " is too long for the store.", "Choose shorter names.");
            case EINVAL ->
                new DaemonException(FailureKind.USAGE, shown + " cannot be used: " + error.getMessage() + ".", "");
            case ELOOP -> failed(shown + " leads through too many symlinks.", "");
            case ENOSPC ->
                failed(
                        "There is no space for " + shown + ": the disk or the journal is full.",
                        "See isle status; free space, or let the store catch up.");
            case EDQUOT -> failed("The store's quota leaves no room for " + shown + ".", "Free space there.");
            case EROFS -> refused(shown + " takes no writes: it is read-only.");
            case EACCES, EPERM -> refused(shown + " may not be used so: " + error.getMessage() + ".");
            case ETIMEDOUT, EHOSTDOWN -> unreachable(shown, error);
            default ->
                error.isTransient()
                        ? unreachable(shown, error)
                        : failed(shown + ": " + error.getMessage() + ".", "See isle status and the log.");
        };
    }

    private static DaemonException failed(String message, String action) {
        return new DaemonException(FailureKind.FAILED, message, action);
    }

    private static DaemonException refused(String message) {
        return new DaemonException(FailureKind.REFUSED, message, "See isle status.");
    }

    private static DaemonException unreachable(String shown, FsException error) {
        return new DaemonException(
                FailureKind.STORE_UNREACHABLE,
                shown + " cannot be reached now: " + error.getMessage() + ".",
                "Try again when the store answers; see isle status.");
    }
}
