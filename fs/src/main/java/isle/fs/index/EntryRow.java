package isle.fs.index;

import isle.fs.model.FsException;
import java.sql.ResultSet;
import java.sql.SQLException;

/** A row of the entry table whose checksum is right. Not a record: arrays do not compare. */
final class EntryRow {

    final long parent;
    final byte[] name;
    final long inode;
    final long crc;
    private final byte[] data;

    private EntryRow(long parent, byte[] name, long inode, long crc, byte[] data) {
        this.parent = parent;
        this.name = name;
        this.inode = inode;
        this.crc = crc;
        this.data = data;
    }

    /** The row where {@code rows} stands: parent, name, inode, crc, data. Corrupt when they do not belong together. */
    static EntryRow read(ResultSet rows) throws SQLException, FsException {
        EntryRow row = new EntryRow(
                rows.getLong(1),
                RowCodec.present(rows.getBytes(2)),
                rows.getLong(3),
                rows.getLong(4),
                RowCodec.present(rows.getBytes(5)));
        RowCodec.check(row.crc, RowCodec.entryCrc(row.parent, row.name, row.inode, row.data));
        return row;
    }

    IndexEntry entry() throws FsException {
        return RowCodec.decode(parent, name, inode, data);
    }
}
