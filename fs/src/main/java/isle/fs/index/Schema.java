package isle.fs.index;

import isle.fs.model.FsException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The tables of format 1, which {@link isle.fs.index} describes. */
final class Schema {

    /** "isle" in ASCII. */
    static final int APPLICATION_ID = 0x69736c65;

    static final int FORMAT = 1;

    private static final List<String> STATEMENTS = List.of(
            "CREATE TABLE entry(parent INTEGER NOT NULL, name BLOB NOT NULL, inode INTEGER NOT NULL,"
                    + " crc INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY(parent, name)) WITHOUT ROWID",
            "CREATE UNIQUE INDEX entry_inode ON entry(inode)",
            "CREATE TABLE directory(inode INTEGER PRIMARY KEY, crc INTEGER NOT NULL, data BLOB NOT NULL)",
            "CREATE TABLE meta(name BLOB PRIMARY KEY, crc INTEGER NOT NULL, data BLOB NOT NULL) WITHOUT ROWID",
            "CREATE TABLE counters(id INTEGER PRIMARY KEY, crc INTEGER NOT NULL, data BLOB NOT NULL)");

    private Schema() {}

    /** Makes the tables in an empty file; Corrupt when the file is not an index of this format. */
    static void ensure(Connection connection) throws SQLException, FsException {
        long application = Sqlite.number(connection, "PRAGMA application_id");
        long format = Sqlite.number(connection, "PRAGMA user_version");
        List<String> found = statements(connection);
        boolean empty = application == 0 && format == 0 && found.isEmpty();
        if (!empty) {
            check(application, format, found);
        }
        keepLog(connection);
        if (empty) {
            create(connection);
        }
    }

    private static void check(long application, long format, List<String> found) throws FsException {
        if (application != APPLICATION_ID) {
            throw new FsException.Corrupt("the file is a database, but not an index of isle");
        }
        if (format != FORMAT) {
            throw new FsException.Corrupt("the index has format " + format + "; this program knows format " + FORMAT
                    + (format > FORMAT ? ", so a newer one wrote it" : ""));
        }
        if (!found.equals(STATEMENTS)) {
            throw RowCodec.damaged("its tables are not those of format " + FORMAT);
        }
    }

    /** Write-ahead logging is a property of the file, and the only one with which a kill in a write does no harm. */
    private static void keepLog(Connection connection) throws SQLException, FsException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA journal_mode=WAL")) {
            if (!rows.next() || !"wal".equals(rows.getString(1))) {
                throw new FsException.Failed("the disk of the index does not allow a write-ahead log");
            }
        }
        if (Sqlite.number(connection, "PRAGMA auto_vacuum") != 0) {
            throw RowCodec.damaged("its pages are laid out as no index does it");
        }
    }

    private static List<String> statements(Connection connection) throws SQLException {
        List<String> found = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT sql FROM sqlite_schema ORDER BY rowid")) {
            while (rows.next()) {
                String sql = rows.getString(1);
                found.add(sql == null ? "" : sql);
            }
        }
        return found;
    }

    private static void create(Connection connection) throws SQLException {
        Sqlite.execute(connection, "BEGIN IMMEDIATE");
        Sqlite.execute(connection, "PRAGMA application_id=" + APPLICATION_ID);
        Sqlite.execute(connection, "PRAGMA user_version=" + FORMAT);
        for (String statement : STATEMENTS) {
            Sqlite.execute(connection, statement);
        }
        byte[] counters = new Counters().encode();
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO counters VALUES(0, ?, ?)")) {
            insert.setLong(1, RowCodec.crc(0, counters));
            insert.setBytes(2, counters);
            insert.executeUpdate();
        }
        Sqlite.execute(connection, "COMMIT");
    }
}
