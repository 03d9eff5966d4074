package isle.fs.store;

import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.OptionalLong;
import java.util.Set;
import java.util.zip.CRC32C;

/** The folder of a local store: the names in it, its format, and the counter from which serials come. */
final class Folder {

    static final int SHARDS = 256;

    private static final String FORMAT = "isle local object store, format 1\n";

    /** Files of one opening have serials in {@code epoch << SERIAL_BITS}, so that no serial is ever used twice. */
    private static final int SERIAL_BITS = 40;

    private static final int STEM_BYTES = 16;
    private static final int EPOCH_BYTES = Long.BYTES + Integer.BYTES;

    /** Everything that a store may have made in a folder before it wrote down its format. */
    private static final Set<String> OWN_NAMES = Set.of(
            "format", "format.new", "lock", "epoch", "epoch.new", "index", "index.new", "tmp", "objects", "uploads");

    private final Path path;
    private final Disk disk;

    Folder(Path path, Disk disk) {
        this.path = path;
        this.disk = disk;
    }

    Path path() {
        return path;
    }

    Path lock() {
        return path.resolve("lock");
    }

    Path index() {
        return path.resolve("index");
    }

    /** Header files that are being written. Empty while no store is open. */
    Path temporary() {
        return path.resolve("tmp");
    }

    Path uploads() {
        return path.resolve("uploads");
    }

    Path objects() {
        return path.resolve("objects");
    }

    Path shard(int number) {
        return objects().resolve(HexFormat.of().toHexDigits((byte) number));
    }

    /** First part of the names of the files of a key: 128 bits of its SHA-256. The first two digits name the shard. */
    static String stem(String key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, STEM_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    static int shardOf(String stem) {
        return Integer.parseInt(stem, 0, 2, 16);
    }

    /** Makes the folder itself if it is not there; only its owner may look into one that we make. */
    void make() throws IOException {
        if (Files.isDirectory(path)) {
            return;
        }
        Path parent = path.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            Files.createDirectory(
                    path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectory(path);
        }
    }

    /** Makes what is missing of a new store, and empties the directory for temporary files. */
    void prepare() throws IOException {
        if (!Files.exists(path.resolve("format"))) {
            requireNothingElse();
        }
        checkFormat();
        disk.makeDirectory(temporary());
        disk.makeDirectory(uploads());
        disk.makeDirectory(objects());
        if (!Files.exists(path.resolve("format"))) {
            ByteBuffer text = ByteBuffer.wrap(FORMAT.getBytes(StandardCharsets.US_ASCII));
            disk.replace(path.resolve("format"), path.resolve("format.new"), text);
        }
        try (DirectoryStream<Path> left = Files.newDirectoryStream(temporary())) {
            left.forEach(disk::discard);
        }
    }

    private void requireNothingElse() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
            for (Path file : files) {
                if (!OWN_NAMES.contains(file.getFileName().toString())) {
                    throw new FsException.Invalid(
                            "the folder " + path + " has other files in it and is no object store of isle");
                }
            }
        }
    }

    /** Refuses a store of a later format. One that has no format yet is new. */
    void checkFormat() throws IOException {
        Path file = path.resolve("format");
        if (Files.exists(file)
                && !Files.readString(file, StandardCharsets.ISO_8859_1).equals(FORMAT)) {
            throw new FsException.Unsupported(
                    "the folder " + path + " is an object store in a format that this version of isle does not know");
        }
    }

    /** The number of the last opening; empty when the file is missing or damaged. */
    OptionalLong lastEpoch() {
        try {
            byte[] bytes = Files.readAllBytes(path.resolve("epoch"));
            ByteBuffer in = ByteBuffer.wrap(bytes);
            boolean whole = bytes.length == EPOCH_BYTES && in.getInt(Long.BYTES) == checksum(in.getLong(0));
            return whole ? OptionalLong.of(in.getLong(0)) : OptionalLong.empty();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /**
     * Begins an opening.
     *
     * @param lastSerial the greatest serial that is in use
     * @return the serial before the first one that may be given out
     */
    long startEpoch(OptionalLong lastEpoch, long lastSerial) throws IOException {
        long epoch = Math.max(lastEpoch.orElse(0), lastSerial >>> SERIAL_BITS) + 1;
        ByteBuffer bytes = ByteBuffer.allocate(EPOCH_BYTES).putLong(epoch).putInt(checksum(epoch));
        try {
            disk.replace(path.resolve("epoch"), path.resolve("epoch.new"), bytes.flip());
        } catch (IOException full) {
            // A full store must open, or nobody could delete anything. Without the file the next start counts anew.
            disk.unlink(path.resolve("epoch"));
            disk.forceDirectory(path);
        }
        return epoch << SERIAL_BITS;
    }

    private static int checksum(long epoch) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(epoch).flip());
        return (int) crc.getValue();
    }
}
