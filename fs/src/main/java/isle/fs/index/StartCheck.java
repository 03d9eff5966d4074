package isle.fs.index;

import isle.fs.model.FsException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** What is checked when an index is opened: as much as is quick, because later answers check themselves. */
final class StartCheck {

    /** A larger file is not read at the start. */
    static final long MAX_BYTES = 128L << 20;

    private StartCheck() {}

    /** Returns whether the file was small enough to be read; {@link #inodes} holds then. */
    static boolean run(Connection connection, Counters counters, long maxBytes) throws SQLException, FsException {
        if (bytes(connection) > maxBytes) {
            meta(connection, counters);
            return false;
        }
        if (!counters.clean) {
            quickCheck(connection);
        }
        tables(connection, counters);
        return true;
    }

    /** Compares the rows of all trees with the counters. */
    static void tables(Connection connection, Counters counters) throws SQLException, FsException {
        meta(connection, counters);
        directories(connection, counters);
        entries(connection, counters);
        inodes(connection, counters);
    }

    private static void meta(Connection connection, Counters counters) throws SQLException, FsException {
        Fingerprint found = Fingerprint.EMPTY;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT name, crc, data FROM meta")) {
            while (rows.next()) {
                byte[] name = RowCodec.present(rows.getBytes(1));
                RowCodec.check(rows.getLong(2), RowCodec.crc(name, RowCodec.present(rows.getBytes(3))));
                found = found.with(rows.getLong(2));
            }
        }
        counters.meta.check(found, "values");
    }

    private static void directories(Connection connection, Counters counters) throws SQLException, FsException {
        Fingerprint found = Fingerprint.EMPTY;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT inode, crc, data FROM directory")) {
            while (rows.next()) {
                DirectoryRow.decode(rows.getLong(1), rows.getLong(2), RowCodec.present(rows.getBytes(3)));
                found = found.with(rows.getLong(2));
            }
        }
        counters.directories.check(found, "directories");
    }

    /** That all rows are there; what is in them is checked when they are read. */
    private static void entries(Connection connection, Counters counters) throws SQLException, FsException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*), sum(crc) FROM entry")) {
            rows.next();
            counters.entries.check(new Fingerprint(rows.getLong(1), rows.getLong(2)), "entries");
        }
    }

    /** Every entry can be found by its inode: all are in the tree of inodes, and in order. */
    static void inodes(Connection connection, Counters counters) throws SQLException, FsException {
        Fingerprint found = Fingerprint.EMPTY;
        long previous = 0;
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT inode FROM entry INDEXED BY entry_inode ORDER BY inode")) {
            while (rows.next()) {
                long inode = rows.getLong(1);
                if (inode <= previous) {
                    throw RowCodec.damaged("its inodes are not in order");
                }
                found = found.with(Counters.sumOf(inode));
                previous = inode;
            }
        }
        new Fingerprint(counters.entries.count(), counters.inodeSum).check(found, "entries by inode");
    }

    /** SQLite's own look at all pages. */
    static void quickCheck(Connection connection) throws SQLException, FsException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA quick_check(1)")) {
            if (!rows.next() || !"ok".equals(rows.getString(1))) {
                throw RowCodec.damaged("SQLite finds its pages in disorder");
            }
        }
    }

    private static long bytes(Connection connection) throws SQLException {
        return Sqlite.number(connection, "PRAGMA page_count") * Sqlite.number(connection, "PRAGMA page_size");
    }
}
