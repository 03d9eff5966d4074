package isle.fs.index;

import isle.fs.model.FsException;
import java.sql.SQLException;

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
    private static final int IOERR_SHORT_READ = 10 | 2 << 8;
    private static final int IOERR_DATA = 10 | 32 << 8;
    private static final int IOERR_CORRUPT_FS = 10 | 33 << 8;

    private SqliteErrors() {}

    static FsException translate(SQLException e) {
        int extended = e.getErrorCode();
        String text = e.getMessage();
        switch (extended) {
            case IOERR_SHORT_READ:
            case IOERR_DATA:
            case IOERR_CORRUPT_FS:
                return new FsException.Corrupt("the index is damaged: " + text, e);
            default:
                break;
        }
        switch (extended & 0xff) {
            // Our statements are fixed and right for our schema and data: all these say that the file has others.
            case ERROR:
            case CORRUPT:
            case SCHEMA:
            case TOO_BIG:
            case CONSTRAINT:
            case MISMATCH:
            case FORMAT:
            case NOT_A_DATABASE:
                return new FsException.Corrupt("the index is damaged: " + text, e);
            case FULL:
                return new FsException.NoSpace("no space for the index: " + text, e);
            case PERM:
            case READONLY:
                return new FsException.ReadOnly("the index cannot be written: " + text, e);
            case BUSY:
            case LOCKED:
                return new FsException.Busy("the index is in use by another process: " + text, e);
            default:
                return new FsException.Failed("the index failed: " + text, e);
        }
    }
}
