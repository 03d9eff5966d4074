package isle.mountd.local;

import isle.mountd.api.DaemonException;
import isle.mountd.api.MountAnswer;
import isle.mountd.api.MountRequest;
import isle.mountd.api.StatusReport;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** What the socket can ask of the daemon. */
public interface Service {

    /** State of the whole daemon, from memory: answers at once whatever else is going on. */
    StatusReport status();

    /** Asks every store now, so that {@link #status} says of each whether it answers. Takes a request's time. */
    void askStores();

    /** The volumes; opens the store if it is not open. */
    OpenVolumes volumes(Consumer<String> progress) throws DaemonException;

    /** Opens the store if it is not open, and mounts. */
    MountAnswer mount(MountRequest request, Consumer<String> progress) throws DaemonException;

    /**
     * Waits until everything is in the store, unmounts and closes the store. The process goes on until
     * {@link #exit()}.
     *
     * @param dir if given, what has to be mounted there
     * @param timeout how long to wait; empty for what {@code daemon.yml} says
     * @param force do not wait, and unmount although programs have files open
     * @return a sentence for people about what is left, if anything is
     * @throws DaemonException it cannot be unmounted; then everything goes on as before
     */
    Optional<String> stop(Optional<String> dir, Optional<Duration> timeout, boolean force, Consumer<String> progress)
            throws DaemonException;

    /** The identity of the person. */
    IdentityService identity();

    /** private/ as a whole. */
    VaultService vault();

    /** Ends the process, after {@link #stop}. */
    void exit();
}
