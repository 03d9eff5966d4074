package isle.test.model;

import isle.test.rig.Account;
import isle.test.rig.Command;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A folder, and a child process that carries out operations in it. */
final class Tree implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Process process;
    private final BufferedReader answers;
    private final OutputStream requests;

    Tree(Path script, Path folder, Account account) {
        process = Command.of("python3", script.toString(), folder.toString())
                .as(account)
                .startPiped();
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.ISO_8859_1));
        requests = process.getOutputStream();
    }

    /** Carries out one operation and returns what came of it. */
    String apply(String step) {
        send(step);
        return inTime(this::line);
    }

    /** Everything in the folder, a line for each file. */
    List<String> contents() {
        send("tree");
        return inTime(() -> {
            List<String> lines = new ArrayList<>();
            for (String line = line(); !line.equals("end"); line = line()) {
                lines.add(line);
            }
            return lines;
        });
    }

    private void send(String step) {
        try {
            requests.write((step + "\n").getBytes(StandardCharsets.ISO_8859_1));
            requests.flush();
        } catch (IOException e) {
            throw new AssertionError("the process that works in the folder is gone", e);
        }
    }

    private String line() {
        try {
            String line = answers.readLine();
            if (line == null) {
                throw new AssertionError("the process that works in the folder ended");
            }
            return line;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private <T> T inTime(java.util.function.Supplier<T> answer) {
        try {
            return CompletableFuture.supplyAsync(answer).get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            process.destroyForcibly();
            throw new AssertionError("no answer within " + LIMIT.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
