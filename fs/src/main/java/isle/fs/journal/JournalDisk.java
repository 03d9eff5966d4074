package isle.fs.journal;

import java.io.IOException;
import java.util.List;

/**
 * The folder under a journal. Names are flat. What {@link #create}, {@link #delete} and {@link #replace} did survives
 * power loss only after {@link #forceDirectory()}; before, each of them may have happened or not.
 *
 * <p>A full disk is told by {@link isle.fs.model.FsException.NoSpace}, every other failure by any {@link IOException}.
 */
public interface JournalDisk {

    /** Names of all files, in any order. */
    List<String> list() throws IOException;

    /** Opens an existing file for reading and writing. */
    JournalFile open(String name) throws IOException;

    /** Makes an empty file; one of that name is emptied. */
    JournalFile create(String name) throws IOException;

    /** Removes a file; none of that name is fine. */
    void delete(String name) throws IOException;

    /**
     * Gives the file {@code from} the name {@code to}, at once for every observer, over a file that has it. Files opened
     * under either name must not be used afterwards, but to close them.
     */
    void replace(String from, String to) throws IOException;

    /** Makes all changes of names so far survive power loss. */
    void forceDirectory() throws IOException;
}
