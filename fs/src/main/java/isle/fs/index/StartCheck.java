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

    static void run(Connection connection, Counters counters, long maxBytes) throws SQLException, FsException {
        counters.meta.check(fingerprint(connection, "SELECT count(*), sum(crc) FROM meta"), "values");
        if (bytes(connection) > maxBytes) {
            return;
        }
        quickCheck(connection);
        tables(connection, counters);
    }

    /** Compares the number and the checksums of all rows, by every tree, with the counters. */
    static void tables(Connection connection, Counters counters) throws SQLException, FsException {
        counters.meta.check(fingerprint(connection, "SELECT count(*), sum(crc) FROM meta"), "values");
        counters.entries.check(fingerprint(connection, "SELECT count(*), sum(crc) FROM entry"), "entries");
        new Fingerprint(counters.entries.count(), counters.inodeSum)
                .check(
                        fingerprint(
                                connection,
                                "SELECT count(*), sum(inode & 4294967295) FROM entry INDEXED BY entry_inode"),
                        "entries by inode");
        counters.directories.check(fingerprint(connection, "SELECT count(*), sum(crc) FROM directory"), "directories");
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

    private static Fingerprint fingerprint(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return new Fingerprint(rows.getLong(1), rows.getLong(2));
        }
    }
}
