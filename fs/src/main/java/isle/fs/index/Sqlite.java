package isle.fs.index;

import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.sqlite.JDBC;
import org.sqlite.SQLiteJDBCLoader;

/** Loads SQLite and opens connections with the settings that {@link isle.fs.index} explains. */
final class Sqlite {

    /** How long a connection waits for another process that has the file. */
    private static final int BUSY_MILLIS = 1000;

    private Sqlite() {}

    /**
     * Loads the native library through a file in {@code folder}, which has to allow execution; the file is gone
     * afterwards. Once loaded it stays for the life of the process, wherever it came from.
     */
    static synchronized void load(Path folder) throws FsException {
        try {
            Files.createDirectories(folder);
            System.setProperty("org.sqlite.tmpdir", folder.toAbsolutePath().toString());
            SQLiteJDBCLoader.initialize();
            // The driver deletes its files when the JVM ends; after a kill they would stay for good.
            try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "sqlite-*")) {
                for (Path file : left) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw new FsException.Failed("cannot put the library of SQLite into " + folder, e);
        } catch (Exception e) {
            throw new FsException.Failed("cannot load the library of SQLite from " + folder, e);
        }
    }

    /** Opens a connection. The file exists; {@code cacheKib} bounds the pages it keeps in memory. */
    static Connection connect(Path file, int cacheKib) throws SQLException {
        // A URI, because the driver takes a question mark in a plain path for the start of settings.
        String url = "jdbc:sqlite:file:" + file.toAbsolutePath().toUri().getRawPath();
        Connection connection = JDBC.createConnection(url, new Properties());
        try {
            execute(connection, "PRAGMA busy_timeout=" + BUSY_MILLIS);
            execute(connection, "PRAGMA cache_size=-" + cacheKib);
            execute(connection, "PRAGMA mmap_size=0");
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
