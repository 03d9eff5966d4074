package isle.mountd;

import isle.crypto.identity.Code;
import isle.crypto.identity.DeviceKeys;
import isle.mountd.api.Credentials;
import isle.mountd.api.DaemonException;
import isle.mountd.api.FailureKind;
import isle.mountd.api.IdentityAnswer;
import isle.mountd.api.MountAnswer;
import isle.mountd.api.MountRequest;
import isle.mountd.api.Program;
import isle.mountd.api.StatusReport;
import isle.mountd.config.DaemonConfig;
import isle.mountd.config.KeptCredentials;
import isle.mountd.config.Profile;
import isle.mountd.config.Settings;
import isle.mountd.config.StoreAddress;
import isle.mountd.health.HealthRegistry;
import isle.mountd.local.IdentityService;
import isle.mountd.local.OpenVolumes;
import isle.mountd.local.Pending;
import isle.mountd.local.Service;
import isle.mountd.local.VaultService;
import isle.mountd.vault.PrivateVault;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemon of one profile: opens the store when somebody needs it, mounts it on request, ends in order. One change of
 * state at a time; status needs no lock.
 */
final class Daemon implements Service {

    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);
    private static final Duration STEP = Duration.ofSeconds(1);

    private record Open(Engine engine, Settings settings) {}

    private final Profile profile;
    private final EngineFactory factory;
    private final HealthRegistry health;
    private final boolean root;
    private final ReentrantLock lifecycle = new ReentrantLock();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final DaemonIdentity identity = new DaemonIdentity(this);
    private final DaemonVault vault = new DaemonVault(this);
    private volatile @Nullable Open open;

    /** This host's keys while they are behind a passphrase that was typed; under the lock. */
    private @Nullable DeviceKeys keys;

    /** A recovery code that nobody was shown yet; under the lock. */
    private @Nullable Code newCode;

    private volatile boolean stopping;

    Daemon(Profile profile, EngineFactory factory, HealthRegistry health, boolean root) {
        this.profile = profile;
        this.factory = factory;
        this.health = health;
        this.root = root;
    }

    @Override
    public StatusReport status() {
        Open now = open;
        if (now != null) {
            EngineHealth.examine(now.engine, health);
        }
        return new StatusReport(
                Program.version(),
                ProcessHandle.current().pid(),
                profile.folders().state().toString(),
                now == null ? Optional.empty() : now.engine.mount(),
                now != null && now.settings.readOnly(),
                now == null ? List.of() : now.engine.volumes(),
                health.issues());
    }

    /** What is open, if anything is. */
    Optional<Engine> engine() {
        return Optional.ofNullable(open).map(Open::engine);
    }

    @Override
    public void askStores() {
        engine().ifPresent(Engine::askStores);
    }

    @Override
    public OpenVolumes volumes(Consumer<String> progress) throws DaemonException {
        Open now = open;
        if (now != null && !stopping) {
            return now.engine;
        }
        lifecycle.lock();
        try {
            refuseWhenStopping();
            now = open;
            return now == null ? open(settings(MountRequest.DEFAULT), false, progress).engine : now.engine;
        } finally {
            lifecycle.unlock();
        }
    }

    @Override
    public MountAnswer mount(MountRequest told, Consumer<String> progress) throws DaemonException {
        return mount(told, progress, true);
    }

    /** @param mayFound whether somebody is there to be shown the recovery code of a private/ that begins */
    MountAnswer mount(MountRequest told, Consumer<String> progress, boolean mayFound) throws DaemonException {
        lifecycle.lock();
        try {
            refuseWhenStopping();
            MountRequest request = checked(told);
            Settings wanted = settings(request);
            Open now = open;
            if (now != null && now.engine.mount().isPresent()) {
                return alreadyMounted(request, wanted, now, mayFound, progress);
            }
            show(request, wanted, mayFound, progress);
            List<String> notes = contradictions(request);
            health.issues().forEach(issue -> notes.add(EngineHealth.note(issue)));
            if (!mayFound && !wanted.readOnly() && isVaultMissing()) {
                notes.add("There is no private/ yet, since nobody would see its recovery code here. Begin it in a"
                        + " terminal: isle mount");
            }
            return new MountAnswer(shownAt(wanted), false, wanted.readOnly(), takeNewCode(), notes);
        } finally {
            lifecycle.unlock();
        }
    }

    private MountAnswer alreadyMounted(
            MountRequest request, Settings wanted, Open now, boolean mayFound, Consumer<String> progress)
            throws DaemonException {
        refuseOtherMount(request, wanted, now.settings, now.engine.mount());
        List<String> notes = contradictions(request);
        keepKeys(request, wanted);
        enterVault(now, mayFound);
        notes.addAll(showVault(progress));
        return new MountAnswer(shownAt(wanted), true, now.settings.readOnly(), takeNewCode(), notes);
    }

    /** What did not open before may open now. */
    private void enterVault(Open now, boolean mayFound) {
        PrivateVault vault = now.engine.vault();
        if (vault.vault().isEmpty()) {
            vault.enter(keys, mayFound && !now.settings.readOnly());
            vault.takeNewCode().ifPresent(code -> newCode = code);
        }
    }

    /** Opens, or goes on with what a command has opened. */
    private Open openFor(@Nullable Open now, Settings wanted, boolean mayFound, Consumer<String> progress)
            throws DaemonException {
        if (now == null) {
            return open(wanted, mayFound, progress);
        }
        enterVault(now, mayFound);
        showVault(progress);
        return Objects.requireNonNull(open);
    }

    /** All that a mount does but showing it; returns the recovery code of a private/ that has begun. */
    Optional<String> openForMount(Consumer<String> progress) throws DaemonException {
        lifecycle.lock();
        try {
            openFor(open, settings(MountRequest.DEFAULT), true, progress);
            return takeNewCode();
        } finally {
            lifecycle.unlock();
        }
    }

    private boolean isVaultMissing() {
        return engine().map(Engine::vault).filter(PrivateVault::isMissing).isPresent();
    }

    private Optional<String> takeNewCode() {
        Optional<String> code = Optional.ofNullable(newCode).map(Code::show);
        newCode = null;
        return code;
    }

    private void show(MountRequest request, Settings wanted, boolean mayFound, Consumer<String> progress)
            throws DaemonException {
        KeptCredentials.Undo oldKeys = new KeptCredentials(profile.folders().keptKeys()).remember();
        boolean newKeys = keepKeys(request, wanted);
        Open now = open;
        boolean done = false;
        try {
            if (now != null && (newKeys || !now.settings.equals(wanted))) {
                closeEngine(now);
                now = null;
            }
            now = openFor(now, wanted, mayFound, progress);
            done = true;
        } finally {
            if (!done && newKeys) {
                // Wrong ones must not stand in the way of those that are found elsewhere next time.
                oldKeys.run();
            }
        }
        now.engine.showMount();
        profile.kept().tell(request);
        LOG.info("Mounted at {}", shownAt(wanted));
    }

    @Override
    public IdentityService identity() {
        return identity;
    }

    @Override
    public VaultService vault() {
        return vault;
    }

    /** The engine; opens it if it is not open. */
    Engine opened(Consumer<String> progress) throws DaemonException {
        volumes(progress);
        Open now = open;
        if (now == null) {
            throw new DaemonException(FailureKind.FAILED, "The daemon is about to end.", "Try again in a few seconds.");
        }
        return now.engine;
    }

    /** A change of the identity. */
    interface Change {
        IdentityAnswer make(Engine engine) throws DaemonException;
    }

    /** Makes a change of the identity; nothing else changes meanwhile. */
    IdentityAnswer withEngine(Consumer<String> progress, Change change) throws DaemonException {
        lifecycle.lock();
        try (Heartbeat beat = Heartbeat.start(progress, "Still at work on private/")) {
            return change.make(opened(progress));
        } finally {
            lifecycle.unlock();
        }
    }

    @Nullable DeviceKeys unlocked() {
        return keys;
    }

    /** Keeps this host's keys, which are or will be behind a passphrase, until the daemon ends. */
    void useKeys(DeviceKeys known) {
        keys = known;
    }

    /**
     * Shows private/ if it is open and not shown yet: everything is closed and opened again. The caller holds the lock.
     *
     * @return what the person should know of it
     */
    List<String> showVault(Consumer<String> progress) throws DaemonException {
        Open now = open;
        if (now == null || now.engine.isVaultShown() || !now.engine.canShowVault()) {
            return List.of();
        }
        boolean mounted = now.engine.mount().isPresent();
        try {
            now.engine.takeMountAway(false);
        } catch (DaemonException e) {
            return List.of("private/ appears at the next mount (isle unmount, then isle mount): " + e.getMessage());
        }
        closeEngine(now);
        Open again = open(now.settings, false, progress);
        if (mounted) {
            again.engine.showMount();
        }
        LOG.info("private/ is shown");
        return List.of("private/ is there now.");
    }

    private String shownAt(Settings wanted) {
        return engine().flatMap(Engine::mount).orElse(wanted.mount().toString());
    }

    private Settings settings(MountRequest request) throws DaemonException {
        return Settings.of(request, profile.config(), profile.kept().told(), profile.defaults(root));
    }

    /** The same request with the store's address in its one form. */
    private MountRequest checked(MountRequest request) throws DaemonException {
        Optional<String> store = request.store().flatMap(given -> StoreAddress.check(given, profile.home()));
        if (request.store().isPresent() && store.isEmpty()) {
            throw new DaemonException(
                    FailureKind.USAGE, "This cannot be a store.", "A store is " + StoreAddress.EXPECTED + ".");
        }
        for (String volume : request.buckets().keySet()) {
            if (!Settings.VOLUMES.contains(volume)) {
                throw new DaemonException(
                        FailureKind.USAGE,
                        "There is no volume " + volume + ".",
                        "Volumes are " + String.join(" and ", Settings.VOLUMES) + ".");
            }
        }
        return request.withStore(store);
    }

    private void refuseWhenStopping() throws DaemonException {
        if (stopping) {
            throw new DaemonException(FailureKind.FAILED, "The daemon is about to end.", "Try again in a few seconds.");
        }
    }

    /** @param at where it is mounted, without symlinks */
    private static void refuseOtherMount(MountRequest request, Settings wanted, Settings open, Optional<String> at)
            throws DaemonException {
        boolean other = (request.dir().isPresent()
                        && !wanted.mount().equals(open.mount())
                        && !request.dir().equals(at))
                || ((request.store().isPresent()
                                || request.region().isPresent()
                                || !request.buckets().isEmpty())
                        && !wanted.identity().equals(open.identity()))
                || request.readOnly().orElse(open.readOnly()) != open.readOnly()
                || request.allowOther().orElse(open.allowOther()) != open.allowOther();
        if (other) {
            throw new DaemonException(
                    FailureKind.REFUSED,
                    "This profile is mounted already, at " + open.mount() + ", with other options.",
                    "Unmount it first (isle unmount), or use a second profile by setting ISLE_HOME.");
        }
    }

    /** Where the command line and the file say different things: next time the file holds again. */
    private List<String> contradictions(MountRequest request) throws DaemonException {
        DaemonConfig file = profile.config();
        List<String> notes = new ArrayList<>();
        contradiction(notes, "store", request.store(), file.store());
        contradiction(notes, "region", request.region(), file.region());
        contradiction(notes, "mount", request.dir(), file.mount().map(Object::toString));
        return notes;
    }

    private void contradiction(List<String> notes, String key, Optional<String> now, Optional<String> file) {
        if (now.isPresent() && file.isPresent() && !now.equals(file)) {
            notes.add(profile.folders().configFile() + " says " + key + ": " + file.get()
                    + "; that holds again at the next start without the option.");
        }
    }

    /** Keys travel with a request, and are kept only where they are of use. */
    private boolean keepKeys(MountRequest request, Settings wanted) throws DaemonException {
        Optional<Credentials> keys = request.credentials();
        return keys.isPresent()
                && wanted.isRemote()
                && wanted.credentialsFile().isEmpty()
                && new KeptCredentials(profile.folders().keptKeys()).keep(keys.get());
    }

    private Open open(Settings settings, boolean mayFound, Consumer<String> progress) throws DaemonException {
        boolean newStore = !profile.kept().knows(settings);
        if (profile.kept().bind(settings)) {
            LOG.info("The profile changes to the store {}", settings.identity());
            LocalState.forget(profile.folders(), settings);
        }
        boolean done = false;
        try (Heartbeat beat = Heartbeat.start(progress, "Still opening the store and the journal")) {
            Engine engine = factory.open(
                    new EngineFactory.Plan(profile, settings, newStore, health, keys, mayFound, this::status),
                    progress);
            done = true;
            engine.vault().takeNewCode().ifPresent(code -> newCode = code);
            Open now = new Open(engine, settings);
            open = now;
            return now;
        } finally {
            if (!done && newStore) {
                profile.kept().unbind();
            }
        }
    }

    private long closeEngine(Open now) throws DaemonException {
        long left = new Pending(now.engine).operations();
        open = null;
        now.engine.close();
        profile.kept().closed(left);
        return left;
    }

    @Override
    public Optional<String> stop(
            Optional<String> dir, Optional<Duration> timeout, boolean force, Consumer<String> progress)
            throws DaemonException {
        lifecycle.lock();
        try {
            Open now = open;
            Optional<String> mounted = now == null ? Optional.empty() : now.engine.mount();
            if (dir.isPresent() && !dir.equals(mounted)) {
                throw new DaemonException(
                        FailureKind.USAGE,
                        "This profile is not mounted at " + dir.get()
                                + mounted.map(at -> " but at " + at).orElse("") + ".",
                        "Leave the folder out to unmount what there is: isle unmount");
            }
            if (now == null) {
                stopping = true;
                return Optional.empty();
            }
            Duration limit =
                    force ? Duration.ZERO : timeout.orElse(now.settings.limits().drain());
            return drainAndClose(now, limit, force, progress);
        } finally {
            lifecycle.unlock();
        }
    }

    private Optional<String> drainAndClose(Open now, Duration limit, boolean force, Consumer<String> progress)
            throws DaemonException {
        long end = System.nanoTime() + limit.toNanos();
        drain(now.engine, end, progress);
        try (Heartbeat beat = Heartbeat.start(progress, "Still unmounting")) {
            now.engine.takeMountAway(force);
        }
        stopping = true;
        // What programs wrote while the rest went up.
        drain(now.engine, end, progress);
        String sentence = new Pending(now.engine).sentence();
        long left = closeEngine(now);
        LOG.info("Closed; changes left: {}", left);
        return left == 0 ? Optional.empty() : Optional.of(sentence);
    }

    private static void drain(Engine engine, long end, Consumer<String> progress) throws DaemonException {
        try {
            while (!engine.awaitStored(Optional.empty(), Duration.ZERO) && System.nanoTime() - end < 0) {
                progress.accept(new Pending(engine).sentence());
                long left = Math.max(0, end - System.nanoTime());
                engine.awaitStored(Optional.empty(), STEP.toNanos() < left ? STEP : Duration.ofNanos(left));
            }
        } catch (IOException e) {
            throw new DaemonException(
                    FailureKind.FAILED, "The journal could not be stored: " + e.getMessage() + ".", "See the log.");
        }
    }

    /** The end after SIGTERM: waits for the store for a bounded time, and leaves nothing mounted. */
    void stopOnSignal() {
        lifecycle.lock();
        try {
            Open now = open;
            if (now == null) {
                return;
            }
            LOG.info("Ending on a signal");
            try {
                drain(
                        now.engine,
                        System.nanoTime()
                                + now.settings.limits().drainOnSignal().toNanos(),
                        text -> LOG.info("{}", text));
                now.engine.takeMountAway(true);
            } finally {
                stopping = true;
                closeEngine(now);
            }
        } catch (DaemonException e) {
            LOG.error("Ending on a signal: {} {}", e.getMessage(), e.action());
        } finally {
            lifecycle.unlock();
        }
    }

    @Override
    public void exit() {
        ended.countDown();
    }

    /** Returns when the process shall end. */
    void awaitEnd() throws InterruptedException {
        ended.await();
    }
}
