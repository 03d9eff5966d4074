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

    /**
     * The row of an inode. The tree of inodes gives the key, and an outer join the row: one that has the first and not
     * the second has lost its row, which a plain query would not tell from none.
     */
    static final String BY_INODE =
            "SELECT k.parent, k.name, k.inode, e.crc, e.data FROM entry AS k INDEXED BY entry_inode"
                    + " LEFT JOIN entry AS e ON e.parent=k.parent AND e.name=k.name WHERE k.inode=?";

    static final String COUNTERS = "SELECT crc, data FROM counters WHERE id=0";

    private final Path file;
    private final Connection connection;
    private final LongSupplier freshFloor;
    private final PreparedStatement begin;
    private final PreparedStatement commit;
    private final PreparedStatement rollback;
    private final PreparedStatement entryOf;
    private final PreparedStatement entryAt;
    private final PreparedStatement putEntry;
    private final PreparedStatement deleteEntry;
    private final PreparedStatement someChildren;
    private final PreparedStatement directory;
    private final PreparedStatement putDirectory;
    private final PreparedStatement deleteDirectory;
    private final PreparedStatement meta;
    private final PreparedStatement putMeta;
    private final PreparedStatement counters;
    private final PreparedStatement putCounters;

    /** Checksum of the counters' row as it was last read or committed here: shows that nobody else wrote. */
    private long storedCrc;

    Writer(Path file, int cacheKib, LongSupplier freshFloor) throws SQLException, FsException {
        this.file = file;
        this.freshFloor = freshFloor;
        connection = Sqlite.connect(file, cacheKib);
        try {
            Schema.ensure(connection);
            begin = connection.prepareStatement("BEGIN IMMEDIATE");
            commit = connection.prepareStatement("COMMIT");
            rollback = connection.prepareStatement("ROLLBACK");
            entryOf = connection.prepareStatement(BY_INODE);
            entryAt = connection.prepareStatement(
                    "SELECT parent, name, inode, crc, data FROM entry WHERE parent=? AND name=?");
            putEntry = connection.prepareStatement("INSERT INTO entry VALUES(?, ?, ?, ?, ?)"
                    + " ON CONFLICT(parent, name) DO UPDATE SET crc=excluded.crc, data=excluded.data");
            deleteEntry = connection.prepareStatement("DELETE FROM entry WHERE parent=? AND name=?");
            someChildren = connection.prepareStatement("SELECT inode FROM entry WHERE parent=? LIMIT 1");
            directory = connection.prepareStatement("SELECT crc, data FROM directory WHERE inode=?");
            putDirectory = connection.prepareStatement("INSERT OR REPLACE INTO directory VALUES(?, ?, ?)");
            deleteDirectory = connection.prepareStatement("DELETE FROM directory WHERE inode=?");
            meta = connection.prepareStatement("SELECT crc FROM meta WHERE name=?");
            putMeta = connection.prepareStatement("INSERT OR REPLACE INTO meta VALUES(?, ?, ?)");
            counters = connection.prepareStatement(COUNTERS);
            putCounters = connection.prepareStatement("UPDATE counters SET crc=?, data=? WHERE id=0 AND crc=?");
        } catch (SQLException | FsException e) {
            connection.close();
            throw e;
        }
    }

    Connection connection() {
        return connection;
    }

    /** The counters as they were last committed. */
    Counters readCounters() throws SQLException, FsException {
        Counters read = readCounters(counters);
        storedCrc = RowCodec.crc(0, read.encode());
        return read;
    }

    /** The counters, read by the statement {@link #COUNTERS} of any connection. */
    static Counters readCounters(PreparedStatement statement) throws SQLException, FsException {
        try (ResultSet rows = statement.executeQuery()) {
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
        begin.execute();
        try {
            work.run(after);
            long crc = putCounters(after);
            commit.execute();
            storedCrc = crc;
        } catch (Throwable e) {
            try {
                rollback.execute();
            } catch (SQLException again) {
                // After some errors SQLite has rolled back by itself.
                e.addSuppressed(again);
            }
            throw e;
        }
        return after;
    }

    private long putCounters(Counters after) throws SQLException, FsException {
        byte[] data = after.encode();
        long crc = RowCodec.crc(0, data);
        putCounters.setLong(1, crc);
        putCounters.setBytes(2, data);
        putCounters.setLong(3, storedCrc);
        if (putCounters.executeUpdate() != 1) {
            // Damage is named as such; else the row is somebody else's.
            readCounters();
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
        entryOf.setLong(1, inode);
        return row(entryOf);
    }

    @Nullable Row entryAt(long parent, byte[] name) throws SQLException, FsException {
        entryAt.setLong(1, parent);
        entryAt.setBytes(2, name);
        return row(entryAt);
    }

    private static @Nullable Row row(PreparedStatement query) throws SQLException, FsException {
        try (ResultSet rows = query.executeQuery()) {
            if (!rows.next()) {
                return null;
            }
            byte[] name = RowCodec.present(rows.getBytes(2));
            byte[] data = RowCodec.present(rows.getBytes(5));
            long crc = rows.getLong(4);
            return new Row(RowCodec.decode(rows.getLong(1), name, rows.getLong(3), crc, data), crc);
        }
    }

    /** Writes the row; returns its checksum. */
    long putEntry(IndexEntry entry) throws SQLException {
        byte[] name = entry.name().bytes();
        byte[] data = RowCodec.encode(entry);
        long crc = RowCodec.entryCrc(entry.parent(), name, entry.inode(), data);
        putEntry.setLong(1, entry.parent());
        putEntry.setBytes(2, name);
        putEntry.setLong(3, entry.inode());
        putEntry.setLong(4, crc);
        putEntry.setBytes(5, data);
        putEntry.executeUpdate();
        return crc;
    }

    void deleteEntry(IndexEntry entry) throws SQLException, FsException {
        deleteEntry.setLong(1, entry.parent());
        deleteEntry.setBytes(2, entry.name().bytes());
        if (deleteEntry.executeUpdate() != 1) {
            throw RowCodec.damaged("an entry is in one tree and not in the other");
        }
    }

    /** The inode of any entry in the directory, 0 without one. */
    long anyChild(long parent) throws SQLException {
        someChildren.setLong(1, parent);
        try (ResultSet rows = someChildren.executeQuery()) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    /** A row of the directory table with its checksum. */
    record StoredDirectory(DirectoryRow row, long crc) {}

    @Nullable StoredDirectory directory(long inode) throws SQLException, FsException {
        directory.setLong(1, inode);
        try (ResultSet rows = directory.executeQuery()) {
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
        putDirectory.setLong(1, inode);
        putDirectory.setLong(2, crc);
        putDirectory.setBytes(3, data);
        putDirectory.executeUpdate();
        return crc;
    }

    void deleteDirectory(long inode) throws SQLException {
        deleteDirectory.setLong(1, inode);
        deleteDirectory.executeUpdate();
    }

    /** Writes the value; returns the fingerprint of the table after it. */
    Fingerprint putMeta(IndexChange.Meta change, Fingerprint before) throws SQLException {
        byte[] name = Reader.Text.encode(change.key());
        byte[] data = Reader.Text.encode(change.value());
        long crc = RowCodec.crc(name, data);
        Fingerprint without = before;
        meta.setBytes(1, name);
        try (ResultSet rows = meta.executeQuery()) {
            if (rows.next()) {
                without = before.without(rows.getLong(1));
            }
        }
        putMeta.setBytes(1, name);
        putMeta.setLong(2, crc);
        putMeta.setBytes(3, data);
        putMeta.executeUpdate();
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
