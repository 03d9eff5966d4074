package isle.fs.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.Attributes;
import isle.fs.model.EntryVersion;
import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IndexTest {

    private static final long VOLUME = 3;
    private static final long ROOT = InodeNumbers.rootOf(VOLUME);
    private static final long DIR = inode(2000);
    private static final long OTHER = inode(2001);

    @TempDir
    Path folder;

    private Index index;

    IndexTest(@TempDir Path first) throws FsException {
        index = Index.open(first.resolve("index.db"), first.resolve("lib"), () -> 1000);
    }

    @BeforeEach
    void open() throws FsException {
        index.close();
        index = Index.open(folder.resolve("index.db"), folder.resolve("lib"), () -> 1000);
    }

    @AfterEach
    void check() throws FsException {
        index.checkInvariants();
        index.close();
    }

    private static long inode(long counter) {
        return InodeNumbers.of(VOLUME, counter);
    }

    private void put(IndexEntry... entries) throws FsException {
        List<IndexChange> changes = new ArrayList<>();
        for (IndexEntry entry : entries) {
            changes.add(new IndexChange.Put(entry));
        }
        index.apply(changes);
    }

    private static IndexChange remove(long inode) {
        return new IndexChange.Remove(inode);
    }

    private static IndexChange listed(long inode) {
        return new IndexChange.Listed(new DirectoryState(inode, 12_345, true));
    }

    private List<String> names(long parent) throws FsException {
        return index.children(parent).stream().map(e -> e.name().raw()).toList();
    }

    @Nested
    class Values {
        @Test
        void everyFieldComesBackAsItWas() throws Exception {
            StringBuilder bytes = new StringBuilder();
            for (char c = 0; c < 256; c++) {
                bytes.append(c);
            }
            String all = bytes.toString();
            TreeMap<String, String> xattrs = new TreeMap<>();
            xattrs.put("user.all", all);
            xattrs.put("user.\u00ff", "");
            Attributes attributes = new Attributes(
                    FileKind.SYMLINK,
                    07777,
                    -1,
                    Integer.MAX_VALUE,
                    Long.MAX_VALUE,
                    new Timestamp(Long.MIN_VALUE, 999_999_999),
                    new Timestamp(Long.MAX_VALUE, 0),
                    Long.MIN_VALUE,
                    all,
                    xattrs);
            FileName name = new FileName(all.replace("/", "").replace("\0", ""));
            // A ref may be any text, also one that is not well-formed.
            IndexEntry entry = new IndexEntry(
                    DIR,
                    ROOT,
                    name,
                    "ref/\ud800\u20ac" + all,
                    new EntryVersion("\0token", "content\udfff", Long.MAX_VALUE),
                    attributes,
                    true);
            put(entry);
            open();
            assertEquals(Optional.of(entry), index.find(DIR));
            assertEquals(Optional.of(entry), index.find(ROOT, name));
            assertEquals(List.of(entry), index.children(ROOT));
        }

        @Test
        void namesThatBeginAlikeAreToldApartAndOrderedByTheirBytes() throws Exception {
            String longest = "a".repeat(255);
            List<String> raw =
                    List.of("\u0001", " ", "A", "a", "a\u0001", "a ", "aa", longest, "b", "\u007f", "\u00ff");
            List<String> shuffled = new ArrayList<>(raw);
            Collections.shuffle(shuffled, new Random(5));
            for (int i = 0; i < shuffled.size(); i++) {
                IndexEntry file = IndexModel.file(inode(3000 + i), ROOT, "x", i);
                put(IndexModel.named(file, ROOT, new FileName(shuffled.get(i))));
            }
            assertEquals(raw, names(ROOT));
            assertEquals(Optional.empty(), index.find(ROOT, FileName.of("aaa")));
            assertEquals(Optional.empty(), index.find(ROOT, FileName.of("\u00e4")));
        }

        @Test
        void metaValuesAreReplacedAndKeptOverARestart() throws Exception {
            index.apply(List.of(new IndexChange.Meta("a", "1"), new IndexChange.Meta("\u20ac\0", "\ud800")));
            index.apply(List.of(new IndexChange.Meta("a", "")));
            open();
            assertEquals(Optional.of(""), index.meta("a"));
            assertEquals(Optional.of("\ud800"), index.meta("\u20ac\0"));
            assertEquals(Optional.empty(), index.meta("b"));
        }

        @Test
        void aHundredThousandChildrenAreListedWhole() throws Exception {
            put(IndexModel.directory(DIR, ROOT, "dir"));
            int count = 100_000;
            for (int from = 0; from < count; from += 5_000) {
                IndexEntry[] files = new IndexEntry[5_000];
                for (int i = 0; i < files.length; i++) {
                    String name = String.format("file-%06d", (from + i) * 7919L % count);
                    files[i] = IndexModel.file(inode(10_000 + from + i), DIR, name, 2);
                }
                put(files);
            }
            List<IndexEntry> children = index.children(DIR);
            assertEquals(count, children.size());
            for (int i = 0; i < count; i += 997) {
                assertEquals(
                        String.format("file-%06d", i), children.get(i).name().raw());
            }
            assertEquals(new Totals(count + 1, 2L * count), index.totals(ROOT));
            assertEquals(Optional.empty(), index.find(DIR, FileName.of("file-x")));
        }
    }

    @Nested
    class TheTree {
        @BeforeEach
        void twoDirectories() throws FsException {
            put(
                    IndexModel.directory(DIR, ROOT, "dir"),
                    IndexModel.directory(OTHER, ROOT, "other"),
                    IndexModel.file(inode(3000), DIR, "file", 7));
            index.apply(List.of(listed(DIR), listed(OTHER), listed(ROOT)));
        }

        @Test
        void aMovedDirectoryKeepsItsChildrenAndItsState() throws Exception {
            put(IndexModel.directory(DIR, OTHER, "moved"));
            assertEquals(List.of("other"), names(ROOT));
            assertEquals(List.of("moved"), names(OTHER));
            assertEquals(List.of("file"), names(DIR));
            assertTrue(index.directory(DIR).isPresent());
        }

        @Test
        void anEntryThatTakesANameRemovesTheOneThatHadIt() throws Exception {
            put(IndexModel.file(inode(3001), DIR, "file", 100));
            assertEquals(Optional.empty(), index.find(inode(3000)));
            assertEquals(new Totals(3, 100), index.totals(ROOT));
        }

        @Test
        void twoEntriesExchangeTheirNamesInOneTransaction() throws Exception {
            put(IndexModel.directory(DIR, ROOT, "other"), IndexModel.directory(OTHER, ROOT, "dir"));
            assertEquals(
                    DIR, index.find(ROOT, FileName.of("other")).orElseThrow().inode());
            assertEquals(List.of("file"), names(DIR));
            assertTrue(index.directory(OTHER).isPresent());
        }

        @Test
        void whatIsBelowARemovedDirectoryGoesWithIt() throws Exception {
            put(IndexModel.directory(inode(3005), DIR, "deep"), IndexModel.file(inode(3006), inode(3005), "f", 9));
            index.apply(List.of(remove(DIR)));
            assertEquals(Optional.empty(), index.find(inode(3006)));
            assertEquals(Optional.empty(), index.directory(DIR));
            assertEquals(List.of(), index.children(inode(3005)));
            assertEquals(new Totals(1, 0), index.totals(ROOT));
        }

        @Test
        void childrenThatMoveAwayInTheSameTransactionStay() throws Exception {
            index.apply(List.of(remove(DIR), new IndexChange.Put(IndexModel.file(inode(3000), OTHER, "saved", 7))));
            assertEquals(List.of("saved"), names(OTHER));
            assertEquals(new Totals(2, 7), index.totals(ROOT));
        }

        @Test
        void aDirectoryThatBecomesAFileHasNoChildrenAnyMore() throws Exception {
            put(IndexModel.file(DIR, ROOT, "dir", 1));
            assertEquals(Optional.empty(), index.find(inode(3000)));
            assertEquals(Optional.empty(), index.directory(DIR));
        }

        @Test
        void anEntryInAnUnknownDirectoryIsRefusedAndNothingIsChanged() throws Exception {
            List<IndexChange> changes = List.of(
                    remove(inode(3000)),
                    new IndexChange.Meta("key", "value"),
                    new IndexChange.Put(IndexModel.file(inode(3001), inode(9999), "lost", 1)));
            assertThrows(FsException.Stale.class, () -> index.apply(changes));
            assertTrue(index.find(inode(3000)).isPresent());
            assertEquals(Optional.empty(), index.meta("key"));
            assertEquals(new Totals(3, 7), index.totals(ROOT));
        }

        @Test
        void aListOfADirectoryThatIsGoneIsForgotten() throws Exception {
            index.apply(List.of(remove(DIR)));
            index.apply(List.of(listed(DIR), listed(inode(3000))));
            assertEquals(Optional.empty(), index.directory(DIR));
        }

        @Test
        void statesAreReplacedAndKeptOverARestart() throws Exception {
            DirectoryState state = new DirectoryState(DIR, 99, false);
            index.apply(List.of(new IndexChange.Listed(state)));
            open();
            assertEquals(Optional.of(state), index.directory(DIR));
            assertEquals(Optional.of(new DirectoryState(ROOT, 12_345, true)), index.directory(ROOT));
            assertEquals(Optional.empty(), index.directory(inode(3000)));
        }

        @Test
        void theRootOfAVolumeMayHaveAnEntryInAnotherOne() throws Exception {
            long top = InodeNumbers.rootOf(0);
            IndexEntry root = IndexModel.directory(ROOT, top, "public");
            put(root);
            assertEquals(List.of(root), index.children(top));
            assertEquals(new Totals(3, 7), index.totals(ROOT));
            index.apply(List.of(remove(ROOT)));
            assertEquals(List.of("dir", "other"), names(ROOT));
        }

        @Test
        void anEntryBelongsToTheVolumeOfItsDirectory() {
            assertThrows(IllegalArgumentException.class, () -> IndexModel.file(InodeNumbers.of(4, 3000), DIR, "f", 1));
        }
    }
}
