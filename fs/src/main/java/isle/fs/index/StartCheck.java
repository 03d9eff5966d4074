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
            counters.meta.check(fingerprint(connection, "meta"), "values");
            return false;
        }
        if (!counters.clean) {
            quickCheck(connection);
        }
        tables(connection, counters);
        return true;
    }

    /** Compares the number and the checksums of all rows, by every tree, with the counters. */
    static void tables(Connection connection, Counters counters) throws SQLException, FsException {
        counters.meta.check(fingerprint(connection, "meta"), "values");
        counters.entries.check(fingerprint(connection, "entry"), "entries");
        counters.directories.check(fingerprint(connection, "directory"), "directories");
        inodes(connection, counters);
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

    private static Fingerprint fingerprint(Connection connection, String table) throws SQLException {
        String sql = "SELECT count(*), sum(crc) FROM " + table;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return new Fingerprint(rows.getLong(1), rows.getLong(2));
        }
    }
}
