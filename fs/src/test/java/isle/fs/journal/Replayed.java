package isle.fs.journal;

import static java.nio.charset.StandardCharsets.UTF_8;

import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Keeps what a journal replays, and makes small records that are easy to tell apart. */
final class Replayed implements Journal.Recovery {

    static final JournalSettings SMALL = new JournalSettings(4096, 1 << 20);

    record Item(
            long sequence, int type, String body, @Nullable DataLocation data) {}

    final List<Item> items = new ArrayList<>();
    final List<Damage> damages = new ArrayList<>();

    @Override
    public void record(long sequence, int type, ByteBuffer body, @Nullable DataLocation data) {
        items.add(new Item(sequence, type, UTF_8.decode(body).toString(), data));
    }

    @Override
    public void damaged(Damage damage) {
        damages.add(damage);
    }

    List<String> bodies() {
        return items.stream().map(Item::body).toList();
    }

    List<Long> sequences() {
        return items.stream().map(Item::sequence).toList();
    }

    static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    /** Bytes that follow from the number. */
    static ByteBuffer data(long number, int length) {
        byte[] bytes = new byte[length];
        new SplittableRandom(number).nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    static ByteBuffer read(Journal journal, DataLocation location) throws FsException {
        ByteBuffer into = ByteBuffer.allocate(location.length());
        journal.read(location, 0, into);
        return into.flip();
    }
}
