package isle.fs.fuse;

import isle.fs.fuse.MountProblem.Kind;
import isle.fs.fuse.Unmounter.Attempt;
import isle.fs.fuse.Unmounter.Outcome;
import isle.fs.vfs.FileSystem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file system that is mounted. It lives until it is unmounted, by {@link #unmount} or by anybody else; then its
 * threads end and its memory is freed by itself. It installs no hook for the end of the virtual machine: who mounts
 * decides when what is unsaved has been stored, and unmounts then. While the machine ends, the loop threads still
 * answer.
 *
 * <p>No thread of this process may use the mount: it would wait for itself, and a killed process with such a thread
 * stays as a zombie.
 */
public final class FuseMount {

    private static final Logger LOG = LoggerFactory.getLogger(FuseMount.class);

    /** Time for the kernel's first question, and for the probe. */
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

    /** Time for one attempt to unmount, for which the kernel first writes back what is changed in mapped files. */
    private static final Duration ATTEMPT_LIMIT = Duration.ofSeconds(30);

    /** Time for the loop threads to end when the kernel has ended the connection. */
    private static final Duration END_LIMIT = Duration.ofSeconds(10);

    private static final long RETRY_NANOS = 100_000_000L;

    private final Path point;
    private final Session session;
    private final OperationTable operations;
    private final Invalidation invalidation;
    private final Loop loop;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private FuseMount(Path point, FuseLibrary library, FileSystem fs, MountOptions options) {
        this.point = point;
        this.session = new Session(library, options.timeouts());
        KernelNodes nodes = new KernelNodes();
        PageCaches pages = new PageCaches();
        Reply reply = new Reply();
        this.operations = new OperationTable(library.runtime());
        new NameHandlers(fs, reply, nodes, pages).install(operations);
        new InodeHandlers(fs, reply, library.layout()).install(operations);
        new FileHandlers(fs, reply, pages).install(operations);
        new DirectoryHandlers(fs, reply).install(operations);
        this.invalidation = new Invalidation(session, fs, nodes);
        this.loop = new Loop(session, reply, nodes, this::afterLastThread);
    }

    /**
     * Mounts and returns when the mount answers. A folder that is missing is made, without write permission; a dead
     * mount of the same profile there is removed first.
     *
     * @throws MountProblem why not, and what to do
     */
    public static FuseMount mount(FileSystem fs, Path dir, MountOptions options) throws MountProblem {
        FuseLibrary library = FuseLibrary.load();
        int uid = MountChecks.uid();
        MountChecks.check(options, uid);
        try (MountPoint prepared = MountPoint.prepare(dir, options, uid)) {
            prepared.allowMount();
            FuseMount mount = new FuseMount(prepared.path(), library, fs, options);
            mount.start(options);
            return mount;
        } catch (MountProblem e) {
            throw e;
        } catch (IOException e) {
            throw new MountProblem(
                    Kind.REFUSED,
                    "The mount point " + dir + " could not be prepared: " + e.getMessage() + ".",
                    "Choose another folder.",
                    e);
        }
    }

    private void start(MountOptions options) throws MountProblem {
        session.open(point, options, operations);
        loop.start();
        invalidation.start();
        if (!answers(options)) {
            giveUp();
            throw new MountProblem(
                    Kind.NO_ANSWER,
                    "The mount at " + point + " did not answer within " + ANSWER_LIMIT.toSeconds() + " s.",
                    "Try again; if it stays so, isle doctor looks into it.");
        }
    }

    private boolean answers(MountOptions options) {
        try {
            return loop.awaitConnected(ANSWER_LIMIT.toNanos())
                    && MountTable.read()
                            .at(point.toString())
                            .filter(entry -> entry.source().equals(options.source()))
                            .isPresent()
                    && MountProbe.probe(point.toString(), ANSWER_LIMIT) == MountProbe.State.LIVE;
        } catch (IOException e) {
            LOG.warn("the mount could not be probed: {}", e.getMessage());
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void giveUp() {
        try {
            Unmounter.unmount(point.toString(), true, ATTEMPT_LIMIT);
        } catch (IOException e) {
            LOG.warn("a mount that does not answer was left behind: {}", e.getMessage());
        }
    }

    /** Run by the last loop thread, when the kernel has ended the connection. */
    private void afterLastThread() {
        if (invalidation.close()) {
            session.destroy();
            operations.free();
        } else {
            LOG.warn("the kernel holds the invalidation thread: the session's memory is not freed");
        }
        ended.complete(null);
    }

    /** Where it is mounted, without symbolic links. */
    public Path point() {
        return point;
    }

    /** For telling the kernel what changed behind it. */
    public Invalidation invalidation() {
        return invalidation;
    }

    /** Time-outs for all answers from now on. What the kernel remembers already keeps those it was given with. */
    public void setTimeouts(CacheTimeouts timeouts) {
        session.setTimeouts(timeouts);
    }

    /** Threads that serve the mount at the moment. */
    int threads() {
        return loop.size();
    }

    /** Completes when it is mounted no longer, whoever unmounted it, and everything is freed. */
    public CompletableFuture<Void> ended() {
        return ended.copy();
    }

    /**
     * Unmounts; while programs use it, tries again until the time is over.
     *
     * @throws MountProblem of kind BUSY, naming programs that use it, or REFUSED; it is still mounted then and works
     */
    public void unmount(Duration limit) throws MountProblem {
        long deadline = System.nanoTime() + limit.toNanos();
        Attempt attempt = attempt(false);
        while (attempt.outcome() == Outcome.BUSY && deadline - System.nanoTime() > 0) {
            LockSupport.parkNanos(this, RETRY_NANOS);
            attempt = attempt(false);
        }
        if (attempt.outcome() != Outcome.DONE) {
            throw attempt.outcome() == Outcome.BUSY ? busy() : refused(attempt);
        }
        awaitEnd();
    }

    /**
     * The last resort: the mount disappears from the tree at once, and ends when the last program that uses it does.
     * Until then what these programs do is still served.
     *
     * @throws MountProblem of kind REFUSED
     */
    public void detach() throws MountProblem {
        Attempt attempt = attempt(true);
        if (attempt.outcome() != Outcome.DONE) {
            throw refused(attempt);
        }
    }

    /** Somebody else may have unmounted it already: that is as good. */
    private Attempt attempt(boolean lazily) throws MountProblem {
        if (ended.isDone()) {
            return new Attempt(Outcome.DONE, "");
        }
        try {
            Attempt attempt = Unmounter.unmount(point.toString(), lazily, ATTEMPT_LIMIT);
            boolean gone = attempt.outcome() != Outcome.DONE && isGone();
            return gone ? new Attempt(Outcome.DONE, "") : attempt;
        } catch (IOException e) {
            throw new MountProblem(
                    Kind.HELPER_MISSING,
                    "The program that unmounts could not be started: " + e.getMessage() + ".",
                    Packages.ofThisSystem(),
                    e);
        }
    }

    private static boolean isGone(MountTable table, Path point) {
        return table.at(point.toString()).isEmpty();
    }

    private boolean isGone() {
        return isGone(MountTable.read(), point);
    }

    private void awaitEnd() {
        try {
            ended.get(END_LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            LOG.warn("unmounted, but a request is still in hand after {} s", END_LIMIT.toSeconds());
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private MountProblem busy() {
        List<String> users = BusyPrograms.of(point.toString());
        List<MountTable.Entry> inside = MountTable.read().below(point.toString());
        String who = "by a program of another user";
        if (!users.isEmpty()) {
            who = String.join(", ", users);
        } else if (!inside.isEmpty()) {
            who = "another mount lies inside it";
        }
        return new MountProblem(
                Kind.BUSY,
                point + " is still in use: " + who + ".",
                "Close these programs and unmount again; what is not stored yet is safe in the journal.");
    }

    private MountProblem refused(Attempt attempt) {
        return new MountProblem(
                Kind.REFUSED,
                point + " could not be unmounted: " + attempt.text() + ".",
                "Unmount it as root: umount " + point + ".");
    }
}
