package isle.fs.index;

import isle.fs.model.ByteSink;
import isle.fs.model.ByteSource;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection that reads, for one thread at a time. Each method sees one committed state.
 *
 * <p>What is found carries its own checksum. That nothing is found has to be proven too: by the directory's
 * fingerprint.
 */
final class Reader implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Reader.class);

    /** Less than every name. */
    private static final byte[] NO_NAME = {};

    private final Connection connection;
    private final Statements statements;

    Reader(Path file, int cacheKib) throws SQLException {
        connection = Sqlite.connect(file, cacheKib);
        Sqlite.execute(connection, "PRAGMA query_only=ON");
        statements = new Statements(connection);
    }

    /** To be called when a method of this object has thrown anything; it can be used again then. */
    void afterFailure() {
        statements.rollBack();
    }

    /** The entry, or null. The absence is not proven: see {@link #proveChildren}. */
    @Nullable IndexEntry find(long parent, FileName name) throws SQLException, FsException {
        PreparedStatement query = statements.get(Statements.ENTRY_BY_NAME);
        query.setLong(1, parent);
        query.setBytes(2, name.bytes());
        return first(query);
    }

    /** The entry, or null. The absence is not proven: see {@link #proveInodes}. */
    @Nullable IndexEntry find(long inode) throws SQLException, FsException {
        PreparedStatement query = statements.get(Statements.ENTRY_BY_INODE);
        query.setLong(1, inode);
        IndexEntry found = first(query);
        if (found != null && found.inode() != inode) {
            throw RowCodec.damaged("the tree of inodes leads to another one");
        }
        return found;
    }

    private static @Nullable IndexEntry first(PreparedStatement query) throws SQLException, FsException {
        try (ResultSet rows = query.executeQuery()) {
            return rows.next() ? EntryRow.read(rows).entry() : null;
        }
    }

    /** All entries of a directory, in the order of their names' bytes; complete, or Corrupt. */
    List<IndexEntry> children(long parent, boolean rowExpected) throws SQLException, FsException {
        return snapshot(() -> {
            List<IndexEntry> entries = new ArrayList<>();
            scan(parent, rowExpected, row -> entries.add(row.entry()));
            return entries;
        });
    }

    /** Corrupt unless every entry of the directory is there and can be found by its name. Looks at all of them. */
    void proveChildren(long parent, boolean rowExpected) throws SQLException, FsException {
        snapshot(() -> {
            Fingerprint found = scan(parent, rowExpected, row -> {});
            PreparedStatement reachable = statements.get(Statements.REACHABLE);
            reachable.setLong(1, parent);
            try (ResultSet rows = reachable.executeQuery()) {
                // A search can be led astray by a row that is outside this directory.
                if (!rows.next() || rows.getLong(1) != found.count()) {
                    throw RowCodec.damaged("directory " + parent + " has entries that no search finds");
                }
            }
            return found;
        });
    }

    private interface RowSink {
        void row(EntryRow row) throws FsException;
    }

    /** To be called within a snapshot. */
    private Fingerprint scan(long parent, boolean rowExpected, RowSink sink) throws SQLException, FsException {
        Fingerprint expected = fingerprint(parent, rowExpected);
        Fingerprint found = Fingerprint.EMPTY;
        byte[] previous = NO_NAME;
        PreparedStatement children = statements.get(Statements.CHILDREN);
        children.setLong(1, parent);
        try (ResultSet rows = children.executeQuery()) {
            while (rows.next()) {
                EntryRow row = EntryRow.read(rows);
                if (row.parent != parent) {
                    // In the middle of a range SQLite does not look whether a row belongs to it.
                    throw RowCodec.damaged("a row has strayed into directory " + parent);
                }
                checkOrder(previous, row.name);
                sink.row(row);
                found = found.with(row.crc);
                previous = row.name;
            }
        }
        expected.check(found, "directory " + parent);
        return found;
    }

    /** SQLite trusts the order of a page; pages that a disk has put in each other's place are in none. */
    private static void checkOrder(byte[] previous, byte[] name) throws FsException {
        if (Arrays.compareUnsigned(previous, name) >= 0) {
            throw RowCodec.damaged("its names are not in order");
        }
    }

    /** Corrupt unless every entry can be found by its inode. Looks at all of them. */
    void proveInodes() throws SQLException, FsException {
        snapshot(() -> {
            Counters counters = Writer.readCounters(statements);
            StartCheck.inodes(connection, counters);
            return counters;
        });
    }

    /** The state of a directory, where there is one. {@code rowExpected}: it is damage when it has no row. */
    Optional<DirectoryState> directory(long inode, boolean rowExpected) throws SQLException, FsException {
        return snapshot(() -> {
            DirectoryRow row = row(inode, rowExpected);
            return row == null ? Optional.empty() : row.state(inode);
        });
    }

    private Fingerprint fingerprint(long parent, boolean rowExpected) throws SQLException, FsException {
        DirectoryRow row = row(parent, rowExpected);
        return row == null ? Fingerprint.EMPTY : row.children();
    }

    private @Nullable DirectoryRow row(long inode, boolean rowExpected) throws SQLException, FsException {
        PreparedStatement query = statements.get(Statements.DIRECTORY);
        query.setLong(1, inode);
        try (ResultSet rows = query.executeQuery()) {
            if (rows.next()) {
                return DirectoryRow.decode(inode, rows.getLong(1), RowCodec.present(rows.getBytes(2)));
            }
        }
        IndexEntry entry = find(inode);
        if (rowExpected || (entry != null && entry.isDirectory())) {
            throw RowCodec.damaged("directory " + inode + " has lost its row");
        }
        return null;
    }

    Optional<String> meta(String key) throws SQLException, FsException {
        byte[] name = Text.encode(key);
        PreparedStatement query = statements.get(Statements.META);
        query.setBytes(1, name);
        try (ResultSet rows = query.executeQuery()) {
            if (!rows.next()) {
                return Optional.empty();
            }
            byte[] data = RowCodec.present(rows.getBytes(2));
            RowCodec.check(rows.getLong(1), RowCodec.crc(name, data));
            return Optional.of(Text.decode(data));
        }
    }

    /** The texts of the meta table. */
    static final class Text {
        private Text() {}

        static byte[] encode(String text) {
            ByteSink sink = new ByteSink();
            sink.putText(text);
            return sink.toBytes();
        }

        static String decode(byte[] data) throws FsException {
            try {
                return new ByteSource(data).getText();
            } catch (IllegalArgumentException e) {
                throw new FsException.Corrupt("the index has a value that does not decode", e);
            }
        }
    }

    private interface Query<T> {
        T run() throws SQLException, FsException;
    }

    private <T> T snapshot(Query<T> query) throws SQLException, FsException {
        statements.get(Statements.BEGIN).execute();
        T answer = query.run();
        statements.get(Statements.COMMIT).execute();
        return answer;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.warn("A reader of the index did not close: {}", e.getMessage());
        }
    }
}
