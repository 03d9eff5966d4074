package isle.fs.index;

import static org.junit.jupiter.api.Assertions.assertEquals;

import isle.fs.model.Attributes;
import isle.fs.model.EntryVersion;
import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.Timestamp;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** What an index has to answer, in the simplest form, and a source of random changes. */
final class IndexModel {

    static final List<Long> VOLUMES = List.of(1L, 0x7fffL);

    final Map<Long, IndexEntry> entries = new TreeMap<>();
    final Map<Long, DirectoryState> states = new TreeMap<>();
    final Map<String, String> meta = new TreeMap<>();

    IndexModel copy() {
        IndexModel copy = new IndexModel();
        copy.entries.putAll(entries);
        copy.states.putAll(states);
        copy.meta.putAll(meta);
        return copy;
    }

    void apply(List<IndexChange> changes) {
        changes.forEach(this::apply);
        finish();
    }

    /** One change, without what happens at the end of a transaction. */
    void apply(IndexChange change) {
        if (change instanceof IndexChange.Put put) {
            IndexEntry entry = put.entry();
            entries.values()
                    .removeIf(e -> e.parent() == entry.parent() && e.name().equals(entry.name()));
            entries.put(entry.inode(), entry);
        } else if (change instanceof IndexChange.Remove remove) {
            entries.remove(remove.inode());
            if (!InodeNumbers.isRoot(remove.inode())) {
                states.remove(remove.inode());
            }
        } else if (change instanceof IndexChange.Listed listed) {
            if (isDirectory(listed.state().inode())) {
                states.put(listed.state().inode(), listed.state());
            }
        } else if (change instanceof IndexChange.Meta m) {
            meta.put(m.key(), m.value());
        }
    }

    private void finish() {
        boolean more = true;
        while (more) {
            more = entries.values().removeIf(e -> !isDirectory(e.parent()));
        }
        states.keySet().removeIf(inode -> !isDirectory(inode));
    }

    boolean isDirectory(long inode) {
        IndexEntry entry = entries.get(inode);
        return InodeNumbers.isRoot(inode) || (entry != null && entry.isDirectory());
    }

    Totals totals(long volume) {
        long count = 0;
        long bytes = 0;
        for (IndexEntry entry : entries.values()) {
            if (InodeNumbers.volumeOf(entry.inode()) == volume) {
                count++;
                bytes += entry.attributes().kind() == FileKind.FILE
                        ? entry.attributes().size()
                        : 0;
            }
        }
        return new Totals(count, bytes);
    }

    List<IndexEntry> children(long parent) {
        return entries.values().stream()
                .filter(e -> e.parent() == parent)
                .sorted(Comparator.comparing(IndexEntry::name))
                .toList();
    }

    List<Long> directories() {
        List<Long> all = new ArrayList<>();
        VOLUMES.forEach(volume -> all.add(InodeNumbers.rootOf(volume)));
        entries.values().stream().filter(IndexEntry::isDirectory).forEach(e -> all.add(e.inode()));
        return all;
    }

    /** Every question about what is in the model has the model's answer. */
    void assertAnswers(Index index) throws Exception {
        Map<Long, List<IndexEntry>> children = new HashMap<>();
        for (IndexEntry entry : entries.values()) {
            children.computeIfAbsent(entry.parent(), p -> new ArrayList<>()).add(entry);
            assertEquals(Optional.of(entry), index.find(entry.parent(), entry.name()));
            assertEquals(Optional.of(entry), index.find(entry.inode()));
        }
        for (long directory : directories()) {
            List<IndexEntry> expected = children.getOrDefault(directory, new ArrayList<>());
            expected.sort(Comparator.comparing(IndexEntry::name));
            assertEquals(expected, index.children(directory));
            assertEquals(Optional.empty(), index.find(directory, FileName.of("absent")));
            assertEquals(Optional.ofNullable(states.get(directory)), index.directory(directory));
        }
        for (long volume : VOLUMES) {
            assertEquals(totals(volume), index.totals(InodeNumbers.rootOf(volume)));
        }
        for (Map.Entry<String, String> each : meta.entrySet()) {
            assertEquals(Optional.of(each.getValue()), index.meta(each.getKey()));
        }
        assertEquals(Optional.empty(), index.meta("absent"));
    }

    /** Makes random changes that fit this model, and applies them to it. */
    List<IndexChange> randomChanges(RandomGenerator random, int count) {
        List<IndexChange> changes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            IndexChange change = randomChange(random);
            changes.add(change);
            apply(change);
        }
        finish();
        return changes;
    }

    private IndexChange randomChange(RandomGenerator random) {
        List<IndexEntry> all = List.copyOf(entries.values());
        int dice = random.nextInt(100);
        if (all.isEmpty() || dice < 40) {
            long volume = VOLUMES.get(random.nextInt(VOLUMES.size()));
            long inode = InodeNumbers.of(volume, 2 + random.nextLong(InodeNumbers.MAX_COUNTER / 2));
            FileKind kind = random.nextInt(3) == 0 ? FileKind.DIRECTORY : FileKind.ofCode(1 + random.nextInt(7));
            return new IndexChange.Put(randomEntry(random, inode, randomDirectory(random, volume), kind));
        }
        IndexEntry old = all.get(random.nextInt(all.size()));
        long inode = old.inode();
        if (dice < 60) {
            IndexEntry rewritten =
                    randomEntry(random, inode, old.parent(), old.attributes().kind());
            return new IndexChange.Put(named(rewritten, old.parent(), old.name()));
        } else if (dice < 75) {
            long parent = randomDirectory(random, InodeNumbers.volumeOf(inode));
            FileName name = random.nextBoolean() ? old.name() : randomName(random);
            return new IndexChange.Put(isBelow(parent, inode) ? old : named(old, parent, name));
        } else if (dice < 85) {
            return new IndexChange.Remove(inode);
        } else if (dice < 95) {
            List<Long> directories = directories();
            return new IndexChange.Listed(new DirectoryState(
                    directories.get(random.nextInt(directories.size())),
                    random.nextLong(1L << 45),
                    random.nextBoolean()));
        }
        return new IndexChange.Meta("key" + random.nextInt(5), randomText(random, random.nextInt(50), 0x10000));
    }

    private boolean isBelow(long inode, long ancestor) {
        for (IndexEntry at = entries.get(inode); at != null; at = entries.get(at.parent())) {
            if (at.inode() == ancestor) {
                return true;
            }
        }
        return false;
    }

    private long randomDirectory(RandomGenerator random, long volume) {
        List<Long> directories = directories();
        directories.removeIf(inode -> InodeNumbers.volumeOf(inode) != volume);
        return directories.get(random.nextInt(directories.size()));
    }

    static IndexEntry named(IndexEntry entry, long parent, FileName name) {
        return new IndexEntry(
                entry.inode(), parent, name, entry.ref(), entry.version(), entry.attributes(), entry.described());
    }

    static IndexEntry file(long inode, long parent, String name, long size) {
        Attributes attributes = Attributes.of(FileKind.FILE, 0644, 1000, 1000, size, new Timestamp(1_790_000_000, 5));
        EntryVersion version = new EntryVersion("\"d41d8cd98f00b204e9800998ecf8427e\" " + size, "content" + size, size);
        return new IndexEntry(inode, parent, FileName.of(name), "some/folder/" + name, version, attributes, true);
    }

    static IndexEntry directory(long inode, long parent, String name) {
        Attributes attributes = Attributes.of(FileKind.DIRECTORY, 0755, 1000, 1000, 0, Timestamp.EPOCH);
        return new IndexEntry(inode, parent, FileName.of(name), "some/folder/" + name + "/", null, attributes, false);
    }

    static IndexEntry randomEntry(RandomGenerator random, long inode, long parent, FileKind kind) {
        TreeMap<String, String> xattrs = new TreeMap<>();
        for (int i = random.nextInt(4) - 2; i > 0; i--) {
            xattrs.put(randomText(random, 1 + random.nextInt(20), 256), randomText(random, random.nextInt(300), 256));
        }
        Attributes attributes = new Attributes(
                kind,
                random.nextInt(Attributes.PERMISSION_MASK + 1),
                random.nextInt(),
                random.nextInt(),
                random.nextLong(1L << random.nextInt(1, 50)),
                new Timestamp(random.nextLong(), random.nextInt(1_000_000_000)),
                new Timestamp(random.nextInt(), random.nextInt(1_000_000_000)),
                random.nextInt(5) == 0 ? random.nextLong() : 0,
                kind == FileKind.SYMLINK ? randomText(random, random.nextInt(100), 256) : "",
                xattrs);
        EntryVersion version = random.nextInt(4) == 0
                ? null
                : new EntryVersion(
                        randomText(random, 1 + random.nextInt(40), 256),
                        randomText(random, 1 + random.nextInt(40), 0x10000),
                        random.nextLong(Long.MAX_VALUE));
        String ref = randomText(random, random.nextInt(80), random.nextBoolean() ? 128 : 0x10000);
        return new IndexEntry(inode, parent, randomName(random), ref, version, attributes, random.nextBoolean());
    }

    /** Few names, so that they meet; some of them prefixes of others, some of odd bytes. */
    private static FileName randomName(RandomGenerator random) {
        String stem = random.nextInt(10) == 0 ? randomText(random, 1 + random.nextInt(200), 256) : "name";
        String name = stem.replace('/', '_').replace('\0', '_') + "x".repeat(random.nextInt(30));
        return new FileName(name.equals(".") || name.equals("..") ? "dots" : name);
    }

    private static String randomText(RandomGenerator random, int length, int bound) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) random.nextInt(bound));
        }
        return text.toString();
    }
}
