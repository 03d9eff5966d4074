package isle.fs.index;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * All that is asked of SQLite once it is open, as statements of one connection, prepared when first needed. The driver closes a statement that failed, without
 * saying so: after any failure all are made anew.
 */
final class Statements {

    static final String BEGIN = "BEGIN";
    static final String BEGIN_WRITE = "BEGIN IMMEDIATE";
    static final String COMMIT = "COMMIT";

    static final String ENTRY_BY_NAME = "SELECT parent, name, inode, crc, data FROM entry WHERE parent=? AND name=?";

    /**
     * The tree of inodes gives the key, and an outer join the row: an inode that has the first and not the second has
     * lost its row, which a plain query would not tell from none.
     */
    static final String ENTRY_BY_INODE =
            "SELECT k.parent, k.name, k.inode, e.crc, e.data FROM entry AS k INDEXED BY entry_inode"
                    + " LEFT JOIN entry AS e ON e.parent=k.parent AND e.name=k.name WHERE k.inode=?";

    static final String CHILDREN = "SELECT parent, name, inode, crc, data FROM entry WHERE parent=? ORDER BY name";
    static final String ANY_CHILD = "SELECT inode FROM entry WHERE parent=? LIMIT 1";

    /** How many entries of a directory a search by their names finds. */
    static final String REACHABLE = "SELECT count(*) FROM entry AS a WHERE a.parent=? AND EXISTS"
            + " (SELECT 1 FROM entry AS b WHERE b.parent=a.parent AND b.name=a.name)";

    static final String PUT_ENTRY = "INSERT INTO entry VALUES(?, ?, ?, ?, ?)"
            + " ON CONFLICT(parent, name) DO UPDATE SET crc=excluded.crc, data=excluded.data";
    static final String DELETE_ENTRY = "DELETE FROM entry WHERE parent=? AND name=?";
    static final String DIRECTORY = "SELECT crc, data FROM directory WHERE inode=?";
    static final String PUT_DIRECTORY = "INSERT OR REPLACE INTO directory VALUES(?, ?, ?)";
    static final String DELETE_DIRECTORY = "DELETE FROM directory WHERE inode=?";
    static final String META = "SELECT crc, data FROM meta WHERE name=?";
    static final String PUT_META = "INSERT OR REPLACE INTO meta VALUES(?, ?, ?)";
    static final String COUNTERS = "SELECT crc, data FROM counters WHERE id=0";

    /** Changes nothing when the row is not the one with the last checksum. */
    static final String PUT_COUNTERS = "UPDATE counters SET crc=?, data=? WHERE id=0 AND crc=?";

    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();

    Statements(Connection connection) {
        this.connection = connection;
    }

    PreparedStatement get(String sql) throws SQLException {
        PreparedStatement known = prepared.get(sql);
        if (known != null) {
            return known;
        }
        PreparedStatement made = connection.prepareStatement(sql);
        prepared.put(sql, made);
        return made;
    }

    /** Ends a transaction that failed, if there is one, and forgets all statements. */
    void rollBack() {
        for (PreparedStatement statement : prepared.values()) {
            closeQuietly(statement);
        }
        prepared.clear();
        try {
            Sqlite.execute(connection, "ROLLBACK");
        } catch (SQLException e) {
            // There was no transaction: after some errors SQLite has rolled back by itself.
            return;
        }
    }

    private static void closeQuietly(PreparedStatement statement) {
        try {
            statement.close();
        } catch (SQLException e) {
            // It failed before, and says so again.
            return;
        }
    }
}
