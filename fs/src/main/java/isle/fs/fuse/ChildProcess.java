package isle.fs.fuse;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs a small program that may hang. Whatever touches a mount, ours or a dead one's, happens in such a child: a thread
 * of the daemon that waits for its own mount keeps both alive as zombies even after kill -9.
 */
final class ChildProcess {

    /** What of its output is read. */
    private static final int OUTPUT_BYTES = 4096;

    private ChildProcess() {}

    /**
     * How it ended.
     *
     * @param timedOut it did not end in time, and was told to; it may still hang in the kernel
     * @param output standard output and error, the beginning, in the C locale
     */
    record Result(boolean timedOut, int exitCode, String output) {
        boolean succeeded() {
            return !timedOut && exitCode == 0;
        }
    }

    /**
     * Runs a program without input.
     *
     * @throws IOException if it cannot be started, which mostly means that it is not installed
     */
    static Result run(List<String> command, Duration limit) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                process.destroyForcibly();
                return new Result(true, -1, "");
            }
            return new Result(false, process.exitValue(), output(process));
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            return new Result(true, -1, "");
        }
    }

    private static String output(Process process) throws IOException {
        try (InputStream stream = process.getInputStream()) {
            return new String(stream.readNBytes(OUTPUT_BYTES), StandardCharsets.UTF_8).strip();
        }
    }
}
