package isle.fs.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Plain blocks in memory. The pages are the hard cap; Caffeine decides who stays, and is told to keep a little less
 * than there are, because a page whose unit was evicted comes back only when its last reader is done.
 */
final class MemoryTier {

    /** One sixteenth of the pages is for units that were evicted under a reader and for blocks on their way in. */
    private static final int SPARE_FRACTION = 16;

    record UnitKey(ContentKey content, long unit) {
        @Override
        public int hashCode() {
            return content.hashCode() + Long.hashCode(unit) * 0x9E3779B9;
        }
    }

    private final PageArena arena;
    private final Cache<UnitKey, Unit> units;

    MemoryTier(long bytes) {
        arena = new PageArena(bytes);
        long spare = Math.max(Grid.UNIT_BYTES, arena.capacityBytes() / SPARE_FRACTION);
        // With another executor a fast writer overshoots, and pages come back late.
        units = Caffeine.newBuilder()
                .executor(Runnable::run)
                .maximumWeight(Math.max(Grid.UNIT_BYTES, arena.capacityBytes() - spare))
                .<UnitKey, Unit>weigher((key, unit) -> unit.weight())
                .removalListener((@Nullable UnitKey key, @Nullable Unit unit, RemovalCause cause) -> {
                    if (unit != null) {
                        unit.release();
                    }
                })
                .build();
    }

    long usedBytes() {
        return arena.usedBytes();
    }

    /**
     * Copies bytes from {@code position} on into {@code into}, up to {@code end} or the end of the unit, as far as they
     * are here without a gap.
     *
     * @return the number of bytes copied
     */
    int read(ContentKey content, long position, long end, ByteBuffer into) {
        long number = position / Grid.UNIT_BYTES;
        Unit unit = units.getIfPresent(new UnitKey(content, number));
        if (unit == null || !unit.hold()) {
            return 0;
        }
        try {
            long start = number * Grid.UNIT_BYTES;
            return unit.copy((int) (position - start), (int) Math.min(Grid.UNIT_BYTES, end - start), into);
        } finally {
            unit.release();
        }
    }

    /** Which blocks of a unit are here, a bit each. Does not count as a use. */
    int mask(ContentKey content, long number) {
        Unit unit = units.policy().getIfPresentQuietly(new UnitKey(content, number));
        return unit == null ? 0 : unit.mask();
    }

    /** Keeps whole blocks: {@code plain} from index {@code from} on holds {@code count} of them from {@code first}. */
    void insert(ContentRef content, long first, long count, ByteBuffer plain, int from) {
        long end = first + count;
        for (long number = first / Grid.BLOCKS_PER_UNIT; number * Grid.BLOCKS_PER_UNIT < end; number++) {
            UnitKey key = new UnitKey(content.key(), number);
            int missing = Grid.maskOf(first, end, number) & ~mask(content.key(), number);
            if (missing != 0) {
                insert(content, key, missing, plain, from - first * Grid.BLOCK_BYTES);
            }
        }
    }

    private void insert(ContentRef content, UnitKey key, int missing, ByteBuffer plain, long indexOfByteZero) {
        int[] pages = takePages(Integer.bitCount(missing));
        if (pages == null) {
            return;
        }
        int next = 0;
        for (int bits = missing; bits != 0; bits &= bits - 1, next++) {
            long block = key.unit() * Grid.BLOCKS_PER_UNIT + Integer.numberOfTrailingZeros(bits);
            int index = (int) (block * Grid.BLOCK_BYTES + indexOfByteZero);
            arena.fill(pages[next], plain, index, content.lengthOf(block, 1));
        }
        boolean[] kept = new boolean[pages.length];
        units.asMap().compute(key, (k, present) -> {
            Unit unit = present == null ? new Unit(arena) : present;
            int i = 0;
            for (int bits = missing; bits != 0; bits &= bits - 1, i++) {
                kept[i] = unit.add(Integer.numberOfTrailingZeros(bits), pages[i]);
            }
            return unit;
        });
        for (int i = 0; i < pages.length; i++) {
            if (!kept[i]) {
                arena.giveBack(pages[i]);
            }
        }
    }

    /** Null when all pages are held by readers: then the blocks are not kept. */
    private int @Nullable [] takePages(int count) {
        int[] pages = arena.take(count);
        if (pages == null) {
            // Another thread's eviction is under way; this waits for it.
            units.cleanUp();
            pages = arena.take(count);
        }
        return pages;
    }

    void clear() {
        units.invalidateAll();
        units.cleanUp();
    }

    /**
     * For tests. What was fetched ahead may still come in meanwhile: the units are held while they are weighed, so that
     * no page of theirs goes back, and a page is in use before a unit has it.
     */
    void checkInvariants() {
        arena.checkInvariants();
        List<Unit> held = units.asMap().values().stream().filter(Unit::hold).toList();
        try {
            long weight = held.stream().mapToLong(Unit::weight).sum();
            long used = arena.usedBytes();
            if (weight > used) {
                throw new IllegalStateException("units weigh " + weight + " B, pages in use " + used + " B");
            }
        } finally {
            held.forEach(Unit::release);
        }
    }
}
