package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A file of a vault on this host that is written whole: eight characters that say what it is, format 1 (2 bytes), the vault's
 * id, what it says, CRC-32C of all that. A damaged file is none.
 */
final class CheckedFile {

    private static final short FORMAT = 1;

    private final LocalDisk disk;
    private final String name;
    private final ByteBuffer head;

    /** @param magic eight characters of ASCII */
    CheckedFile(LocalDisk disk, String name, String magic, Id vault) {
        this.disk = disk;
        this.name = name;
        byte[] letters = magic.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer bytes = ByteBuffer.allocate(letters.length + Short.BYTES + Id.BYTES);
        bytes.put(letters).putShort(FORMAT);
        vault.put(bytes);
        this.head = bytes.flip().asReadOnlyBuffer();
    }

    /** What it says; empty if it is not there, damaged, or of another vault. */
    Optional<ByteBuffer> read() throws FsException {
        return disk.read(name).flatMap(file -> {
            ByteBuffer bytes = ByteBuffer.wrap(file);
            int end = file.length - Integer.BYTES;
            int start = head.remaining();
            if (end < start
                    || !bytes.slice(0, start).equals(head)
                    || bytes.getInt(end) != check(List.of(bytes.slice(0, end)))) {
                return Optional.empty();
            }
            return Optional.of(bytes.slice(start, end - start));
        });
    }

    /** On the disk when it returns. */
    void write(ByteBuffer says) throws FsException {
        ByteBuffer check = ByteBuffer.allocate(Integer.BYTES)
                .putInt(check(List.of(head, says)))
                .flip();
        disk.write(name, List.of(head.duplicate(), says, check));
    }

    void delete() throws FsException {
        disk.delete(name);
    }

    private static int check(List<ByteBuffer> parts) {
        CRC32C check = new CRC32C();
        parts.forEach(each -> check.update(each.duplicate()));
        return (int) check.getValue();
    }
}
