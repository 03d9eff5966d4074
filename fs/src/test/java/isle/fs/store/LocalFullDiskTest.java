package isle.fs.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is really full, or really read-only. Mounts one of two mebibytes, hence the tag. */
@Tag("fuse")
@Tag("root")
class LocalFullDiskTest extends StoreFixture {

    @TempDir
    Path mountPoint;

    @BeforeEach
    @Override
    void openStore() throws Exception {
        run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", mountPoint.toString());
        super.openStore();
    }

    @AfterEach
    @Override
    void closeStore() {
        super.closeStore();
        run("umount", mountPoint.toString());
    }

    @Override
    protected ObjectStore openEmpty() throws FsException {
        return LocalObjectStore.open(mountPoint.resolve("store"), InstantSource.system(), new SplittableRandom(1));
    }

    private static void run(String... command) {
        try {
            Process process = new ProcessBuilder(command).inheritIO().start();
            assertTrue(process.waitFor(20, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue(), List.of(command).toString());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Puts until the disk is full. Returns what was stored. */
    private Map<String, byte[]> fill(String prefix, int size) {
        Map<String, byte[]> stored = new TreeMap<>();
        while (true) {
            String name = prefix + stored.size();
            byte[] content = bytes(size, stored.size());
            try {
                put(name, content);
                stored.put(name, content);
            } catch (FsException e) {
                assertEquals(FsException.NoSpace.class, e.getClass());
                return stored;
            }
        }
    }

    @Test
    void zerosTakeNoSpace() throws Exception {
        byte[] content = new byte[64 << 20];
        content[5] = 1;
        content[40_000_000] = 2;
        put("sparse", content);
        assertContent(content, "sparse");
    }

    @Test
    void aFullDiskRefusesAndLosesNothing() throws Exception {
        Map<String, byte[]> stored = fill("k", 150_000);
        stored.putAll(fill("s", 3_000));

        assertThrows(FsException.NoSpace.class, () -> put("k0", bytes(150_000, 99)));
        assertThrows(FsException.NoSpace.class, () -> put("s0", bytes(60_000, 99)));
        String id = tryUpload();
        store.close();
        store = openEmpty();

        assertEquals(List.copyOf(stored.keySet()), listAll("", false, 1000));
        for (Map.Entry<String, byte[]> entry : stored.entrySet()) {
            assertArrayEquals(entry.getValue(), content(entry.getKey()));
        }
        store.delete(key("k0"));
        put("new", bytes(140_000, 5));
        assertContent(bytes(140_000, 5), "new");
        store.abortUpload(key("u"), id);
    }

    private String tryUpload() {
        try {
            String id = store.startUpload(key("u"), ObjectMetadata.NONE);
            store.uploadPart(key("u"), id, 1, Body.of(bytes(150_000, 1)));
            throw new AssertionError("a full disk took a part");
        } catch (FsException e) {
            assertEquals(FsException.NoSpace.class, e.getClass());
            return "none";
        }
    }

    @Test
    void aReadOnlyDiskSaysSoAndCanBeRead() throws Exception {
        put("k", "x");
        store.close();
        run("mount", "-o", "remount,ro", mountPoint.toString());

        FsException refused = assertThrows(FsException.class, this::openEmpty);
        store = LocalObjectStore.openReadOnly(mountPoint.resolve("store"));

        assertEquals(FsException.ReadOnly.class, refused.getClass());
        assertContent("x", "k");
    }
}
