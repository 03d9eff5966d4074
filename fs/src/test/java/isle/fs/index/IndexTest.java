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
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IndexTest {
    private static final long VOLUME = 3;
    private static final long ROOT = InodeNumbers.rootOf(VOLUME);

    @TempDir
    Path folder;

    private Index open() throws FsException {
        return Index.open(folder.resolve("index.db"), folder.resolve("lib"), () -> 1000);
    }

    @Test
    void everyFieldComesBackAsItWas() throws Exception {
        StringBuilder all = new StringBuilder();
        for (char c = 0; c < 256; c++) {
            all.append(c);
        }
        TreeMap<String, String> xattrs = new TreeMap<>();
        xattrs.put("user.a", all.toString());
        xattrs.put("user.b\u00ff", "");
        Attributes attributes = new Attributes(
                FileKind.SYMLINK,
                07777,
                -1,
                Integer.MAX_VALUE,
                Long.MAX_VALUE,
                new Timestamp(-5, 999_999_999),
                new Timestamp(Long.MAX_VALUE, 1),
                -7,
                all.substring(1),
                xattrs);
        String name = all.substring(1).replace("/", "");
        long inode = InodeNumbers.of(VOLUME, 2000);
        IndexEntry entry = new IndexEntry(
                inode,
                ROOT,
                new FileName(name),
                "ref/\ud800\u20ac" + all,
                new EntryVersion("t\u0000", "c\ud801", 17),
                attributes,
                true);
        try (Index index = open()) {
            long first = index.reserveInodes(VOLUME, 5);
            assertEquals(InodeNumbers.of(VOLUME, 1000), first);
            index.apply(List.of(new IndexChange.Put(entry), new IndexChange.Meta("k", "v")));
            assertEquals(Optional.of(entry), index.find(inode));
            assertEquals(Optional.of(entry), index.find(ROOT, new FileName(name)));
            assertEquals(List.of(entry), index.children(ROOT));
            assertEquals(Optional.empty(), index.find(ROOT, FileName.of("x")));
            index.checkInvariants();
        }
        try (Index index = open()) {
            assertEquals(List.of(entry), index.children(ROOT));
            assertEquals(Optional.of("v"), index.meta("k"));
            assertEquals(new Totals(1, 0), index.totals(ROOT));
            index.checkInvariants();
            assertTrue(index.reserveInodes(VOLUME, 1) > inode);
            assertThrows(
                    FsException.Stale.class,
                    () -> index.apply(List.of(new IndexChange.Put(new IndexEntry(
                            InodeNumbers.of(VOLUME, 7),
                            InodeNumbers.of(VOLUME, 8),
                            FileName.of("a"),
                            "",
                            null,
                            attributes,
                            false)))));
        }
    }
}
