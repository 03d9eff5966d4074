package isle.test.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A profile of the real program, its daemon as a child process, and its mount. Made by {@link Isles}, which also ends it.
 */
public final class IsleProfile {

    private static final String LINK_CODE = "link code: ";
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration STOP = Duration.ofSeconds(90);
    private static final int SHOWN_LINES = 60;

    private final Path folder;
    private final Account account;
    private final List<String> options;
    private final Map<String, String> environment;
    private final Path mount;
    private @Nullable Process daemon;
    private boolean startedBefore;

    /** Lines that earlier daemons wrote. */
    private int saidBefore;

    IsleProfile(Path folder, Account account, List<String> options, Map<String, String> environment) {
        this.folder = folder;
        this.account = account;
        this.options = List.copyOf(options);
        this.mount = Folders.make(folder, "Isle", account);
        Path person = Folders.make(folder, "person", account);
        Folders.make(folder, "home", account);
        Map<String, String> all = new TreeMap<>(environment);
        all.put("ISLE_HOME", home().toString());
        all.put("HOME", person.toString());
        this.environment = Map.copyOf(all);
    }

    /** Where it is mounted. Children of tests may work in it, not the tests themselves. */
    public Path mountPoint() {
        return mount;
    }

    /** What {@code ISLE_HOME} says. */
    public Path home() {
        return folder.resolve("home");
    }

    /** A folder on the local disk, in which the profile's user may write. */
    public Path person() {
        return folder.resolve("person");
    }

    public Account account() {
        return account;
    }

    /** Starts the daemon and returns when it is mounted. */
    public IsleProfile start() {
        launch();
        awaitMounted();
        return this;
    }

    /** Starts the daemon without waiting; {@code more} are options of {@code isle mount}. */
    public Process launch(String... more) {
        if (daemon != null && daemon.isAlive()) {
            throw new IllegalStateException("the daemon runs");
        }
        List<String> arguments = new ArrayList<>(List.of("mount", mount.toString(), "--foreground"));
        if (!startedBefore) {
            // What was given once is kept in the profile.
            arguments.addAll(options);
        }
        arguments.addAll(List.of(more));
        startedBefore = true;
        saidBefore = lines(errors()).size();
        daemon = Command.of(Program.shared().command(arguments))
                .as(account)
                .with(environment)
                .start(folder, "daemon");
        return daemon;
    }

    /** Waits until the mount of a launched daemon answers. */
    public void awaitMounted() {
        Eventually.holds("mounted at " + mount + logs(), START, () -> {
            if (!daemon().isAlive()) {
                throw new AssertionError(
                        "the daemon ended with " + daemon().exitValue() + " while it started" + logs());
            }
            // What a killed daemon left is still there for a while, so it has to say who answers; to ask costs a
            // process.
            return saysMounted() && isMounted() && saysItsPid();
        });
    }

    private boolean saysMounted() {
        List<String> said = lines(errors());
        return said.subList(Math.min(saidBefore, said.size()), said.size()).stream()
                .anyMatch(line -> line.startsWith("Mounted at "));
    }

    private Path errors() {
        return folder.resolve("daemon.err");
    }

    private boolean saysItsPid() {
        String status = mount.resolve(".isle/status.json").toString();
        return Command.of("grep", "-qE", "\"pid\" *: *" + pid() + "\\b", status)
                        .as(account)
                        .run()
                        .exitCode()
                == 0;
    }

    /** Whether the kernel has something of isle at the mount point, alive or not. */
    public boolean isMounted() {
        return Mounts.at(mount).isPresent();
    }

    private Process daemon() {
        if (daemon == null) {
            throw new IllegalStateException("the daemon was not started");
        }
        return daemon;
    }

    public boolean isRunning() {
        return daemon != null && daemon.isAlive();
    }

    public long pid() {
        return daemon().pid();
    }

    /** kill -9: the mount stays, without anybody behind it. */
    public void kill() {
        daemon().destroyForcibly();
        awaitEnd(STOP);
    }

    /** SIGTERM; returns the exit code. */
    public int terminate() {
        daemon().destroy();
        return awaitEnd(STOP);
    }

    /** {@code isle unmount}, with its options; the daemon ends too. */
    public Finished unmount(String... more) {
        List<String> arguments = new ArrayList<>(List.of("unmount", mount.toString()));
        arguments.addAll(List.of(more));
        Finished finished = isleCommand(arguments).within(STOP).run();
        if (finished.exitCode() == 0) {
            awaitEnd(STOP);
        }
        return finished;
    }

    /** Ends the daemon as a person does, and starts it again. */
    public void restart() {
        unmount().ok();
        start();
    }

    /** Waits for the end of the daemon's process; returns its exit code. */
    public int awaitEnd(Duration limit) {
        return awaitEnd(daemon(), limit);
    }

    /** Waits for the end of a process that was started for this profile; returns its exit code. */
    public int awaitEnd(Process process, Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(process.info().command().orElse("a process") + " still runs after "
                        + limit.toSeconds() + " s" + logs());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Forgets every block that can be fetched again. The daemon must not run. */
    public void emptyCache() {
        mustNotRun();
        Folders.delete(home().resolve("cache"));
    }

    /** A file or folder of the profile's state, while the daemon does not run. */
    public Path state(String name) {
        mustNotRun();
        return home().resolve("state").resolve(name);
    }

    private void mustNotRun() {
        if (isRunning()) {
            throw new IllegalStateException("the daemon runs");
        }
    }

    /** Runs {@code isle ARGUMENTS} as the profile's user. */
    public Finished isle(String... arguments) {
        return isleCommand(List.of(arguments)).run();
    }

    /**
     * What {@code isle doctor} says, which has nothing to mend here: it sees the mounts of all suites, some of which kill
     * their daemons.
     */
    public String requireHealthy() {
        Finished doctor = isle("doctor");
        List<String> problems =
                doctor.out().lines().filter(line -> line.startsWith("PROBLEM ")).toList();
        boolean ofOthers = !problems.isEmpty()
                && problems.stream()
                        .allMatch(line -> line.startsWith("PROBLEM mount: ") && !line.contains(mount.toString()));
        if (!ofOthers) {
            doctor.ok();
        }
        return doctor.out();
    }

    /** Opens private/ here with a code that another host of the same person shows; both run. */
    public void linkTo(IsleProfile other) {
        String shown = other.isle("identity", "link").ok().out();
        String code = shown.lines()
                .filter(line -> line.startsWith(LINK_CODE))
                .findFirst()
                .orElseThrow(() -> new AssertionError(shown));
        isleCommand(List.of("identity", "recover"))
                .input(code.substring(LINK_CODE.length()) + "\n")
                .run()
                .ok();
    }

    /** {@code isle ARGUMENTS}, to be changed before it is run. */
    public Command isleCommand(List<String> arguments) {
        return Command.of(Program.shared().command(arguments)).as(account).with(environment);
    }

    /** Waits until the store has everything. */
    public void awaitStored() {
        isleCommand(List.of("wait", "--timeout", "120"))
                .within(Duration.ofSeconds(150))
                .run()
                .ok();
    }

    /** Runs a script of bash in the mount, as the profile's user. */
    public Finished inMount(String script) {
        return shell(script).run();
    }

    /** Ends the daemon when the store has everything, and starts it again with no block cached. */
    public void restartWithoutCache() {
        awaitStored();
        unmount().ok();
        emptyCache();
        start();
    }

    /** A script of bash in the mount, to be changed before it is run. */
    public Command shell(String script) {
        return Command.shell(script).as(account).in(mount).with("HOME", person().toString());
    }

    /** The ends of the daemon's logs, for messages. */
    public String logs() {
        StringBuilder text = new StringBuilder();
        List<Path> files = new ArrayList<>(List.of(folder.resolve("daemon.out"), errors()));
        try (Stream<Path> logs =
                Files.exists(home().resolve("log")) ? Files.list(home().resolve("log")) : Stream.of()) {
            logs.filter(file -> !file.toString().endsWith(".lck")).sorted().forEach(files::add);
        } catch (IOException e) {
            text.append("\n(no logs: ").append(e).append(')');
        }
        for (Path file : files) {
            List<String> lines = lines(file);
            if (!lines.isEmpty()) {
                text.append("\n== ").append(folder.relativize(file)).append('\n');
                text.append(String.join("\n", lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size())));
            }
        }
        return text.toString();
    }

    /** Every line that the daemon wrote, to its logs and to its output. */
    public String everythingLogged() {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> logs = Files.walk(folder.resolve("home").resolve("log"))) {
            Stream.concat(logs.filter(Files::isRegularFile), Stream.of(folder.resolve("daemon.out"), errors()))
                    .forEach(file ->
                            lines(file).forEach(line -> text.append(line).append('\n')));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file, StandardCharsets.ISO_8859_1) : List.of();
        } catch (IOException e) {
            return List.of("(" + file + " cannot be read: " + e + ")");
        }
    }

    /** Ends whatever is left, and removes all files. */
    void remove() throws IOException {
        try {
            if (daemon != null) {
                daemon.descendants().forEach(ProcessHandle::destroyForcibly);
                if (daemon.isAlive()) {
                    daemon.destroyForcibly();
                    awaitEnd(STOP);
                }
            }
            background().ifPresent(other -> {
                other.destroyForcibly();
                other.onExit().orTimeout(STOP.toSeconds(), TimeUnit.SECONDS).join();
            });
        } finally {
            Mounts.remove(mount);
            Folders.delete(folder);
        }
    }

    /** The daemon that a command started in the background: it holds the profile's lock, which names it. */
    private Optional<ProcessHandle> background() throws IOException {
        Path lock = home().resolve("state").resolve("lock");
        if (!Files.exists(lock)) {
            return Optional.empty();
        }
        Optional<ProcessHandle> holder = lines(lock).stream()
                .findFirst()
                .filter(line -> line.matches("[0-9]+"))
                .flatMap(line -> ProcessHandle.of(Long.parseLong(line)));
        if (holder.isEmpty()) {
            return holder;
        }
        // The number may have gone to another process since.
        byte[] variables =
                Files.readAllBytes(Path.of("/proc", Long.toString(holder.get().pid()), "environ"));
        boolean ours = new String(variables, StandardCharsets.ISO_8859_1).contains("ISLE_HOME=" + home() + "\0");
        return holder.filter(ProcessHandle::isAlive).filter(process -> ours);
    }
}
