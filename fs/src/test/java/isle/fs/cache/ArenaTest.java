package isle.fs.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Memory is given out once, comes back, and never grows. */
class ArenaTest {

    @Test
    void pagesUnderRandomLoad() {
        PageArena arena = new PageArena(20L * Grid.UNIT_BYTES);
        SplittableRandom random = new SplittableRandom(1);
        List<Integer> taken = new ArrayList<>();
        ByteBuffer mark = ByteBuffer.allocate(Grid.BLOCK_BYTES);
        for (int step = 0; step < 20_000; step++) {
            if (random.nextInt(3) > 0) {
                int count = random.nextInt(1, Grid.BLOCKS_PER_UNIT + 1);
                int[] pages = arena.take(count);
                assertEquals(160 - taken.size() >= count, pages != null);
                for (int page : pages == null ? new int[0] : pages) {
                    taken.add(page);
                    arena.fill(page, mark.putInt(0, page), 0, Grid.BLOCK_BYTES);
                }
            } else if (!taken.isEmpty()) {
                int page = taken.remove(random.nextInt(taken.size()));
                ByteBuffer content = ByteBuffer.allocate(4);
                arena.copy(page, 0, 4, content);
                assertEquals(page, content.getInt(0));
                arena.giveBack(page);
            }
            assertEquals((long) taken.size() * Grid.BLOCK_BYTES, arena.usedBytes());
            arena.checkInvariants();
        }
    }

    @Test
    void aWholeUnitLiesInARowWhenAFrameIsFree() {
        PageArena arena = new PageArena(4L * Grid.UNIT_BYTES);
        int[] one = arena.take(1);
        int[] unit = arena.take(Grid.BLOCKS_PER_UNIT);
        assertNotNull(one);
        assertNotNull(unit);
        for (int i = 1; i < unit.length; i++) {
            assertEquals(unit[i - 1] + 1, unit[i]);
        }
    }

    @Test
    void aPageComesBackOnce() {
        PageArena arena = new PageArena(Grid.UNIT_BYTES);
        int[] pages = arena.take(1);
        assertNotNull(pages);
        arena.giveBack(pages[0]);
        assertThrows(IllegalStateException.class, () -> arena.giveBack(pages[0]));
    }

    @Test
    void rowsUnderRandomLoad() {
        TransferArena arena = new TransferArena(9L << 20);
        SplittableRandom random = new SplittableRandom(2);
        List<TransferArena.Lease> taken = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            if (random.nextBoolean()) {
                int bytes = random.nextInt(4, TransferArena.LONGEST_BYTES + 1);
                TransferArena.Lease lease = arena.take(bytes);
                if (lease != null) {
                    assertEquals(bytes, lease.buffer().capacity());
                    lease.buffer().putInt(0, step).putInt(bytes - 4, step);
                    taken.add(lease);
                }
            } else if (!taken.isEmpty()) {
                arena.giveBack(taken.remove(random.nextInt(taken.size())));
            }
            long expected = taken.stream().mapToLong(TransferArena.Lease::cells).sum() * TransferArena.CELL_BYTES;
            assertEquals(expected, arena.usedBytes());
            assertTrue(expected <= arena.capacityBytes());
        }
        taken.forEach(arena::giveBack);
        assertNotNull(arena.take(TransferArena.LONGEST_BYTES));
        assertNotNull(arena.take(TransferArena.LONGEST_BYTES));
        assertNull(arena.take(TransferArena.LONGEST_BYTES));
    }
}
