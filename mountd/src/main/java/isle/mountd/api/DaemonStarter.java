package isle.mountd.api;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Starts the daemon in the background: in a session of its own, without a terminal, its output in a file, and reports
 * when it listens or why it does not.
 */
public final class DaemonStarter {

    /** Folder with the files of Java options; set by the launcher. */
    static final String OPTIONS_PROPERTY = "isle.jvm";
    /** Folder with the jars of the program; set by the launcher. */
    static final String LIBRARY_PROPERTY = "isle.lib";
    /** Archive of the daemon's classes; set by the launcher. */
    static final String ARCHIVE_PROPERTY = "isle.archive";

    private static final String MAIN_CLASS = "isle.mountd.Main";
    private static final long START_MILLIS = 60_000;
    private static final long POLL_MILLIS = 5;
    private static final long OTHER_NANOS = 20_000_000_000L;

    /** Options of the first JDK that warns about native code it was not told of. */
    private static final int NATIVE_ACCESS_JDK = 24;

    private final ProfileFolders folders;
    private final Map<String, String> environment;

    public DaemonStarter(ProfileFolders folders, Map<String, String> environment) {
        this.folders = folders;
        this.environment = Map.copyOf(environment);
    }

    /** Connects to the running daemon, or starts one that is not mounted anywhere and connects to that. */
    public DaemonClient connectOrStart() throws DaemonException {
        long end = System.nanoTime() + OTHER_NANOS;
        while (true) {
            Optional<DaemonClient> running = DaemonClient.connect(folders);
            if (running.isPresent()) {
                return running.get();
            }
            try {
                start();
            } catch (DaemonException e) {
                // Another command starts one at the same moment, or one is about to end: both pass soon.
                if (e.kind() != FailureKind.PROFILE_IN_USE || System.nanoTime() - end > 0) {
                    throw e;
                }
                pause();
            }
        }
    }

    private void start() throws DaemonException {
        try {
            Files.createDirectories(
                    folders.log(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            ProcessBuilder builder = new ProcessBuilder(command());
            builder.directory(new File("/"));
            builder.redirectInput(new File("/dev/null"));
            builder.redirectError(
                    ProcessBuilder.Redirect.appendTo(folders.outputFile().toFile()));
            Map<String, String> child = builder.environment();
            child.clear();
            child.putAll(environment);
            // The keys travel over the socket, with a request that says what they are for.
            child.keySet().removeAll(List.of("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"));
            String home = child.getOrDefault("ISLE_HOME", "");
            if (!home.isEmpty()) {
                child.put("ISLE_HOME", Path.of(home).toAbsolutePath().toString());
            }
            long before = Files.exists(folders.outputFile()) ? Files.size(folders.outputFile()) : 0;
            awaitStart(builder.start(), before);
        } catch (DaemonException e) {
            throw e;
        } catch (IOException e) {
            throw new DaemonException(
                    FailureKind.REFUSED,
                    "The daemon could not be started: " + e.getMessage() + ".",
                    "Check that " + folders.log() + " is a folder that you can write, or set ISLE_HOME.");
        }
    }

    /** No core dumps and no files that others can read; {@code setsid} where there is one. */
    private List<String> command() {
        List<String> command = new ArrayList<>(List.of(
                "/bin/sh",
                "-c",
                "umask 077; ulimit -c 0; command -v setsid >/dev/null && exec setsid \"$@\"; exec \"$@\"",
                "isle"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(javaOptions());
        command.add("-cp");
        command.add(classPath());
        command.add(MAIN_CLASS);
        return command;
    }

    private List<String> javaOptions() {
        List<String> options = new ArrayList<>();
        String folder = System.getProperty(OPTIONS_PROPERTY, "");
        if (!folder.isEmpty()) {
            options.add("@" + Path.of(folder, "daemon.jvm"));
            if (Runtime.version().feature() >= NATIVE_ACCESS_JDK) {
                options.add("@" + Path.of(folder, "daemon-" + NATIVE_ACCESS_JDK + ".jvm"));
            }
        }
        String archive = System.getProperty(ARCHIVE_PROPERTY, "");
        if (!archive.isEmpty() && Files.isReadable(Path.of(archive))) {
            options.add("-XX:SharedArchiveFile=" + archive);
        }
        return options;
    }

    /** All jars of the program, in the order of their names; in a build, the class path of this process. */
    private static String classPath() {
        String folder = System.getProperty(LIBRARY_PROPERTY, "");
        File[] jars = folder.isEmpty() ? null : new File(folder).listFiles((in, name) -> name.endsWith(".jar"));
        if (jars == null) {
            return System.getProperty("java.class.path", "");
        }
        Arrays.sort(jars);
        StringBuilder path = new StringBuilder();
        for (File jar : jars) {
            path.append(path.length() == 0 ? "" : File.pathSeparator).append(jar);
        }
        return path.toString();
    }

    /**
     * Reads what the daemon prints until it listens: one line, with the reason if it does not.
     *
     * @param before bytes of the file of its other output before it started
     */
    private void awaitStart(Process process, long before) throws IOException {
        InputStream out = process.getInputStream();
        StringBuilder line = new StringBuilder();
        long end = System.nanoTime() + START_MILLIS * 1_000_000;
        while (System.nanoTime() < end) {
            while (out.available() > 0) {
                int c = out.read();
                if (c == '\n') {
                    JsonObject report = JsonObject.parse(line.toString());
                    if (report.optionalText("is").orElse("").equals("failed")) {
                        throw DaemonException.ofJson(report);
                    }
                    return;
                }
                line.append((char) c);
            }
            if (!process.isAlive() && out.available() == 0) {
                throw new DaemonException(
                        FailureKind.FAILED,
                        "The daemon ended while it started" + firstWords(before) + ".",
                        "See " + folders.outputFile() + " and " + folders.logFile() + ".");
            }
            pause();
        }
        process.destroy();
        throw new DaemonException(
                FailureKind.TIMED_OUT,
                "The daemon did not start within " + START_MILLIS / 1000 + " s.",
                "See " + folders.logFile() + ".");
    }

    private static void pause() throws DaemonException {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DaemonException(FailureKind.FAILED, "Interrupted while the daemon started.", "");
        }
    }

    private String firstWords(long before) {
        try {
            byte[] output = Files.readAllBytes(folders.outputFile());
            String text =
                    new String(output, StandardCharsets.ISO_8859_1).substring((int) Math.min(before, output.length));
            return text.lines()
                    .findFirst()
                    .map(line -> " (" + line.trim() + ")")
                    .orElse("");
        } catch (IOException e) {
            return "";
        }
    }
}
