package isle.fs.index;

import isle.fs.model.ByteSink;
import isle.fs.model.ByteSource;
import isle.fs.model.FsException;
import java.util.Optional;

/**
 * The row of one directory. Every directory that has an entry has one, so that its absence is damage; the root of a
 * volume has one as soon as there is anything to say.
 *
 * @param children the entries in it
 * @param told whether there was ever a {@link DirectoryState} for it; the next two are its
 */
record DirectoryRow(Fingerprint children, boolean told, long listedMillis, boolean complete) {

    static final DirectoryRow EMPTY = new DirectoryRow(Fingerprint.EMPTY, false, 0, false);

    private static final int TOLD = 1;
    private static final int COMPLETE = 2;

    DirectoryRow withChildren(Fingerprint value) {
        return new DirectoryRow(value, told, listedMillis, complete);
    }

    DirectoryRow with(DirectoryState state) {
        return new DirectoryRow(children, true, state.listedMillis(), state.complete());
    }

    DirectoryRow untold() {
        return new DirectoryRow(children, false, 0, false);
    }

    Optional<DirectoryState> state(long inode) {
        return told ? Optional.of(new DirectoryState(inode, listedMillis, complete)) : Optional.empty();
    }

    byte[] encode() {
        ByteSink sink = new ByteSink();
        sink.putByte((told ? TOLD : 0) | (complete ? COMPLETE : 0));
        sink.putUnsigned(listedMillis);
        children.write(sink);
        return sink.toBytes();
    }

    static DirectoryRow decode(long inode, long crc, byte[] data) throws FsException {
        RowCodec.check(crc, RowCodec.crc(inode, data));
        try {
            ByteSource source = new ByteSource(data);
            int flags = source.getByte();
            long listedMillis = source.getUnsigned();
            Fingerprint children = Fingerprint.read(source);
            source.expectEnd();
            return new DirectoryRow(children, (flags & TOLD) != 0, listedMillis, (flags & COMPLETE) != 0);
        } catch (IllegalArgumentException e) {
            throw new FsException.Corrupt("the index has a directory row that does not decode", e);
        }
    }
}
