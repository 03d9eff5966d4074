package isle.fs.store;

import isle.fs.model.ObjectKey;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds out at start what a store has: the names in its directories say which headers there are, the index log says what
 * is in them, and those it does not know are read. Removes what a crash left behind.
 */
final class Recovery {

    /** Enough of a damaged header to guess its key from. */
    private static final int GUESS_BYTES = 2048;

    private final Folder folder;
    private final Disk disk;
    private final ObjectFiles files;
    private final Map<Long, IndexLog.Known> known;
    private final boolean clean;

    private final Map<String, Entry> objects = new HashMap<>();
    private final List<IndexLog.Known> unlogged = new ArrayList<>();
    private final Map<String, Damage> damages = new HashMap<>();
    private long lastSerial;

    /** A damaged header, and what it seems to say. */
    record Damage(String stem, long serial, DamagedObject object, Optional<Entry> guess) {}

    /**
     * @param known what the index log says, by serial
     * @param clean whether to remove what is left over
     */
    Recovery(Folder folder, Disk disk, ObjectFiles files, Map<Long, IndexLog.Known> known, boolean clean) {
        this.folder = folder;
        this.disk = disk;
        this.files = files;
        this.known = known;
        this.clean = clean;
    }

    void run() throws IOException {
        String[] shards = folder.objects().toFile().list();
        for (String name : shards == null ? new String[0] : shards) {
            if (name.matches("[0-9a-f]{2}")) {
                recover(folder.objects().resolve(name));
            }
        }
    }

    Map<String, Entry> objects() {
        return objects;
    }

    /** The keys of all objects, in the order in which they were found: that of the log first. */
    List<String> keys() {
        List<String> keys = new ArrayList<>(objects.size());
        for (IndexLog.Known logged : known.values()) {
            Entry entry = objects.get(logged.key());
            if (entry != null && entry.serial() == logged.entry().serial()) {
                keys.add(logged.key());
            }
        }
        if (keys.size() < objects.size()) {
            Set<String> logged = new HashSet<>(keys);
            objects.keySet().stream().filter(key -> !logged.contains(key)).forEach(keys::add);
        }
        return keys;
    }

    /** Objects that the index log did not know. */
    List<IndexLog.Known> unlogged() {
        return unlogged;
    }

    /** Damaged headers by the stem of their names. */
    Map<String, Damage> damages() {
        return damages;
    }

    /** The greatest serial in any name. */
    long lastSerial() {
        return lastSerial;
    }

    private void recover(Path shard) throws IOException {
        // Not a directory stream: it makes a path of every name, which costs as much as all the rest.
        String[] names = shard.toFile().list();
        if (names == null) {
            throw new FileNotFoundException(shard + " cannot be listed");
        }
        List<Place.Name> contents = new ArrayList<>();
        List<Damage> damaged = new ArrayList<>();
        Map<String, Entry> found = new HashMap<>();
        for (String file : names) {
            Optional<Place.Name> parsed = Place.Name.parse(file);
            if (parsed.isEmpty()) {
                continue;
            }
            Place.Name name = parsed.get();
            lastSerial = Math.max(lastSerial, name.serial());
            if (!name.isHeader()) {
                contents.add(name);
                continue;
            }
            Place place = new Place(shard, name.stem());
            IndexLog.Known logged = known.get(name.serial());
            if (logged != null) {
                addNewest(place, logged.key(), logged.entry(), found);
            } else {
                readHeader(place, name.serial(), found, damaged);
            }
        }
        addDamaged(damaged, found);
        if (clean) {
            removeUnused(shard, contents, found);
        }
        objects.putAll(found);
    }

    private void readHeader(Place place, long serial, Map<String, Entry> found, List<Damage> damaged) {
        try {
            Header header = files.readHeader(place, serial);
            unlogged.add(new IndexLog.Known(header.key().value(), header.entry()));
            addNewest(place, header.key().value(), header.entry(), found);
        } catch (IOException e) {
            // Damaged, or the disk cannot read it: the concern of this object only.
            Path path = place.header(serial);
            Optional<Map.Entry<ObjectKey, Entry>> guess = guess(path)
                    .filter(guessed -> Folder.stem(guessed.getKey().value()).equals(place.stem()));
            String problem = String.valueOf(e.getMessage());
            DamagedObject object = new DamagedObject(path, guess.map(Map.Entry::getKey), problem);
            damaged.add(new Damage(place.stem(), serial, object, guess.map(Map.Entry::getValue)));
        }
    }

    /** Of two versions the later one counts: the store was stopped after it had written it. */
    private void addNewest(Place place, String key, Entry entry, Map<String, Entry> found) {
        Entry other = found.get(key);
        boolean newest = other == null || other.serial() < entry.serial();
        Entry older = newest ? other : entry;
        if (newest) {
            found.put(key, entry);
        }
        if (older != null && clean) {
            disk.discard(place.header(older.serial()));
        }
    }

    private void addDamaged(List<Damage> damaged, Map<String, Entry> found) {
        if (damaged.isEmpty()) {
            return;
        }
        Map<String, Entry> byStem = new HashMap<>();
        found.forEach((key, entry) -> byStem.put(Folder.stem(key), entry));
        for (Damage damage : damaged) {
            Entry whole = byStem.get(damage.stem());
            if (whole != null && whole.serial() > damage.serial()) {
                // Superseded by a whole one: no loss.
                if (clean) {
                    disk.discard(damage.object().file());
                }
                continue;
            }
            damages.merge(damage.stem(), damage, (a, b) -> a.serial() > b.serial() ? a : b);
            if (damage.object().key().isPresent() && damage.guess().isPresent()) {
                // Listed, so that nobody takes it for deleted; nobody will read by these numbers.
                Entry of = damage.guess().get();
                long size = Math.max(0, of.size());
                String key = damage.object().key().get().value();
                found.putIfAbsent(
                        key,
                        new Entry(
                                damage.serial(),
                                of.content(),
                                0,
                                of.etagHigh(),
                                of.etagLow(),
                                of.lastModifiedMillis(),
                                size));
            }
        }
    }

    private static Optional<Map.Entry<ObjectKey, Entry>> guess(Path path) {
        ByteBuffer start = ByteBuffer.allocate(GUESS_BYTES);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            while (start.hasRemaining() && channel.read(start) >= 0) {
                // Until it is full or the file ends.
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return HeaderCodec.guess(start.flip());
    }

    /** Content that no header refers to was on its way when the store was stopped, or belonged to an older version. */
    private void removeUnused(Path shard, List<Place.Name> contents, Map<String, Entry> found) {
        if (contents.isEmpty()) {
            return;
        }
        Set<Long> used = new HashSet<>();
        found.values().forEach(entry -> used.add(entry.content()));
        for (Place.Name name : contents) {
            // What a damaged header refers to is not known.
            if (!used.contains(name.serial()) && !damages.containsKey(name.stem())) {
                disk.discard(new Place(shard, name.stem()).content(name.serial(), name.number()));
            }
        }
    }
}
