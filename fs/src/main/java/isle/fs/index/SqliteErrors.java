package isle.fs.index;

import isle.fs.model.FsException;
import java.sql.SQLException;
import org.sqlite.SQLiteException;

/** Turns errors of SQLite into ours. Messages of SQLite name tables and causes, never values. */
final class SqliteErrors {

    private static final int ERROR = 1;
    private static final int PERM = 3;
    private static final int BUSY = 5;
    private static final int LOCKED = 6;
    private static final int READONLY = 8;
    private static final int CORRUPT = 11;
    private static final int FULL = 13;
    private static final int SCHEMA = 17;
    private static final int TOO_BIG = 18;
    private static final int CONSTRAINT = 19;
    private static final int MISMATCH = 20;
    private static final int FORMAT = 24;
    private static final int NOT_A_DATABASE = 26;
    private static final int IOERR_SHORT_READ = 10 | (2 << 8);
    private static final int IOERR_DATA = 10 | (32 << 8);
    private static final int IOERR_CORRUPT_FS = 10 | (33 << 8);

    /** The file with the state of the log could not grow. */
    private static final int IOERR_SHM_SIZE = 10 | (19 << 8);

    private SqliteErrors() {}

    static FsException translate(SQLException e) {
        return switch (extended(e)) {
            case IOERR_SHORT_READ, IOERR_DATA, IOERR_CORRUPT_FS -> damaged(e);
            case IOERR_SHM_SIZE -> full(e);
            default -> byKind(e);
        };
    }

    /** The driver's {@code getErrorCode} is the kind alone. */
    private static int extended(SQLException e) {
        return e instanceof SQLiteException s ? s.getResultCode().code : e.getErrorCode();
    }

    private static FsException byKind(SQLException e) {
        return switch (extended(e) & 0xff) {
            // Our statements are fixed and right for our schema and data: all these say that the file has others.
            case ERROR, CORRUPT, SCHEMA, TOO_BIG, CONSTRAINT, MISMATCH, FORMAT, NOT_A_DATABASE -> damaged(e);
            case FULL -> full(e);
            case PERM, READONLY -> new FsException.ReadOnly("the index cannot be written: " + e.getMessage(), e);
            case BUSY, LOCKED -> new FsException.Busy("the index is in use by another process: " + e.getMessage(), e);
            default -> new FsException.Failed("the index failed: " + e.getMessage(), e);
        };
    }

    private static FsException damaged(SQLException e) {
        return new FsException.Corrupt("the index is damaged: " + e.getMessage(), e);
    }

    private static FsException full(SQLException e) {
        return new FsException.NoSpace("no space for the index: " + e.getMessage(), e);
    }
}
