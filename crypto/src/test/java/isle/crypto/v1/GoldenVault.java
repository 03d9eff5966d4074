package isle.crypto.v1;

import isle.crypto.seal.Id;
import isle.crypto.seal.Sealer;
import isle.crypto.tree.Compaction;
import isle.crypto.tree.Content;
import isle.crypto.tree.Dot;
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
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import isle.fs.spi.ObjectStore;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes a small vault with one of everything that format 1 has, once: what it made lies in the resources and stays
 * readable. {@link GoldenVaultTest} tells what is in it.
 */
final class GoldenVault {

    static final Id VAULT = new Id(0x1f2e3d4c5b6a7988L, 0x0102030405060708L);
    static final int BLOCK_BYTES = 100_000;
    private static final Timestamp TIME = new Timestamp(1_800_000_000L, 500_000_000);

    private final PackStore packs;
    private final ObjectStore store;
    private final Random random = new Random(20261129);
    private final Map<Id, List<Pack>> written = new HashMap<>();
    private final Map<Id, PackKey> keys = new HashMap<>();
    private final Set<Id> payloads = new HashSet<>();
    private final Map<Long, Map<Id, Long>> drawn = new HashMap<>();
    private long lamport;

    GoldenVault(ObjectStore store, byte[] key) {
        this.store = store;
        this.packs = new PackStore(store, VAULT, generation -> List.of(new Sealer(key)));
    }

    static byte[] large() {
        byte[] bytes = new byte[2 * BLOCK_BYTES + 12_345];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 + (i >> 8));
        }
        return bytes;
    }

    /** One commit in one directory. */
    private final class Commit {
        private final Id directory;
        private final long host;
        private final Id pack = id();
        private final Map<Long, Long> seen = new HashMap<>();
        private final List<EntryRecord> records = new ArrayList<>();
        private final ByteArrayOutputStream payload = new ByteArrayOutputStream();

        Commit(Id directory, long host) {
            this.directory = directory;
            this.host = host;
            drawn.forEach((writer, counters) -> {
                if (counters.containsKey(directory)) {
                    seen.put(writer, counters.get(directory));
                }
            });
        }

        EntryRecord add(String name, State state, @Nullable EntryRecord keptBirth, EntryRecord... replaced) {
            Dot dot = new Dot(
                    host, drawn.computeIfAbsent(host, h -> new HashMap<>()).merge(directory, 1L, Long::sum));
            Dot birth = keptBirth == null ? dot : keptBirth.birth();
            List<Dot> supersedes = new ArrayList<>();
            List<Dot> ends = new ArrayList<>();
            for (EntryRecord each : replaced) {
                supersedes.add(each.dot());
                if (!each.birth().equals(birth)) {
                    ends.add(each.birth());
                }
            }
            Origin made = new Origin(++lamport, host == 1 ? "laptop" : "büro", TIME);
            EntryRecord record = new EntryRecord(dot, name, made, state, birth, supersedes, ends);
            records.add(record);
            return record;
        }

        Content text(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            Content content = new Content.Packed(directory, pack, 1, payload.size(), bytes.length);
            payload.writeBytes(bytes);
            return content;
        }

        EntryRecord file(String name, String text, EntryRecord... replaced) {
            Id inode = replaced.length > 0 && replaced[0].state() instanceof Here here ? here.inode() : id();
            return add(name, here(inode, FileKind.FILE, text.length(), text(text)), null, replaced);
        }

        void write() throws FsException {
            Pack made = new Pack(pack, directory, records, null, null, seen);
            put(made, 0, ByteBuffer.wrap(payload.toByteArray()));
        }
    }

    private void put(Pack pack, int tier, ByteBuffer payload) throws FsException {
        PackCodec.SealedPack sealed = packs.codec(1).seal(pack, tier, payload);
        packs.put(sealed);
        keys.put(pack.id(), sealed.key());
        if (payload.hasRemaining()) {
            payloads.add(pack.id());
        }
        written.computeIfAbsent(pack.directory(), d -> new ArrayList<>()).add(pack);
    }

    /** The first record of a directory: its register. */
    private EntryRecord first(Id directory) {
        return Objects.requireNonNull(written.get(directory)).get(0).records().get(0);
    }

    private Id id() {
        return new Id(random.nextLong(), random.nextLong());
    }

    private static Here here(Id inode, FileKind kind, long size, Content content) {
        return new Here(
                inode, Attributes.of(kind, kind == FileKind.DIRECTORY ? 0755 : 0644, 1000, 1000, size, TIME), content);
    }

    private EntryRecord directory(Commit parent, String name, Id id) throws FsException {
        Commit own = new Commit(id, parent.host);
        own.add(EntryRecord.PLACE, new Placed(new Place(parent.directory, name), null), null);
        own.write();
        return parent.add(name, here(id, FileKind.DIRECTORY, 0, Content.NONE), null);
    }

    void make() throws FsException {
        Id folder = id();
        Id empty = id();
        Id removed = id();
        Id moved = id();
        Commit first = new Commit(VAULT, 1);
        EntryRecord notes = first.file("notes.txt", "first");
        EntryRecord plan = first.file("plan.md", "a plan");
        EntryRecord gone = first.file("gone.txt", "not there any more");
        directory(first, "folder", folder);
        directory(first, "empty", empty);
        EntryRecord removedEntry = directory(first, "removed", removed);
        EntryRecord movedEntry = directory(first, "moved", moved);
        first.write();

        Commit second = new Commit(VAULT, 1);
        EntryRecord again = second.file("notes.txt", "second", notes);
        second.add("gone.txt", new Gone(null), null, gone);
        EntryRecord renamed = second.add("the plan.md", plan.state(), null);
        second.add("plan.md", new Gone(null), null, plan);
        byte[] target = "folder/grüße.txt".getBytes(StandardCharsets.UTF_8);
        Attributes link = Attributes.of(FileKind.SYMLINK, 0777, 1000, 1000, 0, TIME)
                .withSymlinkTarget(new String(target, StandardCharsets.ISO_8859_1));
        second.add("link", new Here(id(), link, Content.NONE), null);
        second.write();

        Commit mine = new Commit(VAULT, 1);
        Commit theirs = new Commit(VAULT, 2);
        mine.file("notes.txt", "from the laptop", again);
        Here plain = (Here) renamed.state();
        Attributes attributes =
                plain.attributes().withPermissions(0600).withXattrs(Map.of("user.mark", "\u0001\u00ff"));
        mine.add("the plan.md", new Here(plain.inode(), attributes, plain.content()), renamed, renamed);
        mine.write();
        theirs.file("notes.txt", "from the office", again);
        theirs.write();

        Commit inside = new Commit(folder, 2);
        inside.file(new String("grüße.txt".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1), "hello");
        inside.add("large.bin", large(id()), null);
        inside.write();

        Commit away = new Commit(removed, 2);
        EntryRecord register = first(removed);
        away.add(EntryRecord.PLACE, new Gone(new Place(VAULT, "removed")), null, register);
        away.write();
        move(moved, folder, movedEntry, removedEntry);
        compact(VAULT);
    }

    private Here large(Id inode) throws FsException {
        ByteBuffer bytes = ByteBuffer.wrap(large());
        List<Content.Block> blocks = new ArrayList<>();
        while (bytes.hasRemaining()) {
            int length = Math.min(BLOCK_BYTES, bytes.remaining());
            ByteBuffer sealed = ByteBuffer.allocate(PackStore.sealedBytes(length));
            blocks.add(packs.put(inode, id(), 1, bytes.slice(bytes.position(), length), sealed));
            bytes.position(bytes.position() + length);
        }
        return here(inode, FileKind.FILE, large().length, new Content.Blocks(blocks));
    }

    private void move(Id moved, Id to, EntryRecord entry, EntryRecord removedEntry) throws FsException {
        Commit register = new Commit(moved, 1);
        EntryRecord place = first(moved);
        register.add(EntryRecord.PLACE, new Placed(new Place(to, "here"), new Place(VAULT, "moved")), null, place);
        register.file("kept", "moved with its folder");
        register.write();
        Commit target = new Commit(to, 1);
        target.add("here", entry.state(), null);
        target.write();
        Commit source = new Commit(VAULT, 1);
        source.add("moved", new Gone(null), null, entry);
        source.add("removed", new Gone(null), null, removedEntry);
        source.write();
    }

    /** The packs of a directory become three; those that go are kept for their payload (R11). */
    private void compact(Id directory) throws FsException {
        List<Pack> inputs = List.copyOf(Objects.requireNonNull(written.get(directory)));
        for (Pack pack : new Compaction().of(directory, inputs, 4, this::id)) {
            put(pack, 1, ByteBuffer.allocate(0));
        }
        for (Pack input : inputs) {
            PackKey key = Objects.requireNonNull(keys.get(input.id()));
            if (payloads.contains(input.id())) {
                packs.keep(key, store.head(key.key()).summary());
            }
            store.delete(key.key());
        }
    }
}
