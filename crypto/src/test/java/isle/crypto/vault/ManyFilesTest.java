package isle.crypto.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.tree.EntryRecord;
import isle.crypto.v1.PackCodec.SealedPack;
import isle.fs.model.FsException;
import isle.fs.store.FastTempDir;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A vault with many files takes little memory for each; {@code -Disle.vault.files=1000000} tries a million. */
class ManyFilesTest {
    private static final int FILES = Integer.getInteger("isle.vault.files", 200_000);
    private static final int IN_A_FOLDER = 500;
    private static final int LENGTH = 4096;
    private static final int MOST_IN_MEMORY = 20_000;

    /** What the records in memory take, and what goes with each folder. */
    private static final long MOST_BYTES_FOR_ANY = MOST_IN_MEMORY * 600L;

    private static final long MOST_BYTES_EACH = 150;

    @TempDir(factory = FastTempDir.class)
    Path folder;

    private final VaultRig rig = new VaultRig();

    @AfterEach
    void close() {
        rig.close();
    }

    private VaultState state() throws FsException {
        return new VaultState(
                rig.packs, VaultRig.VAULT, new LocalDisk(folder), rig.parallel, rig.random, MOST_IN_MEMORY);
    }

    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private List<Id> fill(VaultState state) throws FsException {
        List<Id> folders = new ArrayList<>();
        for (int at = 0; at < FILES; at += IN_A_FOLDER) {
            Id directory = rig.id();
            String name = "folder " + at;
            folders.add(directory);
            List<EntryRecord> records = new ArrayList<>();
            records.add(rig.madeIn(directory, VaultRig.VAULT, name));
            for (int i = 0; i < IN_A_FOLDER; i++) {
                Content content = new Content.Packed(directory, rig.id(), 1, (long) i * LENGTH, LENGTH);
                records.add(rig.entry(directory, "file " + i + " of " + name, VaultRig.file(rig.id(), content)));
            }
            SealedPack pack = rig.sealed(directory, records.toArray(EntryRecord[]::new));
            SealedPack above = rig.sealed(VaultRig.VAULT, rig.entry(VaultRig.VAULT, name, VaultRig.folder(directory)));
            state.add(List.of(pack, above));
        }
        return folders;
    }

    @Test
    void takeLittleMemoryEach() throws Exception {
        List<Id> folders;
        VaultState first = state();
        long before = used();
        folders = fill(first);
        long most = MOST_BYTES_FOR_ANY + MOST_BYTES_EACH * FILES;
        assertIsSmall(used() - before, most);
        check(first, folders);
        assertIsSmall(used() - before, most);
        first.close();
        VaultState again = state();
        check(again, folders);
        again.close();
    }

    private static void assertIsSmall(long bytes, long most) {
        assertTrue(bytes < most, bytes / FILES + " bytes for each file");
    }

    private void check(VaultState state, List<Id> folders) {
        assertEquals(folders.size(), state.list(List.of(VaultRig.VAULT)).size());
        for (int at = 0; at < folders.size(); at += folders.size() / 20) {
            assertEquals(IN_A_FOLDER, state.list(List.of(folders.get(at))).size());
        }
    }
}
