package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.journal.QuietLog;
import isle.fs.journal.TestSeal;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.AtRest;
import isle.fs.spi.BlockCodec;
import isle.fs.store.MemoryObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One bit of the journal is another one after a crash, in any of its bytes: a volume opens all the same, what it then
 * says of a file is what was written, or was there before, or an error; never anything else, here or in the store. And
 * if it is not what was written, it is told.
 */
@ExtendWith(QuietLog.class)
@ParameterizedClass
@ValueSource(booleans = {false, true})
class VfsTurnedBitTest {
    /** Of so many bytes one is tried; each run begins with another one. */
    private static final int STRIDE = Integer.getInteger("isle.damage.stride", 13);

    private final AtRest atRest;

    @TempDir
    Path folder;

    VfsTurnedBitTest(boolean sealed) {
        atRest = sealed ? new AtRest(BlockCodec.PLAIN, new TestSeal(1)) : AtRest.PLAIN;
    }

    /** Stands for no file. */
    private static final byte[] NOTHING = bytes(99, 11);

    private static final byte[] EMPTY = new byte[0];

    /** By path, what is to be there, and what was there before. */
    private final Map<String, byte[]> now = new HashMap<>();

    private final Map<String, List<byte[]>> before = new HashMap<>();

    private static byte[] bytes(long seed, int count) {
        byte[] bytes = new byte[count];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private void set(String path, byte[] content, byte[]... old) {
        now.put(path, content);
        before.put(path, List.of(old));
    }

    private boolean wasBefore(String path, byte[] found) {
        return before.getOrDefault(path, List.of()).stream().anyMatch(old -> Arrays.equals(old, found));
    }

    private void make(VfsRig rig) throws FsException {
        byte[] a = bytes(1, 90);
        byte[] b = bytes(2, 70);
        byte[] c = bytes(3, 80);
        rig.mkdir("d");
        rig.put("d/changed", a);
        rig.put("moved", b);
        rig.put("gone", c);
        rig.put("still", c);
        rig.await();
        rig.write("d/changed", 0, bytes(4, 90));
        set("d/changed", bytes(4, 90), a);
        rig.rename("moved", "d/there");
        set("moved", NOTHING, b);
        set("d/there", b, NOTHING);
        rig.unlink("gone");
        set("gone", NOTHING, c);
        set("still", c);
        rig.put("d/new", bytes(5, 100));
        set("d/new", bytes(5, 100), NOTHING, EMPTY);
        rig.put("synced", "");
        set("synced", EMPTY, NOTHING);
        rig.sync("synced");
        // What is not known to have been forced passes for torn by the loss of power: this alone.
        rig.put("later", "");
        rig.kill();
    }

    @Test
    void in_any_byte_it_costs_an_error_or_an_older_state_that_is_told() throws Exception {
        long size = journalBytes();
        int first = new Random().nextInt(STRIDE);
        int told = 0;
        StringBuilder failures = new StringBuilder();
        Throwable cause = null;
        for (long at = first; at < size; at += STRIDE) {
            try {
                told += turn(at) ? 1 : 0;
            } catch (Exception | AssertionError e) {
                failures.append("byte ").append(at).append(": ").append(e).append('\n');
                cause = e;
            }
        }
        if (cause != null) {
            throw new AssertionError("of " + size + " bytes\n" + failures, cause);
        }
        assertTrue(told > size / STRIDE / 4, told + " of " + size / STRIDE + " were found");
    }

    private long journalBytes() throws FsException, IOException {
        try (VfsRig rig = open("size", new MemoryObjectStore(new SimulatedClock().wall(), new Random(1)))) {
            make(rig);
            long bytes = 0;
            for (String name : rig.disk.list()) {
                bytes += used(rig.disk.content(name));
            }
            rig.recover();
            return bytes;
        }
    }

    /** Without the zeros at the end, which were written ahead. */
    private static int used(byte[] content) {
        int end = content.length;
        while (end > 0 && content[end - 1] == 0) {
            end--;
        }
        return end;
    }

    private VfsRig open(String name, MemoryObjectStore store) throws FsException {
        return VfsRig.stepped(folder.resolve(name), store, new SimulatedClock(), () -> {}, new PlainRigVolume(atRest));
    }

    /** Whether it was told. */
    private boolean turn(long byteOfAll) throws FsException, IOException {
        String name = "at" + byteOfAll;
        MemoryObjectStore store = new MemoryObjectStore(new SimulatedClock().wall(), new Random(1));
        try (VfsRig rig = open(name, store)) {
            make(rig);
            long at = byteOfAll;
            for (String file : rig.disk.list()) {
                byte[] content = rig.disk.content(file);
                if (at >= 0 && at < used(content)) {
                    content[(int) at] ^= (byte) (1 << (byteOfAll % 8));
                    rig.disk.setContent(file, content);
                }
                at -= used(content);
            }
            rig.isSound = false;
            rig.recover();
            boolean told = !rig.damages.isEmpty();
            check(rig, told);
            for (int i = 0; i < 3; i++) {
                rig.round();
            }
            check(rig, told);
            checkStore(store);
            return told;
        } finally {
            StateFiles.deleteTree(folder.resolve(name));
        }
    }

    private void check(VfsRig rig, boolean told) {
        for (String path : now.keySet()) {
            byte[] found;
            try {
                found = rig.read(path);
            } catch (FsException.NotFound e) {
                found = NOTHING;
            } catch (FsException e) {
                assertTrue(told, path + " cannot be read and nobody was told: " + e);
                continue;
            }
            boolean right = Arrays.equals(found, now.get(path));
            assertTrue(right || told, path + " is not as it was, and nobody was told");
            assertTrue(right || wasBefore(path, found), describe(path, found) + rig.damages);
        }
    }

    private String describe(String path, byte[] found) {
        int same = Math.max(0, Arrays.mismatch(found, now.getOrDefault(path, NOTHING)));
        return path + " has bytes that nobody wrote: " + found.length + ", as they should be up to " + same + "; ";
    }

    private void checkStore(MemoryObjectStore store) throws FsException {
        for (String path : now.keySet()) {
            ByteBuffer into = ByteBuffer.allocate(1000);
            try {
                store.get(new ObjectKey(path), 0, into, null);
            } catch (FsException.NotFound e) {
                assertTrue(
                        Arrays.equals(NOTHING, now.get(path)) || wasBefore(path, NOTHING),
                        path + " is not in the store");
                continue;
            }
            byte[] found = Arrays.copyOf(into.array(), into.position());
            assertTrue(
                    Arrays.equals(found, now.get(path)) || wasBefore(path, found),
                    path + " has bytes in the store that nobody wrote");
        }
        assertEquals(List.of(), store.pendingUploads(""));
    }
}
