package isle.fs.fuse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Unmounts by the set-uid helper, which works for root and for ordinary users, or by umount where there is none. */
final class Unmounter {

    private static final List<String> PROGRAM_FOLDERS =
            List.of("/usr/bin", "/bin", "/usr/local/bin", "/sbin", "/usr/sbin");

    private static final Path CONNECTIONS = Path.of("/sys/fs/fuse/connections");

    private static final Duration CONTROL_LIMIT = Duration.ofSeconds(5);

    private Unmounter() {}

    /** How an attempt ended. */
    enum Outcome {
        DONE,
        BUSY,
        FAILED,
        TIMED_OUT
    }

    /**
     * One attempt.
     *
     * @param text what the program said
     */
    record Attempt(Outcome outcome, String text) {}

    /** The helper under the name by which libfuse 2 calls it. */
    static boolean hasHelper() {
        return programs("fusermount").findFirst().isPresent();
    }

    private static Stream<Path> programs(String name) {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.concat(Stream.of(path.split(":")), PROGRAM_FOLDERS.stream())
                .filter(folder -> folder.startsWith("/"))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable);
    }

    /**
     * Unmounts what is mounted last at this path.
     *
     * @param lazily also while programs use it: the mount disappears now and ends with their last use
     */
    static Attempt unmount(String point, boolean lazily, Duration limit) throws IOException {
        String program = Stream.of("fusermount", "fusermount3")
                .flatMap(Unmounter::programs)
                .map(Path::toString)
                .findFirst()
                .orElse("");
        List<String> command;
        if (program.isEmpty()) {
            command = lazily ? List.of("umount", "-l", point) : List.of("umount", point);
        } else {
            command = lazily ? List.of(program, "-u", "-z", point) : List.of(program, "-u", point);
        }
        ChildProcess.Result result = ChildProcess.run(command, limit);
        if (result.succeeded()) {
            return new Attempt(Outcome.DONE, "");
        }
        if (result.timedOut()) {
            return new Attempt(Outcome.TIMED_OUT, "no end within " + limit.toSeconds() + " s");
        }
        boolean busy = result.output().contains("busy");
        return new Attempt(busy ? Outcome.BUSY : Outcome.FAILED, result.output());
    }

    /**
     * Cuts a connection off: everybody who waits for its daemon gets an error. False if the system does not let us.
     */
    static boolean abort(MountTable.Entry mount) {
        Path file = CONNECTIONS.resolve(Integer.toString(mount.connection())).resolve("abort");
        // Containers often come without this control; root may bring it in for a moment, others fail here.
        boolean missing = !Files.exists(file);
        try {
            if (missing) {
                ChildProcess.run(List.of("mount", "-t", "fusectl", "fusectl", CONNECTIONS.toString()), CONTROL_LIMIT);
            }
            Files.writeString(file, "1");
            if (missing) {
                ChildProcess.run(List.of("umount", CONNECTIONS.toString()), CONTROL_LIMIT);
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
