package isle.crypto.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Origin;
import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import isle.fs.model.Timestamp;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What a reader is shown who has not read everything, or whom somebody wants to lead in circles. */
class TreeTest {

    private static final Id ROOT = new Id(0, 0);
    private static final Id ONE = new Id(0, 1);
    private static final Id OTHER = new Id(0, 2);

    private final Map<Id, Directory> directories = new HashMap<>();
    private long drawn;

    private void name(Id parent, String name, Id child) {
        Dot dot = new Dot(1, ++drawn);
        Attributes attributes = Attributes.of(FileKind.DIRECTORY, 0755, 0, 0, 0, Timestamp.EPOCH);
        EntryRecord entry = new EntryRecord(
                dot,
                name,
                new Origin(drawn, "host", Timestamp.EPOCH),
                new Here(child, attributes, Content.NONE),
                dot,
                List.of(),
                List.of());
        directories
                .computeIfAbsent(parent, p -> new Directory())
                .add(new Pack(new Id(9, drawn), parent, List.of(entry), null, null, Map.of()));
    }

    private Set<String> paths() {
        TreeSet<String> paths = new TreeSet<>();
        walk(new Tree(directories, ROOT), List.of(ROOT), "", paths);
        return paths;
    }

    private static void walk(Tree tree, List<Id> group, String above, Set<String> paths) {
        assertTrue(above.length() < 40, "no end: " + above);
        tree.list(group).forEach((name, shown) -> {
            paths.add(above + "/" + name);
            walk(tree, shown.directories(), above + "/" + name, paths);
        });
    }

    /** The packs are missing that say where the folders are: the later name counts (R14), and there is no cycle. */
    @Test
    void foldersThatDoNotSayWhereTheyAreEndSomewhere() {
        name(ROOT, "one", ONE);
        name(ONE, "other", OTHER);
        name(OTHER, "one", ONE);
        assertEquals(new TreeSet<>(List.of("/one", "/one/other")), paths());
    }

    @Test
    void aFolderThatDoesNotSayWhereItIsIsShownOnce() {
        name(ROOT, "one", ONE);
        name(ROOT, "other", OTHER);
        name(OTHER, "moved", ONE);
        assertEquals(new TreeSet<>(List.of("/other", "/other/moved")), paths());
    }

    @Test
    void theRootIsInNoFolder() {
        name(ROOT, "root", ROOT);
        name(ROOT, "one", ONE);
        name(ONE, "root", ROOT);
        name(ONE, "one", ONE);
        assertEquals(new TreeSet<>(List.of("/one")), paths());
    }
}
