package isle.test.rig;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A command, run in a child process until it ends or its time is up. Each method gives a changed copy. */
public final class Command {

    private static final String PATH_OF_EVERYBODY = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";
    /** Only what hangs takes so long. */
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private final List<String> words;
    private final Account account;
    private final Path folder;
    private final Map<String, String> environment;
    private final String input;
    private final Duration limit;

    private Command(
            List<String> words,
            Account account,
            Path folder,
            Map<String, String> environment,
            String input,
            Duration limit) {
        this.words = List.copyOf(words);
        this.account = account;
        this.folder = folder;
        this.environment = Map.copyOf(environment);
        this.input = input;
        this.limit = limit;
    }

    public static Command of(String... words) {
        return of(List.of(words));
    }

    public static Command of(List<String> words) {
        return new Command(words, Account.current(), Path.of("/"), Map.of(), "", LIMIT);
    }

    /** A script of bash that stops at the first command that fails. */
    public static Command shell(String script) {
        return of("bash", "-euo", "pipefail", "-c", script);
    }

    public Command as(Account other) {
        return new Command(words, other, folder, environment, input, limit);
    }

    public Command in(Path other) {
        return new Command(words, account, other, environment, input, limit);
    }

    public Command with(String name, String value) {
        return with(Map.of(name, value));
    }

    public Command with(Map<String, String> more) {
        Map<String, String> all = new TreeMap<>(environment);
        all.putAll(more);
        return new Command(words, account, folder, all, input, limit);
    }

    public Command input(String text) {
        return new Command(words, account, folder, environment, text, limit);
    }

    public Command within(Duration other) {
        return new Command(words, account, folder, environment, input, other);
    }

    /** Starts it with its output in files of a folder: NAME.out and NAME.err, appended. */
    public Process start(Path logs, String name) {
        return start(
                ProcessBuilder.Redirect.appendTo(logs.resolve(name + ".out").toFile()),
                ProcessBuilder.Redirect.appendTo(logs.resolve(name + ".err").toFile()));
    }

    /** Starts it with pipes for input and output; what it prints as errors goes to those of the tests. */
    public Process startPiped() {
        return start(ProcessBuilder.Redirect.PIPE, ProcessBuilder.Redirect.INHERIT);
    }

    private Process start(ProcessBuilder.Redirect out, ProcessBuilder.Redirect err) {
        ProcessBuilder builder = new ProcessBuilder(account.command(words));
        // The folder may be one that only this account may enter, or one that hangs: the child goes there itself.
        if (!folder.equals(Path.of("/"))) {
            List<String> entering = new ArrayList<>(List.of("sh", "-c", "cd \"$0\" && exec \"$@\"", folder.toString()));
            entering.addAll(words);
            builder.command(account.command(entering));
        }
        builder.directory(new File("/"));
        Map<String, String> child = builder.environment();
        child.keySet().removeIf(name -> name.startsWith("AWS_") || name.startsWith("XDG_") || name.startsWith("ISLE_"));
        if (!account.self()) {
            // Folders of programs that only who runs the tests may enter are no use to others.
            child.put("PATH", PATH_OF_EVERYBODY);
        }
        child.putAll(environment);
        builder.redirectOutput(out).redirectError(err);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new AssertionError("cannot start " + words, e);
        }
    }

    /** Runs it. A command that does not end in time fails the test. */
    public Finished run() {
        Path outputs = temporaryFolder();
        try {
            long from = System.nanoTime();
            Process process = start(
                    ProcessBuilder.Redirect.to(outputs.resolve("out").toFile()),
                    ProcessBuilder.Redirect.to(outputs.resolve("err").toFile()));
            feed(process);
            @Nullable Integer code = await(process);
            Finished finished = new Finished(
                    words,
                    code == null ? -1 : code,
                    Finished.decode(Files.readAllBytes(outputs.resolve("out"))),
                    Finished.decode(Files.readAllBytes(outputs.resolve("err"))),
                    Duration.ofNanos(System.nanoTime() - from));
            if (code == null) {
                throw new AssertionError("not ended after " + limit.toSeconds() + " s: " + finished);
            }
            return finished;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            Folders.delete(outputs);
        }
    }

    private void feed(Process process) {
        try (var stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It ended without reading all; its exit code says why.
            return;
        }
    }

    private @Nullable Integer await(Process process) {
        try {
            if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                return process.exitValue();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        return null;
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("isle-command");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
