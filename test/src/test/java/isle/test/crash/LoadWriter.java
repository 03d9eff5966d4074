package isle.test.crash;

import isle.test.rig.Command;
import isle.test.rig.Finished;
import isle.test.rig.IsleProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program that writes into a folder of its own and keeps a ledger beside the mount. */
final class LoadWriter {
    private static final Duration VERIFY = Duration.ofMinutes(5);
    private static final int VERIFIED_AT_ONCE = 100;

    private final IsleProfile isle;
    private final Path script;
    private final Path folder;
    private final Path ledger;
    private final Process process;

    LoadWriter(IsleProfile isle, Path script, String name, long seed) {
        this.isle = isle;
        this.script = script;
        this.folder = isle.mountPoint().resolve(name);
        this.ledger = isle.person().resolve(name.replace('/', '-') + ".ledger");
        isle.inMount("mkdir -p " + name).ok();
        this.process = Command.of(
                        "python3",
                        script.toString(),
                        "write",
                        folder.toString(),
                        ledger.toString(),
                        Long.toString(seed))
                .as(isle.account())
                .startPiped();
    }

    /** Its next operation fails, since nobody is behind the mount any more. */
    void awaitEnd() {
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("a program hangs in the mount of a daemon that is gone");
            }
            process.getInputStream().close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void verify(String when) {
        verify(List.of(this), when);
    }

    /** What the ledgers of these writers say is there. All are of one profile. */
    static void verify(List<LoadWriter> writers, String when) {
        for (int from = 0; from < writers.size(); from += VERIFIED_AT_ONCE) {
            List<LoadWriter> some = writers.subList(from, Math.min(writers.size(), from + VERIFIED_AT_ONCE));
            LoadWriter first = some.get(0);
            List<String> words = new ArrayList<>(List.of("python3", first.script.toString(), "verify"));
            some.forEach(each -> words.addAll(List.of(each.folder.toString(), each.ledger.toString())));
            Finished finished =
                    Command.of(words).as(first.isle.account()).within(VERIFY).run();
            if (finished.exitCode() != 0) {
                throw new AssertionError(when + ":\n" + finished.all());
            }
        }
    }
}
