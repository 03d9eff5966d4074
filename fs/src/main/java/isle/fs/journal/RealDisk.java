package isle.fs.journal;

import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** A folder of the host. It and its files are for their owner only (0700, 0600). */
public final class RealDisk implements JournalDisk {

    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    private final Path folder;

    private RealDisk(Path folder) {
        this.folder = folder;
    }

    /** Uses the folder, which is made when absent. */
    public static RealDisk at(Path folder) throws FsException {
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder, attributes("rwx------"));
            }
        } catch (IOException e) {
            throw new FsException.Failed("the journal's folder " + folder + " cannot be made", e);
        }
        return new RealDisk(folder);
    }

    private static FileAttribute<?>[] attributes(String permissions) {
        if (!POSIX) {
            return new FileAttribute<?>[0];
        }
        return new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        };
    }

    @Override
    public List<String> list() throws IOException {
        List<String> names = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(Files::isRegularFile)
                    .forEach(file -> names.add(file.getFileName().toString()));
        }
        return names;
    }

    @Override
    public JournalFile open(String name) throws IOException {
        return new RealFile(folder.resolve(name), openExisting(folder.resolve(name)));
    }

    private static FileChannel openExisting(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    @Override
    public JournalFile create(String name) throws IOException {
        Path path = folder.resolve(name);
        Set<OpenOption> options = Set.of(
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING);
        try {
            return new RealFile(path, FileChannel.open(path, options, attributes("rw-------")));
        } catch (IOException e) {
            throw translate(e, path, 0);
        }
    }

    @Override
    public void delete(String name) throws IOException {
        Files.deleteIfExists(folder.resolve(name));
    }

    @Override
    public void replace(String from, String to) throws IOException {
        try {
            Files.move(folder.resolve(from), folder.resolve(to), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw translate(e, folder.resolve(to), 0);
        }
    }

    @Override
    public void forceDirectory() throws IOException {
        boolean interrupted = Thread.interrupted();
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } finally {
            restore(interrupted);
        }
    }

    /**
     * Java has no type for ENOSPC and EDQUOT, and their sentences follow the language of the host: the space left on
     * the disk decides where the sentence does not.
     */
    private static IOException translate(IOException e, Path path, long neededBytes) {
        String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        boolean full = message.contains("no space left") || message.contains("quota exceeded");
        if (!full) {
            try {
                Path parent = path.getParent();
                full = parent != null && Files.getFileStore(parent).getUsableSpace() <= neededBytes;
            } catch (IOException again) {
                e.addSuppressed(again);
            }
        }
        return full ? new FsException.NoSpace("the disk of " + path + " is full", e) : e;
    }

    private static void restore(boolean interrupted) {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * A FileChannel is closed, for all threads, when one of them is interrupted inside it. So each call hides the flag
     * of its thread, and when that was too late opens the file anew and repeats itself. A force is not repeated: its
     * error would be lost with the closed channel.
     */
    private static final class RealFile implements JournalFile {

        /** Each further try needs one more interrupt that arrives inside the call. */
        private static final int TRIES = 16;

        private final Path path;
        private FileChannel channel;
        private boolean closed;

        RealFile(Path path, FileChannel channel) {
            this.path = path;
            this.channel = channel;
        }

        private interface Call {
            long run(FileChannel channel) throws IOException;
        }

        private long repeat(Call call) throws IOException {
            boolean interrupted = Thread.interrupted();
            try {
                for (int attempt = 1; ; attempt++) {
                    try {
                        return call.run(channel());
                    } catch (ClosedChannelException e) {
                        interrupted |= Thread.interrupted();
                        if (attempt == TRIES) {
                            throw e;
                        }
                    }
                }
            } finally {
                restore(interrupted);
            }
        }

        private synchronized FileChannel channel() throws IOException {
            if (closed) {
                throw new IOException(path + " is closed");
            }
            if (!channel.isOpen()) {
                channel = openExisting(path);
            }
            return channel;
        }

        @Override
        public long size() throws IOException {
            return repeat(FileChannel::size);
        }

        @Override
        public void write(long position, ByteBuffer... buffers) throws IOException {
            long bytes = 0;
            for (ByteBuffer buffer : buffers) {
                bytes += buffer.remaining();
            }
            long total = bytes;
            try {
                repeat(open -> {
                    ByteBuffer[] rest = new ByteBuffer[buffers.length];
                    for (int i = 0; i < rest.length; i++) {
                        rest[i] = buffers[i].duplicate();
                    }
                    open.position(position);
                    for (long left = total; left > 0; ) {
                        left -= rest.length == 1 ? open.write(rest[0]) : open.write(rest);
                    }
                    return 0;
                });
            } catch (IOException e) {
                throw translate(e, path, total);
            }
        }

        @Override
        public int read(long position, ByteBuffer into) throws IOException {
            int start = into.position();
            return (int) repeat(open -> {
                into.position(start);
                return open.read(into, position);
            });
        }

        @Override
        public void truncate(long size) throws IOException {
            repeat(open -> {
                open.truncate(size);
                return 0;
            });
        }

        @Override
        public void force() throws IOException {
            boolean interrupted = Thread.interrupted();
            try {
                channel().force(false);
            } finally {
                restore(interrupted);
            }
        }

        @Override
        public synchronized void close() throws IOException {
            closed = true;
            channel.close();
        }
    }
}
