package isle.crypto.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.tree.EntryRecord;
import isle.crypto.v1.PackStore;
import isle.crypto.v1.TreeStore;
import isle.crypto.v1.TreeStore.Leaf;
import isle.crypto.vault.Problem.Kind;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An examination that is broken off goes on where it was. */
class ExaminationTest {

    private static final Id ROOT = VaultRig.VAULT;
    private static final int FILES = 40;

    @TempDir
    Path folder;

    private final VaultRig rig = new VaultRig();
    private final List<CareRig> open = new ArrayList<>();

    @BeforeEach
    void write() throws FsException {
        for (int i = 0; i < FILES; i++) {
            Id inode = rig.id();
            ByteBuffer sealed = ByteBuffer.allocate(PackStore.sealedBytes(1000));
            Content.Block block = rig.packs.put(inode, rig.id(), 1, ByteBuffer.wrap(rig.bytes(1000)), sealed);
            rig.put(ROOT, rig.entry(ROOT, "f" + i, VaultRig.file(inode, new Content.Blocks(List.of(block)))));
        }
    }

    @AfterEach
    void close() {
        open.forEach(CareRig::close);
        rig.close();
    }

    /** As when the connection of who asked has ended. */
    private static void goesAway(String text) {
        if (text.startsWith("Read 30 ")) {
            throw new UncheckedIOException(new IOException("gone"));
        }
    }

    private CareRig host() throws FsException {
        CareRig host = new CareRig(rig, folder);
        open.add(host);
        return host;
    }

    private List<String> blocks() throws FsException {
        return rig.keys().stream().filter(key -> key.startsWith("b/")).toList();
    }

    private Path kept() {
        return folder.resolve(Examined.FILE);
    }

    @Test
    void goesOnWhereItWas_alsoInAnotherLife() throws FsException {
        CareRig host = host();
        host.examine(false);
        long whole = rig.gets();
        host.examine(false);
        whole = rig.gets() - whole;
        assertFalse(Files.exists(kept()));

        assertThrows(UncheckedIOException.class, () -> host.examine(false, ExaminationTest::goesAway));
        assertTrue(Files.exists(kept()));
        long before = rig.gets();
        VaultCare.Report report = host.examine(false);
        long rest = rig.gets() - before;
        assertTrue(rest <= whole * 5 / 8 && rest > 0, rest + " of " + whole);
        assertEquals(FILES, report.packs());
        assertEquals(FILES, report.blocks());
        assertEquals(List.of(), report.alarms());
        assertFalse(Files.exists(kept()));

        assertThrows(UncheckedIOException.class, () -> host.examine(false, ExaminationTest::goesAway));
        CareRig next = host();
        before = rig.gets();
        next.examine(false);
        assertTrue(rig.gets() - before <= rest + 4, "a new life reads the rest");
        before = rig.gets();
        next.examine(false);
        assertEquals(whole, rig.gets() - before, "what has ended begins anew");
    }

    @Test
    void whatIsDamagedOrWasChangedSinceIsReadAgain() throws FsException {
        CareRig host = host();
        byte[] first = rig.get(blocks().get(0));
        rig.put(blocks().get(0), new byte[first.length]);
        Consumer<String> late = text -> {
            if (text.startsWith("Read " + 2 * FILES + " ")) {
                throw new UncheckedIOException(new IOException("gone"));
            }
        };
        assertThrows(UncheckedIOException.class, () -> host.examine(false, late));
        rig.put(blocks().get(1), new byte[first.length]);
        VaultCare.Report report = host.examine(false);
        assertEquals(List.of(Kind.CONTENT, Kind.CONTENT), CareRig.kinds(report));
        rig.put(blocks().get(0), first);
        assertEquals(List.of(Kind.CONTENT), CareRig.kinds(host.examine(false)));
    }

    @Test
    void whatWasReadLongAgoIsReadAgain() throws FsException {
        CareRig host = host();
        host.examine(false);
        long whole = rig.gets();
        host.examine(false);
        whole = rig.gets() - whole;
        assertThrows(UncheckedIOException.class, () -> host.examine(false, ExaminationTest::goesAway));
        host.pass(Examined.VALID.plusSeconds(1));
        long before = rig.gets();
        host.examine(false);
        assertEquals(whole, rig.gets() - before);
    }

    @Test
    void aDamagedFileIsNone() throws FsException, IOException {
        CareRig host = host();
        host.examine(false);
        assertThrows(UncheckedIOException.class, () -> host.examine(false, ExaminationTest::goesAway));
        byte[] file = Files.readAllBytes(kept());
        for (int at : new int[] {0, 9, 20, 30, 40, file.length - 1}) {
            byte[] changed = file.clone();
            changed[at] ^= 4;
            Files.write(kept(), changed);
            CareRig next = host();
            assertThrows(
                    UncheckedIOException.class,
                    () -> next.examine(false, text -> {
                        if (text.startsWith("Read 1 ")) {
                            throw new UncheckedIOException(new IOException("it began anew"));
                        }
                    }));
        }
        Files.write(kept(), file);
    }

    /** A file whose blocks are named by two leaves, of two blocks each. */
    private Content.Tree tree(Id inode, List<Leaf> shared) throws FsException {
        TreeStore trees = new TreeStore(rig.packs);
        List<Leaf> leaves = new ArrayList<>(shared);
        while (leaves.size() < 2) {
            List<Content.Block> blocks = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                ByteBuffer sealed = ByteBuffer.allocate(PackStore.sealedBytes(500));
                blocks.add(rig.packs.put(inode, rig.id(), 1, ByteBuffer.wrap(rig.bytes(500)), sealed));
            }
            leaves.add(trees.putLeaf(inode, rig.id(), 1, blocks));
        }
        return trees.putRoot(inode, rig.id(), 1, leaves);
    }

    @Test
    void whatNamesBlocksIsMissed_andWhatItNamesIsNot() throws FsException {
        Id inode = rig.id();
        Content.Tree tree = tree(inode, List.of());
        List<Leaf> leaves = new TreeStore(rig.packs).leaves(inode, tree);
        rig.put(ROOT, rig.entry(ROOT, "large", VaultRig.file(inode, tree)));
        CareRig host = host();
        VaultCare.Report whole = host.examine(false);
        assertEquals(List.of(), whole.alarms());
        assertEquals(FILES + 4 + 2 + 1, whole.blocks());
        assertEquals(0, whole.orphans());
        assertEquals(0, host.care.usage().orphans());
        assertEquals(FILES * 1000 + 2000, host.care.usage().liveBytes());

        for (String key : List.of(
                "b/" + tree.root().object(),
                "b/" + leaves.get(0).object().object(),
                "b/" + leaves.get(1).object().object(),
                "b/"
                        + new TreeStore(rig.packs)
                                .blocks(inode, leaves.get(1))
                                .get(1)
                                .object())) {
            byte[] there = rig.get(key);
            rig.memory.delete(new ObjectKey(key));
            assertEquals(List.of(Kind.CONTENT), CareRig.kinds(host.examine(false)), "missing");
            byte[] changed = there.clone();
            changed[changed.length / 2] ^= 1;
            rig.put(key, changed);
            assertEquals(List.of(Kind.CONTENT), CareRig.kinds(host.examine(false)), "damaged");
            host.care.look();
            assertEquals(1, host.care.alarms().size(), "and it stays so");
            rig.put(key, there);
            host.care.look();
            assertEquals(List.of(), host.care.alarms(), "it was mended");
            assertEquals(List.of(), host.examine(false).alarms());
        }
    }

    @Test
    void aTreeOfAnEarlierVersionIsHistory() throws FsException {
        Id inode = rig.id();
        Content.Tree first = tree(inode, List.of());
        List<Leaf> leaves = new TreeStore(rig.packs).leaves(inode, first);
        Content.Tree second = tree(inode, leaves.subList(1, 2));
        EntryRecord before = rig.entry(ROOT, "large", VaultRig.file(inode, first));
        rig.put(ROOT, before);
        rig.put(ROOT, rig.entry(ROOT, "large", VaultRig.file(inode, second), before));
        CareRig host = host();
        VaultCare.Report report = host.examine(false);
        assertEquals(List.of(), report.alarms());
        assertEquals(FILES + 6 + 3 + 2, report.blocks());
        assertEquals(0, report.orphans());
        assertEquals(1000, host.care.usage().historyBytes(), "what both have counts once");

        rig.memory.delete(new ObjectKey("b/" + leaves.get(0).object().object()));
        report = host.examine(false);
        assertEquals(List.of(), report.alarms());
        assertEquals(1, report.earlier());
        assertEquals(2, report.orphans(), "nothing else names its blocks");
    }

    @Test
    void itIsToldHowMuchThereIsAndHowLongItTakes() {
        List<String> said = new ArrayList<>();
        CareClock clock = new CareClock();
        Advance advance = new Advance(clock, said::add, 4, 400L << 20);
        advance.done(1);
        clock.pass(Duration.ofSeconds(10));
        advance.skipped(100L << 20);
        advance.done((100L << 20) - 1);
        clock.pass(Duration.ofMinutes(10));
        advance.done(100L << 20);
        assertEquals(
                List.of(
                        "Read 1 of 4 objects, 1 of 400 MiB",
                        "Read 3 of 4 objects, 200 of 400 MiB, about 20 s left",
                        "Read 4 of 4 objects, 300 of 400 MiB, about 5 min left"),
                said);
    }

    /** Stands until it is told. */
    private static final class CareClock implements InstantSource {
        private Instant now = Instant.EPOCH;

        void pass(Duration time) {
            now = now.plus(time);
        }

        @Override
        public Instant instant() {
            return now;
        }
    }
}
