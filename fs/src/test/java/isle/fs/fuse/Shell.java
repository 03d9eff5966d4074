package isle.fs.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the system's own tools, and Python where flags are needed that Java does not know. */
final class Shell {

    private static final int SECONDS = 120;

    private Shell() {}

    record Result(int exit, String output) {}

    /** Runs a command in a folder; both outputs in one. */
    static Result run(Path folder, List<String> command) throws IOException {
        File output = File.createTempFile("isle-shell", ".out");
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output);
            builder.environment().put("LC_ALL", "C.UTF-8");
            Process process = builder.start();
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return new Result(-1, "no end: " + command);
            }
            return new Result(
                    process.exitValue(),
                    Files.readString(output.toPath(), StandardCharsets.ISO_8859_1)
                            .strip());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } finally {
            Files.delete(output.toPath());
        }
    }

    /** Runs a line of sh that must succeed; its output. */
    static String sh(Path folder, String line) throws IOException {
        Result result = run(folder, List.of("sh", "-c", line));
        assertEquals(0, result.exit, line + "\n" + result.output);
        return result.output;
    }

    /** Runs a Python program that must succeed; its output. Imports os, sys, errno, stat, time and mmap. */
    static String python(Path folder, String program, String... arguments) throws IOException {
        String whole = """
                import os, sys, errno, stat, time, mmap, fcntl, ctypes
                def error_of(call, *args, **names):
                    try:
                        call(*args, **names)
                        return 'none'
                    except OSError as e:
                        return errno.errorcode[e.errno]
                """ + program;
        List<String> command = new ArrayList<>(List.of("python3", "-c", whole));
        command.addAll(List.of(arguments));
        Result result = run(folder, command);
        assertEquals(0, result.exit, result.output);
        return result.output;
    }
}
