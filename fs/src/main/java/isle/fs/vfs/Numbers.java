package isle.fs.vfs;

import isle.fs.index.Index;
import isle.fs.index.InodeNumbers;
import isle.fs.model.FsException;
import isle.fs.spi.Volume;
import java.util.OptionalLong;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** Numbers of inodes of one volume: drawn from its index, which never gives one twice, or by the volume itself. */
final class Numbers {
    /** Drawn from the index at once. */
    private static final int AT_ONCE = 1000;

    private final int volumeNumber;
    private final Volume volume;
    private final @Nullable Index index;
    private final LongPredicate isTaken;
    private final RankedLock lock = new RankedLock(LockRank.LEAF);
    private long next;

    /** The first number that is not reserved; it changes when some are. */
    volatile long end;

    Numbers(int volumeNumber, Volume volume, @Nullable Index index, LongPredicate isTaken) {
        this.volumeNumber = volumeNumber;
        this.volume = volume;
        this.index = index;
        this.isTaken = isTaken;
    }

    /** One that no inode has. */
    long next() throws FsException {
        Index reserving = index;
        if (reserving == null) {
            return drawn();
        }
        lock.lock();
        try {
            if (next == end) {
                next = reserving.reserveInodes(volumeNumber, AT_ONCE);
                end = next + AT_ONCE;
            }
            return next++;
        } finally {
            lock.unlock();
        }
    }

    private long drawn() {
        while (true) {
            long number = InodeNumbers.of(volumeNumber, volume.newNumber().orElseThrow());
            if (!isTaken.test(number)) {
                return number;
            }
        }
    }

    /** That of the inode that a ref means; 0 if refs do not tell. */
    long of(String ref) {
        OptionalLong counter = volume.numberOf(ref);
        return counter.isPresent() ? InodeNumbers.of(volumeNumber, counter.getAsLong()) : 0;
    }
}
