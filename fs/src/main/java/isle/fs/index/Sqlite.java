package isle.fs.index;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.sqlite.JDBC;

/** Opens connections to SQLite with the settings that {@link isle.fs.index} explains. */
final class Sqlite {

    /** How long a connection waits for another process that has the file. */
    private static final int BUSY_MILLIS = 1000;

    /** What the log of transactions is cut to after a large one. */
    private static final int LOG_BYTES = 8 << 20;

    private Sqlite() {}

    /** Opens a connection. The file exists; {@code cacheKib} bounds the pages it keeps in memory. */
    static Connection connect(Path file, int cacheKib) throws SQLException {
        // A URI, because the driver takes a question mark in a plain path for the start of settings.
        String url = "jdbc:sqlite:file:" + file.toAbsolutePath().toUri().getRawPath();
        Properties settings = new Properties();
        // Else every update would prepare and run a query for keys that nobody asks for: half of its time.
        settings.setProperty("jdbc.get_generated_keys", "false");
        Connection connection = JDBC.createConnection(url, settings);
        try {
            execute(connection, "PRAGMA busy_timeout=" + BUSY_MILLIS);
            execute(connection, "PRAGMA cache_size=-" + cacheKib);
            execute(connection, "PRAGMA mmap_size=0");
            execute(connection, "PRAGMA journal_size_limit=" + LOG_BYTES);
            execute(connection, "PRAGMA temp_store=MEMORY");
            execute(connection, "PRAGMA trusted_schema=OFF");
            execute(connection, "PRAGMA cell_size_check=ON");
            execute(connection, "PRAGMA synchronous=NORMAL");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The number in the first column of the first row; 0 without a row. */
    static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }
}
