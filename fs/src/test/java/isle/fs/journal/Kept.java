package isle.fs.journal;

import isle.fs.model.FsException;
import isle.fs.spi.JournalSeal;
import org.jspecify.annotations.Nullable;

/** How the journal of a test lies on its disk: what holds for one holds for the other. */
enum Kept {
    PLAIN,
    SEALED;

    private static final TestSeal SEAL = new TestSeal(4711);

    @Nullable JournalSeal seal() {
        return this == PLAIN ? null : SEAL;
    }

    /** Bytes that sealing adds to a body, and to each 64 KiB of data. */
    int overhead() {
        return this == PLAIN ? 0 : SEAL.overhead();
    }

    long recordBytes(int bodyBytes, int dataBytes) {
        return RecordHeader.recordBytes(bodyBytes + overhead(), RecordSeal.sealedBytes(dataBytes, overhead()));
    }

    Journal open(JournalDisk disk, JournalSettings settings, Journal.Recovery recovery) throws FsException {
        return Journal.open(disk, settings, seal(), recovery);
    }

    Journal open(JournalDisk disk) throws FsException {
        return open(disk, Replayed.SMALL, new Replayed());
    }

    Replayed replay(JournalDisk disk) throws FsException {
        Replayed replayed = new Replayed();
        open(disk, Replayed.SMALL, replayed).close();
        return replayed;
    }
}
