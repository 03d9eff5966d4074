package isle.crypto.tree;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord.Gone;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Origin;
import isle.crypto.tree.EntryRecord.State;
import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import isle.fs.model.Timestamp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;

/** What three incarnations wrote into one directory, each with what it happened to know; and some compactions. */
final class SomePacks {

    private static final String[] NAMES = {"a", "b", "c"};

    private final Random random;
    private final Id directory;
    private final List<Pack> packs = new ArrayList<>();
    private final Map<Long, Long> drawn = new HashMap<>();
    private long ids;

    private SomePacks(Id directory, long seed) {
        this.directory = directory;
        this.random = new Random(seed);
    }

    static List<Pack> of(Id directory, long seed) {
        SomePacks some = new SomePacks(directory, seed);
        for (int i = 0; i < 14; i++) {
            some.step();
        }
        return some.packs;
    }

    private void step() {
        Directory known = new Directory();
        List<Pack> read = new ArrayList<>();
        for (Pack pack : packs) {
            if (random.nextInt(4) > 0) {
                known.add(pack);
                read.add(pack);
            }
        }
        if (random.nextInt(4) == 0) {
            read.removeIf(pack -> pack.cover() != null || pack.root() != null);
            packs.addAll(new Compaction(Rules.ALL).of(directory, read, 1 + random.nextInt(3), this::draw));
            return;
        }
        long incarnation = random.nextInt(3);
        Dot dot = new Dot(incarnation, drawn.merge(incarnation, 1L, Long::sum));
        packs.add(new Pack(draw(), directory, List.of(change(known, dot)), null, null, Map.of()));
    }

    private EntryRecord change(Directory known, Dot dot) {
        String name = NAMES[random.nextInt(NAMES.length)];
        List<EntryRecord> there =
                known.live().stream().filter(each -> each.name().equals(name)).toList();
        TreeSet<Dot> supersedes = new TreeSet<>();
        TreeSet<Dot> ends = new TreeSet<>();
        for (EntryRecord each : there) {
            supersedes.add(each.dot());
            ends.add(each.birth());
        }
        Dot birth = dot;
        Content bytes = new Content.Packed(Host.ROOT, draw(), 1, 0, 1);
        State state = new Gone(null);
        int what = random.nextInt(3);
        if (what > 0 || there.isEmpty()) {
            if (what == 1 && !there.isEmpty()) {
                EntryRecord latest = there.get(there.size() - 1);
                birth = latest.birth();
                bytes = ((Here) latest.state()).content();
                ends.remove(birth);
            }
            int mode = random.nextInt(01000);
            state = new Here(
                    new Id(8, birth.counter()), Attributes.of(FileKind.FILE, mode, 0, 0, 0, Timestamp.EPOCH), bytes);
        }
        Origin made = new Origin(packs.size(), "host", Timestamp.EPOCH);
        return new EntryRecord(dot, name, made, state, birth, List.copyOf(supersedes), List.copyOf(ends));
    }

    private Id draw() {
        return new Id(4, ++ids);
    }
}
