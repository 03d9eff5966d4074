package isle.fs.store;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Every change that the local store makes on the disk goes through here, so that tests can stop it between any two of
 * them and can tell what a power cut would have left.
 */
final class Disk {

    /** On Windows a directory cannot be opened to be forced; NTFS journals its names by itself. */
    private static final boolean DIRECTORIES_CAN_BE_FORCED = File.separatorChar == '/';

    private final Probe probe;

    enum Step {
        CREATE,
        WRITE,
        FORCE,
        RENAME,
        LINK,
        UNLINK,
        FORCE_DIRECTORY,
        MAKE_DIRECTORY
    }

    /** Is told of each step before it is done, and may fail instead. */
    interface Probe {
        Probe NONE = (step, path, target) -> {};

        /**
         * @param path what is changed
         * @param target the new name of a rename or a link, else null
         */
        void before(Step step, Path path, @Nullable Path target) throws IOException;
    }

    Disk(Probe probe) {
        this.probe = probe;
    }

    /** A new file, open for writing. */
    OpenFile create(Path path) throws IOException {
        probe.before(Step.CREATE, path, null);
        return new OpenFile(path, FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }

    /** A file that is being written. */
    final class OpenFile implements Closeable {
        private final Path path;
        private final FileChannel channel;

        private OpenFile(Path path, FileChannel channel) {
            this.path = path;
            this.channel = channel;
        }

        /** Writes all that remains in the buffer. */
        void write(ByteBuffer bytes) throws IOException {
            probe.before(Step.WRITE, path, null);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }

        /** Leaves a hole, which reads as zeros and takes no space, where the file system knows holes. */
        void skip(long bytes) throws IOException {
            probe.before(Step.WRITE, path, null);
            channel.position(channel.position() + bytes);
        }

        void force() throws IOException {
            probe.before(Step.FORCE, path, null);
            channel.force(false);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** Renames within the file system, over what is there. */
    void rename(Path from, Path to) throws IOException {
        probe.before(Step.RENAME, from, to);
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Gives an existing file a second name. */
    void link(Path existing, Path link) throws IOException {
        probe.before(Step.LINK, existing, link);
        Files.createLink(link, existing);
    }

    /** Removes a file; one that is not there is a success. */
    void unlink(Path path) throws IOException {
        probe.before(Step.UNLINK, path, null);
        try {
            Files.delete(path);
        } catch (NoSuchFileException e) {
            // Somebody was faster, or an earlier try did it.
        }
    }

    /** Removes a file if it can. */
    boolean discard(Path path) {
        try {
            unlink(path);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Makes the names in a directory durable. */
    void forceDirectory(Path directory) throws IOException {
        probe.before(Step.FORCE_DIRECTORY, directory, null);
        if (DIRECTORIES_CAN_BE_FORCED) {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    /** Makes a directory whose parent exists; one that is there is a success. */
    void makeDirectory(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            probe.before(Step.MAKE_DIRECTORY, directory, null);
            Files.createDirectory(directory);
        }
    }

    /** Replaces a small file by way of a temporary one: all or nothing, durable on return. */
    void replace(Path path, Path temporary, ByteBuffer content) throws IOException {
        discard(temporary);
        boolean moved = false;
        try (OpenFile file = create(temporary)) {
            file.write(content);
            file.force();
            rename(temporary, path);
            moved = true;
        } finally {
            if (!moved) {
                discard(temporary);
            }
        }
        Path directory = path.getParent();
        if (directory != null) {
            forceDirectory(directory);
        }
    }
}
