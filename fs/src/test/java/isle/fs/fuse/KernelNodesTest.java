package isle.fs.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KernelNodesTest {

    private final KernelNodes nodes = new KernelNodes();

    @Test
    void anInodeIsGoneWhenAllIsGivenBack() {
        nodes.handedOut(7);
        nodes.handedOut(7);
        nodes.handedOut(-8);
        assertFalse(nodes.givenBack(7, 1));
        assertTrue(nodes.givenBack(7, 1));
        assertFalse(nodes.givenBack(7, 1), "not known any more");
        assertTrue(nodes.givenBack(-8, 99));
        assertEquals(0, nodes.size());
    }

    @Test
    void itCountsLikeAMapDoes() {
        long seed = 42;
        Random random = new Random(seed);
        Map<Long, Long> model = new HashMap<>();
        for (int step = 0; step < 300_000; step++) {
            // Grows to some thousands, shrinks to nothing, and again.
            boolean growing = step / 50_000 % 2 == 0;
            long inode = ((long) random.nextInt(4) << 56) + random.nextInt(8_000) + 1;
            if (random.nextInt(10) < (growing ? 8 : 2)) {
                nodes.handedOut(inode);
                model.merge(inode, 1L, Long::sum);
            } else {
                Long count = model.get(inode);
                long back = count == null || random.nextBoolean() ? 1 : count;
                assertEquals(count != null && count <= back, nodes.givenBack(inode, back), "seed " + seed);
                if (count != null && count <= back) {
                    model.remove(inode);
                } else if (count != null) {
                    model.put(inode, count - back);
                }
            }
            assertEquals(model.size(), nodes.size());
        }
        long[] all = nodes.all();
        Arrays.sort(all);
        assertEquals(
                Arrays.toString(model.keySet().stream()
                        .mapToLong(Long::longValue)
                        .sorted()
                        .toArray()),
                Arrays.toString(all));
    }
}
