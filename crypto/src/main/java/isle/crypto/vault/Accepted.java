package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.DotSet;
import isle.fs.model.FsException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * The dots of which a person said that they are missing and need not be told of again. Its bytes: {@code FORMAT.md}, "On
 * this host". A damaged file is none: then they are told again. May be used by several threads.
 */
final class Accepted {

    static final String FILE = "accepted";

    private static final byte[] MAGIC = "isle-acc".getBytes(StandardCharsets.US_ASCII);
    private static final short FORMAT = 1;
    private static final int HEAD = MAGIC.length + Short.BYTES + Id.BYTES;
    private static final int RUN = Id.BYTES + 3 * Long.BYTES;

    private final LocalDisk disk;
    private final Id vault;
    private Map<Id, DotSet> dots = new HashMap<>();

    Accepted(LocalDisk disk, Id vault) throws FsException {
        this.disk = disk;
        this.vault = vault;
        disk.read(FILE).ifPresent(this::decode);
    }

    synchronized DotSet in(Id directory) {
        return DotSet.copyOf(dots.getOrDefault(directory, new DotSet()));
    }

    /** On the disk when it returns. */
    synchronized void add(Map<Id, DotSet> more) throws FsException {
        Map<Id, DotSet> all = new HashMap<>();
        dots.forEach((id, set) -> all.put(id, DotSet.copyOf(set)));
        more.forEach((id, set) -> all.computeIfAbsent(id, d -> new DotSet()).addAll(set));
        disk.write(FILE, List.of(encode(all)));
        dots = all;
    }

    private ByteBuffer encode(Map<Id, DotSet> all) {
        List<ByteBuffer> runs = new ArrayList<>();
        all.forEach((id, set) -> set.forEachRun(run -> {
            ByteBuffer bytes = ByteBuffer.allocate(RUN);
            id.put(bytes);
            runs.add(bytes.putLong(run.incarnation())
                    .putLong(run.first())
                    .putLong(run.last())
                    .flip());
        }));
        ByteBuffer bytes = ByteBuffer.allocate(HEAD + runs.size() * RUN + Integer.BYTES);
        bytes.put(MAGIC).putShort(FORMAT);
        vault.put(bytes);
        runs.forEach(bytes::put);
        return bytes.putInt(check(bytes.slice(0, bytes.position()))).flip();
    }

    private void decode(byte[] file) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(file);
            int end = file.length - Integer.BYTES;
            byte[] magic = new byte[MAGIC.length];
            bytes.get(magic);
            if (end < HEAD
                    || (end - HEAD) % RUN != 0
                    || bytes.getInt(end) != check(bytes.slice(0, end))
                    || !ByteBuffer.wrap(magic).equals(ByteBuffer.wrap(MAGIC))
                    || bytes.getShort() != FORMAT
                    || !Id.get(bytes).equals(vault)) {
                return;
            }
            while (bytes.position() < end) {
                DotSet set = dots.computeIfAbsent(Id.get(bytes), d -> new DotSet());
                set.add(new DotSet.Run(bytes.getLong(), bytes.getLong(), bytes.getLong()));
            }
        } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
            dots = new HashMap<>();
        }
    }

    private static int check(ByteBuffer bytes) {
        CRC32C check = new CRC32C();
        check.update(bytes.duplicate());
        return (int) check.getValue();
    }
}
