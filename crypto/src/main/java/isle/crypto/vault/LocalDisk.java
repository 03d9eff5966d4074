package isle.crypto.vault;

import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The folder of this host that a vault's local files are in. Only its owner may read them. */
class LocalDisk {

    private static final Set<StandardOpenOption> READ_WRITE =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);

    private static final String NEW = ".new";

    private final Path folder;

    /** @param folder is made if it is not there */
    LocalDisk(Path folder) throws FsException {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw failure("make a folder", e);
        }
    }

    /** A file to be read and written, made if it is not there. */
    FileChannel open(String name) throws IOException {
        return FileChannel.open(
                folder.resolve(name),
                READ_WRITE,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    /** An empty file beside one that it is to replace. */
    FileChannel openNew(String name) throws IOException {
        FileChannel channel = open(name + NEW);
        channel.truncate(0);
        return channel;
    }

    /** Puts what {@link #openNew} gave in its place, in one step; it has to be forced already. */
    void replace(String name) throws IOException {
        Files.move(folder.resolve(name + NEW), folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Replaces a file in one step: after a crash the old one or the new one is there, whole. */
    void write(String name, List<ByteBuffer> pieces) throws FsException {
        try {
            try (FileChannel channel = openNew(name)) {
                long at = 0;
                for (ByteBuffer piece : pieces) {
                    at += write(channel, piece.duplicate(), at);
                }
                channel.force(true);
            }
            replace(name);
        } catch (IOException e) {
            forget(name + NEW);
            throw failure("write " + name, e);
        }
    }

    /** All bytes of a file, if there is one. */
    Optional<byte[]> read(String name) throws FsException {
        try {
            return Optional.of(Files.readAllBytes(folder.resolve(name)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failure("read " + name, e);
        }
    }

    void delete(String name) throws FsException {
        try {
            Files.deleteIfExists(folder.resolve(name));
        } catch (IOException e) {
            throw failure("remove " + name, e);
        }
    }

    private void forget(String name) {
        try {
            Files.deleteIfExists(folder.resolve(name));
        } catch (IOException e) {
            // it is emptied when it is next opened
        }
    }

    /**
     * Writes all of them.
     *
     * @return how many
     */
    int write(FileChannel channel, ByteBuffer bytes, long at) throws IOException {
        int count = bytes.remaining();
        long position = at;
        while (bytes.hasRemaining()) {
            position += channel.write(bytes, position);
        }
        return count;
    }

    /**
     * The error in our words.
     *
     * @param what was being done, for a sentence that begins with "cannot"
     */
    static FsException failure(String what, IOException e) {
        if (e instanceof FsException known) {
            return known;
        }
        String reason = e instanceof FileSystemException at && at.getReason() != null
                ? at.getReason()
                : e.getClass().getSimpleName() + ": " + e.getMessage();
        String message = "cannot " + what + " of the vault's local state: " + reason;
        if (e instanceof ClosedChannelException) {
            return new FsException.Unavailable("interrupted: " + message, e);
        }
        if (reason.contains("No space left on device")) {
            return new FsException.NoSpace(message, e);
        }
        if (reason.contains("Disk quota exceeded")) {
            return new FsException.QuotaExceeded(message, e);
        }
        if (reason.contains("Read-only file system")) {
            return new FsException.ReadOnly(message, e);
        }
        return e instanceof AccessDeniedException
                ? new FsException.AccessDenied(message, e)
                : new FsException.Failed(message, e);
    }
}
