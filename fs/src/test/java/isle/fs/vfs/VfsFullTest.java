package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.store.MemoryObjectStore;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A journal that is full, and its room when what filled it is not wanted any more. */
@Timeout(value = 30)
class VfsFullTest {
    private static final int CAP = 4 << 20;
    private static final int FILES = 14;
    private static final int FILE_BYTES = 200 << 10;

    @TempDir
    Path folder;

    /** Until then the first file is on its way. */
    private final CountDownLatch first = new CountDownLatch(1);

    /** Until then the store takes requests and gives no answer; afterwards it is away. */
    private final CountDownLatch givenUp = new CountDownLatch(1);

    /** The store asks before and after each request. */
    private final AtomicInteger asked = new AtomicInteger();

    private VfsRig rig;

    @BeforeEach
    void open() throws FsException {
        rig = VfsRig.narrow(
                folder.resolve("state"),
                new MemoryObjectStore(VfsClock.system().wall(), new Random(1)),
                () -> {
                    boolean passes = asked.getAndIncrement() < 2;
                    try {
                        (passes ? first : givenUp).await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    if (!passes) {
                        throw new FsException.Unavailable("no answer");
                    }
                },
                CAP);
    }

    @AfterEach
    void close() {
        first.countDown();
        givenUp.countDown();
        rig.close();
    }

    /** Its bytes are kept for the commit until that has ended, which frees them although nothing was stored. */
    @Test
    void whatWasRemovedWhileItWasSentLeavesRoomWhenItIsGivenUp() throws Exception {
        rig.put("first", new byte[0]);
        while (asked.get() == 0) {
            Thread.sleep(10);
        }
        for (int i = 0; i < FILES; i++) {
            rig.put("f" + i, new byte[FILE_BYTES]);
        }
        first.countDown();
        VolumeTree tree = rig.vfs.parts(FileName.of("v")).tree;
        while (tree.inodes.values().stream().filter(inode -> inode.inFlight).count() < FILES) {
            Thread.sleep(10);
        }
        for (int i = 0; i < FILES; i++) {
            rig.unlink("f" + i);
        }
        byte[] large = new byte[CAP / 2];
        new Random(2).nextBytes(large);
        Thread givesUp = new Thread(() -> {
            try {
                Thread.sleep(1000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            givenUp.countDown();
        });
        givesUp.start();
        rig.put("large", large);
        assertTrue(tree.journal().usedBytes() <= CAP);
        assertArrayEquals(large, rig.read("large"));
        givesUp.join();
    }
}
