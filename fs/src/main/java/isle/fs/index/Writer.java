package isle.fs.index;

import isle.fs.model.FsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one connection that writes: statements on single rows, and transactions of them. For one thread at a time. */
final class Writer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Writer.class);

    private final Path file;
    private final Connection connection;
    private final LongSupplier freshFloor;
    private final Statements statements;

    /** Checksum of the counters' row as it was last read or committed here: shows that nobody else wrote. */
    private long storedCrc;

    Writer(Path file, int cacheKib, LongSupplier freshFloor) throws SQLException, FsException {
        this.file = file;
        this.freshFloor = freshFloor;
        connection = Sqlite.connect(file, cacheKib);
        try {
            Schema.ensure(connection);
        } catch (SQLException | FsException e) {
            connection.close();
            throw e;
        }
        statements = new Statements(connection);
    }

    Connection connection() {
        return connection;
    }

    /** The counters as they were last committed. */
    Counters readCounters() throws SQLException, FsException {
        Counters read = readCounters(statements);
        storedCrc = RowCodec.crc(0, read.encode());
        return read;
    }

    /** The counters, as any connection reads them. */
    static Counters readCounters(Statements statements) throws SQLException, FsException {
        try (ResultSet rows = statements.get(Statements.COUNTERS).executeQuery()) {
            if (!rows.next()) {
                throw RowCodec.damaged("it has no counters");
            }
            return Counters.decode(rows.getLong(1), RowCodec.present(rows.getBytes(2)));
        }
    }

    /** What a transaction does; it changes the counters it is given. */
    interface Work {
        void run(Counters counters) throws SQLException, FsException;
    }

    /** Runs one transaction: all of it is committed, or nothing. Returns the counters after it. */
    Counters transact(Counters before, Work work) throws SQLException, FsException {
        Counters after = before.copy();
        boolean committed = false;
        try {
            statements.get(Statements.BEGIN_WRITE).execute();
            work.run(after);
            long crc = putCounters(after);
            statements.get(Statements.COMMIT).execute();
            storedCrc = crc;
            committed = true;
        } finally {
            if (!committed) {
                statements.rollBack();
            }
        }
        return after;
    }

    private long putCounters(Counters after) throws SQLException, FsException {
        byte[] data = after.encode();
        long crc = RowCodec.crc(0, data);
        PreparedStatement put = statements.get(Statements.PUT_COUNTERS);
        put.setLong(1, crc);
        put.setBytes(2, data);
        put.setLong(3, storedCrc);
        if (put.executeUpdate() != 1) {
            // Damage is named as such; else the row is somebody else's.
            readCounters(statements);
            throw new FsException.Busy("another process writes to the index");
        }
        return crc;
    }

    /** Like {@link #transact}; afterwards this transaction and all before it survive a power loss. */
    Counters transactDurably(Counters before, Work work) throws SQLException, FsException {
        Sqlite.execute(connection, "PRAGMA synchronous=FULL");
        try {
            return transact(before, work);
        } finally {
            Sqlite.execute(connection, "PRAGMA synchronous=NORMAL");
        }
    }

    /** Applies changes in their order. */
    Counters apply(Counters before, List<IndexChange> changes) throws SQLException, FsException {
        return transact(before, after -> new Transaction(this, after, freshFloor).run(changes));
    }

    /** A row of the entry table with its checksum. */
    record Row(IndexEntry entry, long crc) {}

    @Nullable Row entryOf(long inode) throws SQLException, FsException {
        PreparedStatement query = statements.get(Statements.ENTRY_BY_INODE);
        query.setLong(1, inode);
        return row(query);
    }

    @Nullable Row entryAt(long parent, byte[] name) throws SQLException, FsException {
        PreparedStatement query = statements.get(Statements.ENTRY_BY_NAME);
        query.setLong(1, parent);
        query.setBytes(2, name);
        return row(query);
    }

    private static @Nullable Row row(PreparedStatement query) throws SQLException, FsException {
        try (ResultSet rows = query.executeQuery()) {
            if (!rows.next()) {
                return null;
            }
            EntryRow row = EntryRow.read(rows);
            return new Row(row.entry(), row.crc);
        }
    }

    /** Writes the row; returns its checksum. */
    long putEntry(IndexEntry entry) throws SQLException {
        byte[] name = entry.name().bytes();
        byte[] data = RowCodec.encode(entry);
        long crc = RowCodec.entryCrc(entry.parent(), name, entry.inode(), data);
        PreparedStatement put = statements.get(Statements.PUT_ENTRY);
        put.setLong(1, entry.parent());
        put.setBytes(2, name);
        put.setLong(3, entry.inode());
        put.setLong(4, crc);
        put.setBytes(5, data);
        put.executeUpdate();
        return crc;
    }

    void deleteEntry(IndexEntry entry) throws SQLException, FsException {
        PreparedStatement delete = statements.get(Statements.DELETE_ENTRY);
        delete.setLong(1, entry.parent());
        delete.setBytes(2, entry.name().bytes());
        if (delete.executeUpdate() != 1) {
            throw RowCodec.damaged("an entry is in one tree and not in the other");
        }
    }

    /** The inode of any entry in the directory, 0 without one. */
    long anyChild(long parent) throws SQLException {
        PreparedStatement query = statements.get(Statements.ANY_CHILD);
        query.setLong(1, parent);
        try (ResultSet rows = query.executeQuery()) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    /** A row of the directory table with its checksum. */
    record StoredDirectory(DirectoryRow row, long crc) {}

    @Nullable StoredDirectory directory(long inode) throws SQLException, FsException {
        PreparedStatement query = statements.get(Statements.DIRECTORY);
        query.setLong(1, inode);
        try (ResultSet rows = query.executeQuery()) {
            if (!rows.next()) {
                return null;
            }
            long crc = rows.getLong(1);
            return new StoredDirectory(DirectoryRow.decode(inode, crc, RowCodec.present(rows.getBytes(2))), crc);
        }
    }

    /** Writes the row; returns its checksum. */
    long putDirectory(long inode, DirectoryRow row) throws SQLException {
        byte[] data = row.encode();
        long crc = RowCodec.crc(inode, data);
        PreparedStatement put = statements.get(Statements.PUT_DIRECTORY);
        put.setLong(1, inode);
        put.setLong(2, crc);
        put.setBytes(3, data);
        put.executeUpdate();
        return crc;
    }

    void deleteDirectory(long inode) throws SQLException {
        PreparedStatement delete = statements.get(Statements.DELETE_DIRECTORY);
        delete.setLong(1, inode);
        delete.executeUpdate();
    }

    /** Writes the value; returns the fingerprint of the table after it. */
    Fingerprint putMeta(IndexChange.Meta change, Fingerprint before) throws SQLException {
        byte[] name = Reader.Text.encode(change.key());
        byte[] data = Reader.Text.encode(change.value());
        long crc = RowCodec.crc(name, data);
        Fingerprint without = before;
        PreparedStatement query = statements.get(Statements.META);
        query.setBytes(1, name);
        try (ResultSet rows = query.executeQuery()) {
            if (rows.next()) {
                without = before.without(rows.getLong(1));
            }
        }
        PreparedStatement put = statements.get(Statements.PUT_META);
        put.setBytes(1, name);
        put.setLong(2, crc);
        put.setBytes(3, data);
        put.executeUpdate();
        return without.with(crc);
    }

    /** Whether the operating system would let us write to the file. */
    boolean mayWrite() {
        return Files.isWritable(file);
    }

    /** Notes that the file was closed in good order, and closes it. Failures leave it as after a kill. */
    void closeClean(Counters last) {
        try (connection) {
            transact(last, after -> after.clean = true);
        } catch (SQLException | FsException e) {
            LOG.warn("The index was not closed in good order: {}", e.getMessage());
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
