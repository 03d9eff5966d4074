package isle.fs.index;

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
    private final PreparedStatement begin;
    private final PreparedStatement commit;
    private final PreparedStatement byName;
    private final PreparedStatement byInode;
    private final PreparedStatement children;
    private final PreparedStatement childrenNames;
    private final PreparedStatement directory;
    private final PreparedStatement counters;
    private final PreparedStatement meta;

    Reader(Path file, int cacheKib) throws SQLException {
        connection = Sqlite.connect(file, cacheKib);
        Sqlite.execute(connection, "PRAGMA query_only=ON");
        begin = connection.prepareStatement("BEGIN");
        commit = connection.prepareStatement("COMMIT");
        byName = connection.prepareStatement("SELECT inode, crc, data FROM entry WHERE parent=? AND name=?");
        byInode = connection.prepareStatement(Writer.BY_INODE);
        children = connection.prepareStatement("SELECT name, inode, crc, data FROM entry WHERE parent=? ORDER BY name");
        childrenNames = connection.prepareStatement("SELECT name, crc FROM entry WHERE parent=? ORDER BY name");
        directory = connection.prepareStatement("SELECT crc, data FROM directory WHERE inode=?");
        counters = connection.prepareStatement(Writer.COUNTERS);
        meta = connection.prepareStatement("SELECT crc, data FROM meta WHERE name=?");
    }

    /** The entry, or null. The absence is not proven: see {@link #proveChildren}. */
    @Nullable IndexEntry find(long parent, FileName name) throws SQLException, FsException {
        byte[] bytes = name.bytes();
        byName.setLong(1, parent);
        byName.setBytes(2, bytes);
        try (ResultSet rows = byName.executeQuery()) {
            return rows.next()
                    ? RowCodec.decode(
                            parent, bytes, rows.getLong(1), rows.getLong(2), RowCodec.present(rows.getBytes(3)))
                    : null;
        }
    }

    /** The entry, or null. The absence is not proven: see {@link #proveInodes}. */
    @Nullable IndexEntry find(long inode) throws SQLException, FsException {
        byInode.setLong(1, inode);
        try (ResultSet rows = byInode.executeQuery()) {
            return rows.next()
                    ? RowCodec.decode(
                            rows.getLong(1),
                            RowCodec.present(rows.getBytes(2)),
                            rows.getLong(3),
                            rows.getLong(4),
                            RowCodec.present(rows.getBytes(5)))
                    : null;
        }
    }

    /** All entries of a directory, in the order of their names' bytes; complete, or Corrupt. */
    List<IndexEntry> children(long parent, boolean rowExpected) throws SQLException, FsException {
        return snapshot(() -> {
            Fingerprint expected = fingerprint(parent, rowExpected);
            Fingerprint found = Fingerprint.EMPTY;
            List<IndexEntry> entries = new ArrayList<>();
            byte[] previous = NO_NAME;
            children.setLong(1, parent);
            try (ResultSet rows = children.executeQuery()) {
                while (rows.next()) {
                    byte[] name = RowCodec.present(rows.getBytes(1));
                    long crc = rows.getLong(3);
                    checkOrder(previous, name);
                    entries.add(
                            RowCodec.decode(parent, name, rows.getLong(2), crc, RowCodec.present(rows.getBytes(4))));
                    found = found.with(crc);
                    previous = name;
                }
            }
            expected.check(found, "directory " + parent);
            return entries;
        });
    }

    /** Corrupt unless every entry of the directory is there and can be found by its name. Looks at all of them. */
    void proveChildren(long parent, boolean rowExpected) throws SQLException, FsException {
        snapshot(() -> {
            Fingerprint expected = fingerprint(parent, rowExpected);
            Fingerprint found = Fingerprint.EMPTY;
            byte[] previous = NO_NAME;
            childrenNames.setLong(1, parent);
            try (ResultSet rows = childrenNames.executeQuery()) {
                while (rows.next()) {
                    byte[] name = RowCodec.present(rows.getBytes(1));
                    checkOrder(previous, name);
                    found = found.with(rows.getLong(2));
                    previous = name;
                }
            }
            expected.check(found, "directory " + parent);
            return expected;
        });
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
            Counters counters = Writer.readCounters(this.counters);
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
        directory.setLong(1, inode);
        try (ResultSet rows = directory.executeQuery()) {
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
        meta.setBytes(1, name);
        try (ResultSet rows = meta.executeQuery()) {
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
        begin.execute();
        T answer;
        try {
            answer = query.run();
        } catch (Throwable e) {
            try {
                commit.execute();
            } catch (SQLException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
        commit.execute();
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
