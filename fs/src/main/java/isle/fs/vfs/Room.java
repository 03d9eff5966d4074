package isle.fs.vfs;

import isle.fs.model.FsException;

/**
 * Holds writers back when the journal gets full: near its cap they go at the committer's pace, at the cap they wait for
 * it, and when nothing goes into the store they get ENOSPC.
 */
final class Room {
    /** Part of the cap, in percent, from which on writers are slowed. */
    private static final int SLOW_PERCENT = 80;

    /** A file with this part of the cap is worth a commit of its own when the journal gets full. */
    private static final long MUCH = 16;

    private static final long SLOW_MILLIS = 100;
    private static final long FULL_MILLIS = 5000;

    /** How often who waits looks for room by itself. */
    private static final long LOOK_MILLIS = 50;

    private static final long FULL_MILLIS_PER_MEBIBYTE = 1000;

    /** What a name takes of the heap until the store has it is less than half of this; there are two volumes. */
    private static final long BYTES_PER_NAME = 2048;

    /** Waited in addition while something is being sent: as long as a part may take in a slow network. */
    private static final long SENDING_MILLIS = 8 * FULL_MILLIS_PER_MEBIBYTE;

    private final VolumeTree tree;
    private final Runnable committer;
    private long freedCount;
    private int underWay;

    Room(VolumeTree tree, Runnable committer) {
        this.tree = tree;
        this.committer = committer;
    }

    /** How many names of a volume may wait for the store. */
    static long mostNames() {
        return Runtime.getRuntime().maxMemory() / BYTES_PER_NAME;
    }

    /** The committer has freed something. */
    synchronized void freed() {
        freedCount++;
        notifyAll();
    }

    /** Something is being sent that will free room. */
    synchronized void sending() {
        underWay++;
    }

    /** It has been, or could not be: {@link #freed} says what that has freed. */
    synchronized void sent() {
        underWay--;
    }

    /** Before a write of this many bytes: waits a little when the journal is nearly full. */
    void await(int bytes) {
        if (isNearlyFull()) {
            committer.run();
            waitForFreed(SLOW_MILLIS);
        }
    }

    /** Before a new name: all that wait for the store are in memory. */
    void awaitName() throws FsException {
        long end = tree.clock.nanos() + FULL_MILLIS * 1_000_000;
        while (tree.dirty.size() >= mostNames()) {
            if (tree.clock.nanos() - end > 0) {
                throw new FsException.NoSpace(mostNames() + " names of " + tree.name() + " wait for the store already");
            }
            committer.run();
            waitForFreed(SLOW_MILLIS);
        }
    }

    boolean isNearlyFull() {
        return usedPercent() >= SLOW_PERCENT;
    }

    /** Whether giving up so many bytes would help. */
    boolean isMuch(long bytes) {
        return bytes * MUCH >= tree.journal().capBytes();
    }

    private long usedPercent() {
        return tree.journal().usedBytes() * 100 / Math.max(1, tree.journal().capBytes());
    }

    boolean isHalfFull() {
        return usedPercent() >= 50;
    }

    /** After the journal refused bytes: returns when it is worth trying again, else throws {@code full}. */
    void awaitAfterFull(int bytes, FsException.NoSpace full) throws FsException {
        committer.run();
        long most = FULL_MILLIS + FULL_MILLIS_PER_MEBIBYTE * (bytes >> 20);
        // With nothing to send, and room in the journal, it is its disk that is full.
        boolean nothingGoes = tree.dirty.size() == 0 && !isNearlyFull();
        if (nothingGoes || (!waitForFreed(most) && !(isSending() && waitForFreed(SENDING_MILLIS)))) {
            throw full;
        }
    }

    private synchronized boolean isSending() {
        return underWay > 0;
    }

    /**
     * Waits until something is stored or the journal has become smaller: that may also be some time after what was in it
     * was removed, or a commit of it was given up.
     */
    private synchronized boolean waitForFreed(long millis) {
        long before = freedCount;
        long used = tree.journal().usedBytes();
        long end = tree.clock.nanos() + millis * 1_000_000;
        try {
            while (freedCount == before && tree.journal().usedBytes() >= used) {
                long left = (end - tree.clock.nanos()) / 1_000_000;
                if (left <= 0) {
                    return false;
                }
                wait(Math.min(left, LOOK_MILLIS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        return true;
    }
}
