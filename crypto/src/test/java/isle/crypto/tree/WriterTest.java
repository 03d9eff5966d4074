package isle.crypto.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord.Gone;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Origin;
import isle.crypto.tree.Shown.Version;
import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What one commit of several changes says, and in which order. What comes of it: {@link VaultSimulationTest}. */
class WriterTest {

    private static final Id ROOT = new Id(0, 0);
    private static final Id ONE = new Id(0, 1);
    private static final Id OTHER = new Id(0, 2);
    private static final Attributes FOLDER = Attributes.of(FileKind.DIRECTORY, 0755, 0, 0, 0, Timestamp.EPOCH);

    private final Map<Id, Directory> directories = new HashMap<>();
    private final Tree tree = new Tree(directories, ROOT);
    private final Map<Id, Long> drawn = new HashMap<>();
    private long ids;

    private static Here file(long number) {
        return new Here(new Id(5, number), Attributes.of(FileKind.FILE, 0644, 0, 0, 0, Timestamp.EPOCH), Content.NONE);
    }

    private static Dot dot(long incarnation, long counter) {
        return new Dot(incarnation, counter);
    }

    /** As a host sends it; another one knows it by its incarnation. */
    private void send(Drafts drafts, long incarnation) {
        List<EntryRecord> records = new ArrayList<>();
        for (Draft each : drafts.records()) {
            Dot dot = new Dot(incarnation, drawn.merge(drafts.directory(), 1L, Long::sum));
            records.add(each.record(dot, new Origin(++ids, "host", Timestamp.EPOCH)));
        }
        directories
                .computeIfAbsent(drafts.directory(), d -> new Directory())
                .add(new Pack(draw(), drafts.directory(), records, null, null, Map.of()));
        tree.joined(Set.of(drafts.directory()));
    }

    private Id draw() {
        return new Id(9, ++ids);
    }

    private void commit(Writer writer) {
        writer.drafts().forEach(each -> send(each, 1));
    }

    private Shown there(Id directory, String name) {
        Shown shown = tree.list(List.of(directory)).get(name);
        assertNotNull(shown);
        return shown;
    }

    /** A file in each of two folders. */
    private void twoFoldersWithAFile() {
        Writer writer = new Writer(tree);
        writer.makeDirectory(List.of(ROOT), "one", null, ONE, FOLDER);
        writer.makeDirectory(List.of(ROOT), "other", null, OTHER, FOLDER);
        writer.put(List.of(ONE), "a", null, file(1), false);
        writer.put(List.of(OTHER), "b", null, file(2), false);
        commit(writer);
    }

    @Test
    void aCommitInOneDirectoryIsOnePack() {
        twoFoldersWithAFile();
        Writer writer = new Writer(tree);
        writer.put(List.of(ONE), "new", null, there(ONE, "a").state(), false);
        writer.remove(List.of(ONE), there(ONE, "a"));
        List<Drafts> packs = writer.drafts();
        assertEquals(1, packs.size());
        assertEquals(ONE, packs.get(0).directory());
        assertEquals(
                List.of("new", "a"),
                packs.get(0).records().stream().map(Draft::name).toList());
    }

    @Test
    void aRegisterComesBeforeWhatNamesItsDirectory_butAfterThatOfTheOneAbove() {
        Writer writer = new Writer(tree);
        writer.makeDirectory(List.of(ROOT), "one", null, ONE, FOLDER);
        writer.makeDirectory(List.of(ONE), "other", null, OTHER, FOLDER);
        writer.put(List.of(OTHER), "a", null, file(1), false);
        assertEquals(
                List.of(ONE, OTHER, ROOT),
                writer.drafts().stream().map(Drafts::directory).toList());
    }

    /** Whoever dies after the first packs of it has both files, somewhere. */
    @Test
    void filesOfTwoDirectoriesChangePlaces_neitherGoesBeforeItHasCome() {
        twoFoldersWithAFile();
        Shown a = there(ONE, "a");
        Shown b = there(OTHER, "b");
        Writer writer = new Writer(tree);
        writer.put(List.of(ONE), "a", a, b.state(), false);
        writer.put(List.of(OTHER), "b", b, a.state(), false);
        List<Drafts> packs = writer.drafts();
        assertEquals(4, packs.size());
        packs.subList(0, 2).forEach(pack -> pack.records().forEach(each -> assertEquals(List.of(), each.replaced())));
        packs.subList(2, 4).forEach(pack -> pack.records().forEach(each -> assertEquals(new Gone(null), each.state())));
        packs.forEach(each -> send(each, 1));
        assertEquals(file(2), there(ONE, "a").state());
        assertEquals(file(1), there(OTHER, "b").state());
        assertEquals(Set.of("a"), tree.list(List.of(ONE)).keySet());
    }

    @Test
    void aCopyThatTheCommitRemovesIsNotKept() {
        twoFoldersWithAFile();
        Writer beside = new Writer(tree);
        beside.put(List.of(ONE), "a", null, file(3), false);
        beside.drafts().forEach(each -> send(each, 2));
        assertEquals(2, tree.list(List.of(ONE)).size());
        Writer writer = new Writer(tree);
        tree.list(List.of(ONE)).values().forEach(each -> writer.remove(List.of(ONE), each));
        commit(writer);
        assertEquals(Map.of(), tree.list(List.of(ONE)));
    }

    @Test
    void aFolderOfWhichItIsNotKnownWhereItIsIsNotMoved() {
        twoFoldersWithAFile();
        Map<Id, Directory> without = new HashMap<>(directories);
        without.remove(ONE);
        Tree half = new Tree(without, ROOT);
        Shown one = half.list().get("one");
        assertNotNull(one);
        Writer writer = new Writer(half);
        assertThrows(
                FsException.Unavailable.class,
                () -> writer.moveDirectory(List.of(OTHER), "one", null, one.directories(), FOLDER));
        assertEquals(List.of(), writer.drafts());
    }

    @Test
    void aFolderOfWhichItIsNotKnownWhereItIsGetsAnotherNameInItsPlace() throws FsException {
        twoFoldersWithAFile();
        Map<Id, Directory> without = new HashMap<>(directories);
        without.remove(ONE);
        Tree half = new Tree(without, ROOT);
        Shown one = half.list().get("one");
        assertNotNull(one);
        Writer writer = new Writer(half);
        writer.moveDirectory(List.of(ROOT), "new", null, one.directories(), FOLDER);
        writer.remove(List.of(ROOT), one);
        commit(writer);
        assertEquals(Set.of("new", "other"), tree.list().keySet());
    }

    /** A changer may remember ids only: what is still known of them is what it was shown. */
    @Test
    void whatWasShownEarlierIsFoundAgain() {
        twoFoldersWithAFile();
        Shown before = there(ONE, "a");
        Writer writer = new Writer(tree);
        writer.put(List.of(ONE), "a", before, file(3), false);
        commit(writer);
        List<Shown.VersionId> ids = before.versions().stream().map(Version::id).toList();
        assertEquals(before, tree.shown("a", ids));
        Shown one = there(ROOT, "one");
        assertEquals(
                one, tree.shown("one", one.versions().stream().map(Version::id).toList()));
        assertNull(tree.shown("a", List.of(new Shown.VersionId(ONE, dot(7, 7)))));
        List<Pack> compacted = new Compaction()
                .of(
                        ONE,
                        List.copyOf(
                                directories.getOrDefault(ONE, new Directory()).packs()),
                        9,
                        this::draw);
        directories.put(ONE, Directory.of(compacted, Rules.ALL));
        assertNull(new Tree(directories, ROOT).shown("a", ids));
        assertTrue(new Tree(directories, ROOT).list(List.of(ONE)).containsKey("a"));
    }
}
