package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import isle.fs.journal.QuietLog;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.Volume.Entry;
import isle.fs.store.MemoryObjectStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is to be stored of changes in a vault that come between two commits, whatever their order. */
@ExtendWith(QuietLog.class)
class VaultVfsTest {
    @TempDir
    Path folder;

    private final SimulatedClock clock = new SimulatedClock();
    private MemoryObjectStore store;
    private VaultRigVolume volume;
    private VfsRig rig;

    @BeforeEach
    void open() throws Exception {
        store = new MemoryObjectStore(clock.wall(), new Random(1));
        volume = new VaultRigVolume(1, folder, store);
        rig = VfsRig.stepped(folder.resolve("state"), store, clock, () -> {}, volume);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private void assertStored(String... paths) throws FsException {
        rig.await();
        assertEquals(List.of(paths), List.copyOf(volume.stored(store).keySet()));
    }

    /** The folder takes the file's name, and the file is to be in the folder: each waited for the other. */
    @Test
    void aFileMovesIntoANewFolderOfItsName() throws Exception {
        rig.put("f", "content");
        rig.await();
        rig.rename("f", "t");
        rig.mkdir("f");
        rig.rename("t", "f/x");
        assertStored("f", "f/x");
        rig.restart();
        assertEquals("content", rig.text("f/x"));
    }

    /** A whole folder may have been made in the place of the file by then. */
    @Test
    void aFileMovesDeepIntoANewFolderOfItsName() throws Exception {
        rig.put("f", "content");
        rig.await();
        rig.rename("f", "t");
        rig.mkdir("f");
        rig.mkdir("f/g");
        rig.put("f/other", "more");
        rig.rename("t", "f/g/f");
        assertStored("f", "f/g", "f/g/f", "f/other");
    }

    @Test
    void aFolderMovesIntoANewFolderOfItsName() throws FsException {
        rig.mkdir("a");
        rig.put("a/f", "content");
        rig.await();
        rig.mkdir("t");
        rig.rename("a", "t/inner");
        rig.rename("t", "a");
        rig.put("a/f", "outer");
        assertStored("a", "a/f", "a/inner", "a/inner/f");
    }

    @Test
    void newFoldersTakeEachOthersFiles() throws FsException {
        rig.put("a", "one");
        rig.put("b", "other");
        rig.await();
        rig.rename("a", "ta");
        rig.rename("b", "tb");
        rig.mkdir("a");
        rig.mkdir("b");
        rig.rename("ta", "b/x");
        rig.rename("tb", "a/x");
        assertStored("a", "a/x", "b", "b/x");
        assertEquals("one", rig.text("b/x"));
    }

    /** As npm updates a package: the new folder takes the name of the old one, and something out of it. */
    @Test
    void aFolderTakesTheNameOfOneThatIsRemoved_andSomethingOutOfIt() throws Exception {
        updated(0);
    }

    /** Before and after each request of it: what was not heard of is found, and nothing of the old one stays. */
    @Test
    void soItIsAfterACrash() throws Exception {
        for (int cut = 1; cut <= 24; cut++) {
            updated(cut);
        }
    }

    /** @param cut the process dies at the so many-th moment before or after a request; 0: it does not */
    private void updated(int cut) throws Exception {
        SimulatedClock clock = new SimulatedClock();
        MemoryObjectStore store = new MemoryObjectStore(clock.wall(), new Random(3));
        VaultRigVolume volume = new VaultRigVolume(3 + cut, folder.resolve("vault" + cut), store);
        int[] left = {0};
        UnclosedStore.Hook hook = () -> {
            if (left[0] > 0 && --left[0] == 0) {
                left[0] = 1;
                throw new FsException.Unavailable("cut");
            }
        };
        try (VfsRig rig = VfsRig.stepped(folder.resolve("state" + cut), store, clock, hook, volume)) {
            rig.mkdir("d");
            rig.mkdir("d/in");
            rig.mkdir("d/in/inner");
            rig.put("d/in/inner/x", "x");
            rig.put("d/f", "old");
            rig.await();
            rig.rename("d", "aside");
            rig.mkdir("d");
            rig.mkdir("d/in");
            rig.put("d/f", "new");
            rig.rename("aside/in/inner", "d/in/inner");
            rig.rmdir("aside/in");
            rig.unlink("aside/f");
            rig.rmdir("aside");
            if (cut > 0) {
                left[0] = cut;
                for (int i = 0; i < 20; i++) {
                    rig.round();
                    clock.advanceMillis(1000);
                }
                left[0] = 0;
                rig.crash();
            }
            rig.await();
            List<String> all = List.of("d", "d/f", "d/in", "d/in/inner", "d/in/inner/x");
            assertEquals(all, List.copyOf(volume.stored(store).keySet()), "cut " + cut);
            rig.restart();
            assertEquals("new", rig.text("d/f"));
            assertEquals("x", rig.text("d/in/inner/x"));
            // It is one folder, which can be moved and removed as any other.
            rig.rename("d", "e");
            rig.unlink("e/f");
            rig.await();
            assertEquals(
                    List.of("e", "e/in", "e/in/inner", "e/in/inner/x"),
                    List.copyOf(volume.stored(store).keySet()),
                    "cut " + cut);
        }
    }

    /**
     * What goes out of a folder cannot be sent, since the content of another file cannot be had; then the folder does not
     * go either. It would come back to life with what is in it, by a name that it no longer has.
     */
    @Test
    void aFolderIsNotRemovedBeforeWhatWasInIt() throws Exception {
        rig.put("x", "content");
        rig.mkdir("old");
        rig.put("old/f", "moved");
        rig.mkdir("replaced");
        rig.put("replaced/g", "moved, too");
        rig.await();
        rig.rename("old", "new");
        rig.await();
        rig.write("x", 100, "more".getBytes(StandardCharsets.UTF_8));
        rig.rename("new/f", "f");
        rig.rmdir("new");
        rig.rename("replaced/g", "g");
        rig.rmdir("replaced");
        rig.put("replaced", "by a file");
        // What was read of the file before is forgotten.
        rig.restart();
        rig.connection.away(true);
        rig.round();
        rig.connection.away(false);
        rig.refreshAll();
        assertStored("f", "g", "replaced", "x");
        assertEquals(List.of("f", "g", "replaced", "x"), rig.list(""));
        assertEquals("by a file", rig.text("replaced"));
    }

    private enum Meanwhile {
        NOTHING,
        CRASH,
        LIST
    }

    /**
     * A folder took a file's name, and came to the store beside the file, which was to go into it next: that one shows
     * under no other name meanwhile, and goes if it is removed before.
     */
    @Test
    void whatAFolderTookTheNameOfDoesNotShowBesideIt() throws Exception {
        for (int cut = 1; cut <= 8; cut++) {
            for (Meanwhile meanwhile : Meanwhile.values()) {
                removedFromBeside(cut, meanwhile);
            }
        }
    }

    /** @param cut the store is away from the so many-th moment before or after a request */
    private void removedFromBeside(int cut, Meanwhile meanwhile) throws Exception {
        String name = meanwhile + " " + cut;
        MemoryObjectStore store = new MemoryObjectStore(clock.wall(), new Random(3));
        VaultRigVolume volume = new VaultRigVolume(3 + cut, folder.resolve("vault " + name), store);
        int[] left = {0};
        UnclosedStore.Hook hook = () -> {
            if (left[0] > 0 && --left[0] == 0) {
                left[0] = 1;
                throw new FsException.Unavailable("cut");
            }
        };
        try (VfsRig rig = VfsRig.stepped(folder.resolve("state " + name), store, clock, hook, volume)) {
            rig.put("f", "content");
            rig.await();
            rig.rename("f", "t");
            rig.mkdir("f");
            rig.rename("t", "f/x");
            left[0] = cut;
            rig.round();
            left[0] = 0;
            switch (meanwhile) {
                case CRASH -> rig.crash();
                case LIST -> rig.refreshAll();
                default -> {}
            }
            assertEquals(List.of("f"), rig.list(""), name);
            rig.unlink("f/x");
            rig.await();
            assertEquals(List.of("f"), List.copyOf(volume.stored(store).keySet()), name);
            assertEquals(List.of("f"), rig.list(""), name);
        }
    }

    /**
     * This host has changed files while the store was away, and is killed; meanwhile another one saves the same files, and
     * compacts what it has replaced. Of that this one's mirror knows nothing any more when it starts: it was lost, or written
     * anew.
     */
    @Test
    void whatWasChangedFromVersionsThatACompactionHasDroppedArrives() throws Exception {
        arrivesAlthoughReplaced((rig, store) -> rig.loseIndex());
    }

    /** This host has its mirror, and was away for longer than the history of them was kept. */
    @Test
    void whatWasChangedFromVersionsThatHistoryHasDroppedArrives() throws Exception {
        arrivesAlthoughReplaced((rig, store) -> {
            List<ObjectKey> history = new ArrayList<>();
            store.list("p/", false, "", 1000).objects().forEach(each -> history.add(each.key()));
            assertFalse(history.isEmpty());
            store.deleteMany(history);
            rig.refreshAll();
            // By now the other folder has its place in memory.
            VfsVolume parts = rig.vfs.parts(FileName.of("v"));
            parts.loader.refreshNow(parts.tree.inode(rig.number("folder")));
        });
    }

    private interface Loss {
        void happen(VfsRig rig, MemoryObjectStore store) throws Exception;
    }

    private void arrivesAlthoughReplaced(Loss loss) throws Exception {
        SimulatedClock clock = new SimulatedClock();
        MemoryObjectStore store = new MemoryObjectStore(clock.wall(), new Random(3));
        VaultRigVolume volume = new VaultRigVolume(3, folder, store);
        try (VfsRig rig = VfsRig.stepped(folder.resolve("state"), store, clock, () -> {}, volume)) {
            rig.mkdir("folder");
            for (String name : List.of("written", "renamed", "removed", "folder/a", "folder/b", "folder/c")) {
                rig.put(name, "first " + name);
            }
            rig.await();
            rig.connection.away(true);
            rig.write("written", 0, "FIRST".getBytes(StandardCharsets.UTF_8));
            rig.rename("renamed", "new name");
            rig.unlink("removed");
            rig.kill();
            try (VaultHost other = volume.another(store, folder.resolve("other"), clock.wall())) {
                for (int i = 0; i < 9; i++) {
                    for (String name : List.of("written", "renamed", "removed")) {
                        byte[] bytes = ("other " + i).getBytes(StandardCharsets.UTF_8);
                        Entry there = other.entry("", name);
                        other.publish(other.save("", name, VaultHost.source(there), bytes));
                        clock.advanceMillis(Duration.ofHours(1).toMillis());
                    }
                }
            }
            rig.recover();
            loss.happen(rig, store);
            rig.await();
            NavigableMap<String, byte[]> stored = volume.stored(store);
            List<String> contents = new ArrayList<>();
            stored.forEach((name, bytes) -> contents.add(
                    name.replaceAll("\\(.*\\)", "(copy)") + ": " + new String(bytes, StandardCharsets.UTF_8)));
            assertEquals(
                    List.of(
                            "folder: ",
                            "folder/a: first folder/a",
                            "folder/b: first folder/b",
                            "folder/c: first folder/c",
                            "new name: first renamed",
                            "removed: other 8",
                            "renamed: other 8",
                            "written: FIRST written",
                            "written (copy): other 8"),
                    contents);
        }
    }
}
