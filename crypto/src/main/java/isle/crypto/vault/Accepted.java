package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.DotSet;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The dots of which a person said that they are missing and need not be told of again. Its bytes: {@code FORMAT.md}, "On
 * this host". A damaged file is none: then they are told again. May be used by several threads.
 */
final class Accepted {

    static final String FILE = "accepted";

    private static final int RUN = Id.BYTES + 3 * Long.BYTES;

    private final CheckedFile file;
    private Map<Id, DotSet> dots = new HashMap<>();

    Accepted(LocalDisk disk, Id vault) throws FsException {
        this.file = new CheckedFile(disk, FILE, "isle-acc", vault);
        file.read().ifPresent(this::decode);
    }

    synchronized DotSet in(Id directory) {
        return DotSet.copyOf(dots.getOrDefault(directory, new DotSet()));
    }

    /** On the disk when it returns. */
    synchronized void add(Map<Id, DotSet> more) throws FsException {
        Map<Id, DotSet> all = new HashMap<>();
        dots.forEach((id, set) -> all.put(id, DotSet.copyOf(set)));
        more.forEach((id, set) -> all.computeIfAbsent(id, d -> new DotSet()).addAll(set));
        file.write(encode(all));
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
        ByteBuffer bytes = ByteBuffer.allocate(runs.size() * RUN);
        runs.forEach(bytes::put);
        return bytes.flip();
    }

    private void decode(ByteBuffer bytes) {
        if (bytes.remaining() % RUN != 0) {
            return;
        }
        try {
            while (bytes.hasRemaining()) {
                DotSet set = dots.computeIfAbsent(Id.get(bytes), d -> new DotSet());
                set.add(new DotSet.Run(bytes.getLong(), bytes.getLong(), bytes.getLong()));
            }
        } catch (IllegalArgumentException e) {
            dots = new HashMap<>();
        }
    }
}
