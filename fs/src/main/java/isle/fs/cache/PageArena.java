package isle.fs.cache;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of pages of one block each, outside the heap. Pages are numbered; eight in a row from a multiple of
 * eight are a frame. Whole units get a whole frame when there is one, since one long copy is a third faster than eight
 * scattered ones; what is smaller fills broken frames first, so that whole ones stay whole.
 *
 * <p>Memory is taken from the system a slab at a time, and only as far as pages were ever in use at once.
 */
final class PageArena {

    private static final int FRAMES_PER_SLAB = 8;
    private static final int PAGES_PER_SLAB = FRAMES_PER_SLAB * Grid.BLOCKS_PER_UNIT;

    private final @Nullable ByteBuffer[] slabs;
    private final byte[] freeMasks;
    private final int[] brokenFrames;
    private final boolean[] listedAsBroken;
    private final int[] wholeFrames;
    private int broken;
    private int whole;
    private int usedPages;

    PageArena(long bytes) {
        int frames = Math.toIntExact(bytes / Grid.UNIT_BYTES);
        slabs = new ByteBuffer[(frames + FRAMES_PER_SLAB - 1) / FRAMES_PER_SLAB];
        freeMasks = new byte[frames];
        brokenFrames = new int[frames];
        listedAsBroken = new boolean[frames];
        wholeFrames = new int[frames];
        Arrays.fill(freeMasks, (byte) Grid.WHOLE_UNIT);
        // Low frames come first: slabs at the end stay unallocated while little is cached.
        for (int i = 0; i < frames; i++) {
            wholeFrames[i] = frames - 1 - i;
        }
        whole = frames;
    }

    long capacityBytes() {
        return (long) freeMasks.length * Grid.UNIT_BYTES;
    }

    synchronized long usedBytes() {
        return (long) usedPages * Grid.BLOCK_BYTES;
    }

    /**
     * Takes {@code count} pages, at most {@link Grid#BLOCKS_PER_UNIT}.
     *
     * @return null when there are not that many, or the system has no memory for them
     */
    synchronized int @Nullable [] take(int count) {
        if ((long) freeMasks.length * Grid.BLOCKS_PER_UNIT - usedPages < count) {
            return null;
        }
        int[] pages = new int[count];
        int taken = 0;
        while (taken < count) {
            boolean useWhole = whole > 0 && (count == Grid.BLOCKS_PER_UNIT || broken == 0);
            taken = takeFrom(useWhole ? wholeFrames[--whole] : popBroken(), pages, taken);
        }
        usedPages += count;
        return haveSlabs(pages) ? pages : null;
    }

    /** Where the JVM is given less memory outside its heap than the settings ask for, the cache is smaller. */
    private boolean haveSlabs(int[] pages) {
        try {
            for (int page : pages) {
                ensureSlab(page / PAGES_PER_SLAB);
            }
            return true;
        } catch (OutOfMemoryError e) {
            for (int page : pages) {
                giveBack(page);
            }
            return false;
        }
    }

    private int popBroken() {
        int frame = brokenFrames[--broken];
        listedAsBroken[frame] = false;
        return frame;
    }

    private int takeFrom(int frame, int[] pages, int alreadyTaken) {
        int taken = alreadyTaken;
        int mask = freeMasks[frame] & Grid.WHOLE_UNIT;
        while (mask != 0 && taken < pages.length) {
            int bit = Integer.numberOfTrailingZeros(mask);
            mask &= mask - 1;
            pages[taken++] = frame * Grid.BLOCKS_PER_UNIT + bit;
        }
        freeMasks[frame] = (byte) mask;
        if (mask != 0) {
            listBroken(frame);
        }
        return taken;
    }

    private void listBroken(int frame) {
        if (!listedAsBroken[frame]) {
            listedAsBroken[frame] = true;
            brokenFrames[broken++] = frame;
        }
    }

    synchronized void giveBack(int page) {
        int frame = page / Grid.BLOCKS_PER_UNIT;
        int bit = 1 << (page % Grid.BLOCKS_PER_UNIT);
        int mask = freeMasks[frame] & Grid.WHOLE_UNIT;
        if ((mask & bit) != 0) {
            throw new IllegalStateException("page " + page + " was free already");
        }
        usedPages--;
        mask |= bit;
        freeMasks[frame] = (byte) mask;
        if (mask != Grid.WHOLE_UNIT) {
            listBroken(frame);
            return;
        }
        unlistBroken(frame);
        wholeFrames[whole++] = frame;
    }

    private void unlistBroken(int frame) {
        if (!listedAsBroken[frame]) {
            return;
        }
        listedAsBroken[frame] = false;
        // Frames become whole soon after they were broken, so the search from the top is short.
        int i = broken - 1;
        while (brokenFrames[i] != frame) {
            i--;
        }
        brokenFrames[i] = brokenFrames[--broken];
    }

    /** Copies {@code length} bytes of {@code from} into pages that lie in a row. */
    void fill(int page, ByteBuffer from, int fromIndex, int length) {
        slabOf(page).put(indexOf(page), from, fromIndex, length);
    }

    /** Copies {@code length} bytes from {@code offset} in pages that lie in a row to the end of {@code into}. */
    void copy(int page, int offset, int length, ByteBuffer into) {
        into.put(into.position(), slabOf(page), indexOf(page) + offset, length);
        into.position(into.position() + length);
    }

    private static int indexOf(int page) {
        return page % PAGES_PER_SLAB * Grid.BLOCK_BYTES;
    }

    /** Whoever has a page number got it, by however many hands, from {@link #take}, which made its slab before. */
    private ByteBuffer slabOf(int page) {
        return Objects.requireNonNull(slabs[page / PAGES_PER_SLAB]);
    }

    private void ensureSlab(int index) {
        if (slabs[index] == null) {
            int frames = Math.min(FRAMES_PER_SLAB, freeMasks.length - index * FRAMES_PER_SLAB);
            slabs[index] = ByteBuffer.allocateDirect(frames * Grid.UNIT_BYTES);
        }
    }

    /** For tests: every page is either free in one list or in use. */
    synchronized void checkInvariants() {
        int free = 0;
        int wholeByMask = 0;
        int brokenByMask = 0;
        for (byte mask : freeMasks) {
            int bits = Integer.bitCount(mask & Grid.WHOLE_UNIT);
            free += bits;
            wholeByMask += bits == Grid.BLOCKS_PER_UNIT ? 1 : 0;
            brokenByMask += bits > 0 && bits < Grid.BLOCKS_PER_UNIT ? 1 : 0;
        }
        if (free + usedPages != freeMasks.length * Grid.BLOCKS_PER_UNIT
                || wholeByMask != whole
                || brokenByMask != broken) {
            throw new IllegalStateException("pages: " + free + " free, " + usedPages + " used, frames: " + whole + "/"
                    + wholeByMask + " whole, " + broken + "/" + brokenByMask + " broken");
        }
    }
}
