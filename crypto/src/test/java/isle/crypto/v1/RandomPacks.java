package isle.crypto.v1;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.tree.Dot;
import isle.crypto.tree.DotSet;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.EntryRecord.Gone;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Origin;
import isle.crypto.tree.EntryRecord.Place;
import isle.crypto.tree.EntryRecord.Placed;
import isle.crypto.tree.EntryRecord.State;
import isle.crypto.tree.Pack;
import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import isle.fs.model.Timestamp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/** Packs of every form, as a seed decides. */
final class RandomPacks {

    private final Random random;
    private Id directory = new Id(0, 0);

    RandomPacks(long seed) {
        this.random = new Random(seed);
    }

    Pack next() {
        Id id = id();
        directory = id();
        List<EntryRecord> records = new ArrayList<>();
        for (int n = random.nextInt(6); n > 0; n--) {
            records.add(entry(id));
        }
        Map<Long, Long> seen = new HashMap<>();
        for (int n = random.nextInt(3); n > 0; n--) {
            seen.put(random.nextLong(), 1 + (random.nextLong() >>> 2));
        }
        Pack.Cover cover = random.nextInt(3) > 0 ? null : new Pack.Cover(dots(), dots(), dots(), ids());
        return new Pack(id, directory, records, cover, random.nextInt(4) == 0 ? id() : null, seen);
    }

    private EntryRecord entry(Id pack) {
        State state = state(pack);
        String name =
                state instanceof Here || (state instanceof Gone gone && gone.last() == null && random.nextBoolean())
                        ? name()
                        : EntryRecord.PLACE;
        Dot dot = dot();
        Origin made = new Origin(
                random.nextLong() >>> random.nextInt(1, 60), random.nextBoolean() ? "laptop" : "Büro", time());
        Dot birth = random.nextBoolean() ? dot : dot();
        return new EntryRecord(dot, name, made, state, birth, someDots(), someDots());
    }

    private State state(Id pack) {
        return switch (random.nextInt(5)) {
            case 0 -> new Gone(null);
            case 1 -> new Gone(place());
            case 2 -> new Placed(place(), random.nextBoolean() ? null : place());
            default -> new Here(id(), attributes(), content(pack));
        };
    }

    private Attributes attributes() {
        Map<String, String> xattrs = new TreeMap<>();
        for (int n = random.nextInt(3); n > 0; n--) {
            xattrs.put("user." + name(), raw(random.nextInt(40)));
        }
        FileKind kind = FileKind.ofCode(1 + random.nextInt(FileKind.values().length));
        Attributes plain = Attributes.of(kind, random.nextInt(010000), random.nextInt(), random.nextInt(), 0, time())
                .withDevice(random.nextLong())
                .withXattrs(xattrs);
        return random.nextBoolean()
                ? plain.withSize(random.nextLong() >>> 1)
                : plain.withSymlinkTarget(raw(random.nextInt(100)));
    }

    private Content content(Id pack) {
        return switch (random.nextInt(5)) {
            case 0 -> Content.NONE;
            case 1 -> new Content.Packed(directory, pack, 1, random.nextLong() >>> 1, random.nextInt() >>> 1);
            case 2 -> new Content.Packed(id(), id(), generation(), random.nextInt(1 << 20), random.nextInt(1 << 16));
            case 3 -> {
                List<Content.Block> blocks = new ArrayList<>();
                for (int n = random.nextInt(4); n > 0; n--) {
                    blocks.add(new Content.Block(id(), generation(), random.nextInt(4 << 20)));
                }
                yield new Content.Blocks(blocks);
            }
            default ->
                new Content.Tree(
                        new Content.Block(id(), generation(), random.nextInt(1 << 20)), random.nextLong() >>> 1);
        };
    }

    private Place place() {
        return new Place(id(), name());
    }

    private String name() {
        String raw = raw(1 + random.nextInt(random.nextInt(8) == 0 ? 255 : 12));
        return raw.equals(".") || raw.equals("..") ? "dots" : raw;
    }

    private String raw(int length) {
        StringBuilder raw = new StringBuilder();
        while (raw.length() < length) {
            char c = (char) (1 + random.nextInt(255));
            raw.append(c == '/' ? '_' : c);
        }
        return raw.toString();
    }

    private Timestamp time() {
        return new Timestamp(random.nextInt(), random.nextInt(1_000_000_000));
    }

    private Dot dot() {
        return new Dot(
                random.nextInt(3) == 0 ? random.nextLong() : random.nextInt(3),
                1 + (random.nextLong() >>> random.nextInt(1, 63)));
    }

    private List<Dot> someDots() {
        List<Dot> dots = new ArrayList<>();
        for (int n = random.nextInt(4); n > 0; n--) {
            dots.add(dot());
        }
        return dots;
    }

    private DotSet dots() {
        DotSet dots = DotSet.of(someDots());
        for (int n = random.nextInt(3); n > 0; n--) {
            long first = 1L + random.nextInt(1000);
            dots.add(new DotSet.Run(random.nextInt(2), first, first + random.nextInt(50)));
        }
        return dots;
    }

    private Set<Id> ids() {
        Set<Id> ids = new HashSet<>();
        for (int n = random.nextInt(3); n > 0; n--) {
            ids.add(id());
        }
        return ids;
    }

    private int generation() {
        return 1 + random.nextInt(200);
    }

    private Id id() {
        return new Id(random.nextLong(), random.nextLong());
    }
}
