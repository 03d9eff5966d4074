package isle.fs.store;

import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.NotDirectoryException;
import java.util.Map;
import java.util.Optional;

/** Turns what the Java library says of the local disk into {@link FsException}s. */
final class DiskErrors {

    /** Less than this left on the disk explains any failed write, in whatever language the system words it. */
    private static final long FULL_BYTES = 64 * 1024;

    private enum Kind {
        NO_SPACE,
        QUOTA,
        READ_ONLY,
        DENIED,
        TOO_LARGE,
        BUSY
    }

    /** The texts of strerror in the C locale, which is what the library gives instead of a number. */
    private static final Map<String, Kind> TEXTS = Map.of(
            "No space left on device", Kind.NO_SPACE,
            "Disk quota exceeded", Kind.QUOTA,
            "Read-only file system", Kind.READ_ONLY,
            "Permission denied", Kind.DENIED,
            "Operation not permitted", Kind.DENIED,
            "File too large", Kind.TOO_LARGE,
            "Too many open files", Kind.BUSY);

    private DiskErrors() {}

    /**
     * The error in our words.
     *
     * @param what what was being done, for a sentence that begins with "cannot"
     * @param place the file system it happened on, when known
     */
    static FsException translate(IOException e, String what, Optional<FileStore> place) {
        if (e instanceof FsException known) {
            return known;
        }
        String message = "cannot " + what + ": " + describe(e);
        if (e instanceof ClosedChannelException) {
            // A thread that is interrupted loses its channel in the middle of things.
            return new FsException.Unavailable("interrupted: " + message, e);
        }
        if (e instanceof NotDirectoryException) {
            return new FsException.NotDirectory(message, e);
        }
        Optional<Kind> kind = kind(e).or(() -> fromState(place));
        if (kind.isEmpty()) {
            return new FsException.Failed(message, e);
        }
        return switch (kind.get()) {
            case NO_SPACE -> new FsException.NoSpace(message, e);
            case QUOTA -> new FsException.QuotaExceeded(message, e);
            case READ_ONLY -> new FsException.ReadOnly(message, e);
            case DENIED -> new FsException.AccessDenied(message, e);
            case TOO_LARGE -> new FsException.TooLarge(message, e);
            case BUSY -> new FsException.Busy(message, e);
        };
    }

    private static Optional<Kind> kind(IOException e) {
        if (e instanceof AccessDeniedException) {
            return Optional.of(Kind.DENIED);
        }
        String text = describe(e);
        return TEXTS.entrySet().stream()
                .filter(entry -> text.contains(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    private static Optional<Kind> fromState(Optional<FileStore> place) {
        if (place.isEmpty()) {
            return Optional.empty();
        }
        if (place.get().isReadOnly()) {
            return Optional.of(Kind.READ_ONLY);
        }
        try {
            return place.get().getUsableSpace() < FULL_BYTES ? Optional.of(Kind.NO_SPACE) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String describe(IOException e) {
        if (e instanceof FileSystemException at && at.getReason() != null) {
            return at.getFile() + ": " + at.getReason();
        }
        return e instanceof FileSystemException
                ? e.getClass().getSimpleName() + " " + e.getMessage()
                : "" + e.getMessage();
    }
}
