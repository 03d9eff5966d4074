package isle.fs.cache;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What the disk tier needs of a disk. The real one is {@link #ON_DISK}; tests put faults in between. */
interface CacheFiles {

    /** Opens a file for reading and writing. */
    FileChannel open(Path file, boolean create) throws IOException;

    /** Makes the directory if it is not there, readable by its owner only, and names the files in it. */
    List<Path> list(Path directory) throws IOException;

    void delete(Path file) throws IOException;

    void rename(Path from, Path to) throws IOException;

    long size(Path file) throws IOException;

    /** Bytes that can still be written. */
    long usableBytes(Path directory) throws IOException;

    CacheFiles ON_DISK = new CacheFiles() {
        private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

        @Override
        public FileChannel open(Path file, boolean create) throws IOException {
            return create
                    ? FileChannel.open(
                            file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)
                    : FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        }

        @Override
        public List<Path> list(Path directory) throws IOException {
            if (!Files.isDirectory(directory)) {
                Files.createDirectories(directory, OWNER_ONLY);
            }
            List<Path> files = new ArrayList<>();
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
                entries.forEach(files::add);
            }
            return files;
        }

        @Override
        public void delete(Path file) throws IOException {
            Files.deleteIfExists(file);
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
            Files.move(from, to);
        }

        @Override
        public long size(Path file) throws IOException {
            return Files.size(file);
        }

        @Override
        public long usableBytes(Path directory) throws IOException {
            return Files.getFileStore(directory).getUsableSpace();
        }
    };
}
