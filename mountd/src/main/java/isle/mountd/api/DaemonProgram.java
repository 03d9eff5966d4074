package isle.mountd.api;

import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Consumer;

/**
 * The daemon inside the calling process. Found by {@link ServiceLoader}, so that the command line need not know its
 * classes; there only when the whole program is on the class path.
 */
public interface DaemonProgram {

    /**
     * Runs until it is told to stop, by the socket or by a signal.
     *
     * @param mount what to mount at the start, if anything
     * @param progress takes texts for people
     * @param codes shows somebody the recovery code of a private/ that begins; empty if nobody is there who could write it
     *     down, so that none begins
     */
    void run(
            ProfileFolders folders,
            Optional<MountRequest> mount,
            Consumer<String> progress,
            Optional<Consumer<String>> codes)
            throws DaemonException;

    /** The daemon of this program. */
    static DaemonProgram load() throws DaemonException {
        return ServiceLoader.load(DaemonProgram.class)
                .findFirst()
                .orElseThrow(() -> new DaemonException(
                        FailureKind.FAILED,
                        "The daemon's classes are not on the class path.",
                        "Start isle with its launcher, which puts them there."));
    }
}
