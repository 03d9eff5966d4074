package isle.fs.fuse;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Whether the daemon behind a mount answers. */
final class MountProbe {

    /** What a probe found. */
    enum State {
        /** It answers, or the kernel refuses this user and answers itself. */
        LIVE,
        /** The daemon is gone: ENOTCONN, or ECONNABORTED. */
        DEAD,
        /** There is a daemon and it does not answer. */
        SILENT
    }

    private MountProbe() {}

    /**
     * Asks for the space of the file system, because that is the one question that the kernel never answers from its
     * memory.
     */
    static State probe(String point, Duration limit) throws IOException {
        ChildProcess.Result result = ChildProcess.run(List.of("stat", "-f", "--", point), limit);
        if (result.timedOut()) {
            return State.SILENT;
        }
        boolean dead =
                result.output().contains("not connected") || result.output().contains("connection abort");
        return result.exitCode() != 0 && dead ? State.DEAD : State.LIVE;
    }
}
