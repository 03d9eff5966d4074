package isle.mountd.api;

import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Consumer;

/** Looks for what is wrong with this machine and this profile. Found as {@link DaemonProgram} is. */
public interface Examiner {

    /** Examines everything, and hands out each finding as soon as it is known. */
    void examine(ProfileFolders folders, Map<String, String> environment, Consumer<Finding> sink);

    /** Versions of the parts that were found on this machine. */
    void versions(Map<String, String> environment, Consumer<Finding> sink);

    /**
     * One thing that was looked at.
     *
     * @param subject what was looked at, a few words
     * @param state how it is
     * @param detail what was found, one sentence or a version
     * @param remedy what to do, line by line; empty if nothing is to be done
     */
    record Finding(String subject, State state, String detail, String remedy) {}

    /** How something is. */
    enum State {
        OK,
        /** Works, but not everything. */
        NOTE,
        PROBLEM
    }

    /** The examiner of this program. */
    static Examiner load() throws DaemonException {
        return ServiceLoader.load(Examiner.class)
                .findFirst()
                .orElseThrow(() -> new DaemonException(
                        FailureKind.FAILED,
                        "The program's classes are not on the class path.",
                        "Start isle with its launcher, which puts them there."));
    }
}
