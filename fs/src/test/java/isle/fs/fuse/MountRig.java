package isle.fs.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A mounted memory file system for a test, served by a child process. */
final class MountRig implements AutoCloseable {

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final String profile;
    private final Path folder;
    private final Process daemon;
    private final BufferedReader answers;
    private final String greeting;

    private MountRig(String profile, Path folder, Process daemon) throws IOException {
        this.profile = profile;
        this.folder = folder;
        this.daemon = daemon;
        this.answers = daemon.inputReader(StandardCharsets.UTF_8);
        String line = answers.readLine();
        this.greeting = line == null ? "the daemon ended" : line;
    }

    static String newProfile() {
        return "test-" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();
    }

    /** Mounts in a new folder. */
    static MountRig mount(String... flags) throws IOException {
        MountRig rig = tryMount(newProfile(), newFolder().resolve("mnt"), flags);
        assertEquals("mounted " + rig.folder, rig.greeting);
        return rig;
    }

    /** Tries to mount; {@link #greeting} says how that went. */
    static MountRig tryMount(String profile, Path folder, String... flags) throws IOException {
        return tryMountAs(List.of(), System.getProperty("java.class.path"), profile, folder, flags);
    }

    /** Tries to mount with a command line of java that begins with a prefix, and with another class path. */
    static MountRig tryMountAs(List<String> prefix, String classPath, String profile, Path folder, String... flags)
            throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-cp",
                classPath,
                MountedDaemon.class.getName(),
                profile,
                folder.toString()));
        command.addAll(List.of(flags));
        Process daemon = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return new MountRig(profile, folder, daemon);
    }

    static Path newFolder() throws IOException {
        Path folder = Files.createTempDirectory("isle-fuse-").toRealPath();
        return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    String greeting() {
        return greeting;
    }

    String profile() {
        return profile;
    }

    Path folder() {
        return folder;
    }

    /** A new empty folder inside the mount. */
    Path newDirectory() throws IOException {
        return Files.createDirectory(folder.resolve("t" + NUMBER.incrementAndGet()));
    }

    /** The daemon's answer to a command. */
    String tell(String command) throws IOException {
        OutputStream input = daemon.getOutputStream();
        input.write((command + "\n").getBytes(StandardCharsets.UTF_8));
        input.flush();
        String answer = answers.readLine();
        return answer == null ? "the daemon ended" : answer;
    }

    void order(String command) throws IOException {
        assertEquals("ok", tell(command), command);
    }

    void kill() throws InterruptedException {
        daemon.destroyForcibly();
        assertTrue(daemon.waitFor(10, TimeUnit.SECONDS), "the daemon did not die");
    }

    boolean awaitExit(int seconds) throws InterruptedException {
        return daemon.waitFor(seconds, TimeUnit.SECONDS);
    }

    long pid() {
        return daemon.pid();
    }

    boolean isAlive() {
        return daemon.isAlive();
    }

    /** Whether anything is mounted there, by the kernel's table. */
    boolean isMounted() {
        return MountTable.read().at(folder.toString()).isPresent();
    }

    @Override
    public void close() throws IOException {
        daemon.getOutputStream().close();
        try {
            if (!daemon.waitFor(30, TimeUnit.SECONDS)) {
                daemon.destroyForcibly();
            }
        } catch (InterruptedException e) {
            daemon.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        StaleMounts.clean(profile);
        assertEquals(List.of(), MountTable.read().fuseMountsOf(MountOptions.source(profile)), "left mounted");
        Files.deleteIfExists(folder);
        Path parent = folder.getParent();
        if (parent != null) {
            Files.deleteIfExists(parent);
        }
    }
}
