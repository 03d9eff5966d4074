package isle.test.life;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.test.rig.Account;
import isle.test.rig.Command;
import isle.test.rig.Eventually;
import isle.test.rig.Finished;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import isle.test.rig.Scripts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Somebody unmounts while programs have files open, work in a folder of the mount, and write. */
@Tag("fuse")
@Tag("tools")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class BusyTest {

    private static final int WRITERS = 4;
    private static final int SIGTERM = 143;
    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension
    final Isles isles = new Isles();

    private final List<Process> writers = new ArrayList<>();

    static List<Account> accounts() {
        return Account.all();
    }

    private void startWriters(IsleProfile isle, Path script) {
        for (int i = 0; i < WRITERS; i++) {
            isle.inMount("mkdir public/w" + i).ok();
            writers.add(Command.of(
                            "python3",
                            script.toString(),
                            "write",
                            isle.mountPoint().resolve("public/w" + i).toString(),
                            ledger(isle, i).toString(),
                            Integer.toString(i))
                    .as(isle.account())
                    .startPiped());
        }
        awaitMore(isle);
    }

    private static Path ledger(IsleProfile isle, int writer) {
        return isle.person().resolve("ledger" + writer);
    }

    private static long lines(Path ledger) {
        try (var lines = Files.lines(ledger)) {
            return lines.count();
        } catch (IOException e) {
            return 0;
        }
    }

    /** Every writer goes on. */
    private static void awaitMore(IsleProfile isle) {
        for (int i = 0; i < WRITERS; i++) {
            Path ledger = ledger(isle, i);
            long now = lines(ledger);
            Eventually.holds("a program goes on writing", SOON, () -> lines(ledger) > now + 20);
        }
    }

    private String endOf(Process writer) throws IOException, InterruptedException {
        writer.getOutputStream().close();
        assertTrue(writer.waitFor(SOON.toSeconds(), TimeUnit.SECONDS), "a program hangs in the mount");
        return new String(writer.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static void verify(IsleProfile isle, Path script) {
        for (int i = 0; i < WRITERS; i++) {
            isle.shell("python3 " + script + " verify public/w" + i + " " + ledger(isle, i))
                    .within(Duration.ofMinutes(1))
                    .run()
                    .ok();
        }
    }

    private static void verifyAlsoFromTheStore(IsleProfile isle, Path script) {
        isle.start();
        verify(isle, script);
        isle.awaitStored();
        isle.unmount().ok();
        isle.emptyCache();
        isle.start();
        verify(isle, script);
        isle.requireHealthy();
    }

    @ParameterizedTest
    @MethodSource("accounts")
    void unmountLeavesProgramsAloneAndSaysThatThereAreSome(Account account) throws Exception {
        IsleProfile isle = isles.plan().of(account).make().start();
        Path script = Scripts.copy("load.py", isle.person());
        isle.inMount("echo kept >public/file").ok();
        Process reader = isle.shell("exec 7<public/file; cd public; echo open >\"$HOME/open\"; exec sleep 300")
                .start(isle.person(), "reader");
        try {
            Eventually.holds(
                    "the file is open", SOON, () -> Files.exists(isle.person().resolve("open")));
            startWriters(isle, script);
            Finished refused = isle.unmount("--timeout", "2");
            assertTrue(refused.exitCode() != 0, refused::toString);
            assertFalse(refused.err().isBlank(), refused::toString);
            assertTrue(isle.isRunning());
            awaitMore(isle);
            for (Process writer : writers) {
                assertEquals("", endOf(writer), "nobody was disturbed");
            }
            // One open file and one working folder are enough.
            assertTrue(isle.unmount("--timeout", "20").exitCode() != 0);
            isle.inMount("cat public/file").ok();
        } finally {
            reader.destroyForcibly();
            isle.awaitEnd(reader, SOON);
        }
        isle.unmount().ok();
        assertFalse(isle.isMounted());
        verifyAlsoFromTheStore(isle, script);
    }

    @ParameterizedTest
    @MethodSource("accounts")
    void aTerminatedDaemonEndsAndKeepsWhatProgramsWereTold(Account account) throws Exception {
        IsleProfile isle = isles.plan().of(account).make();
        Command.shell("mkdir -p config && printf 'limits:\\n  drain_on_signal: 2s\\n' >config/daemon.yml")
                .as(account)
                .in(isle.home())
                .run()
                .ok();
        isle.start();
        Path script = Scripts.copy("load.py", isle.person());
        startWriters(isle, script);
        assertEquals(SIGTERM, isle.terminate(), isle::logs);
        for (Process writer : writers) {
            assertTrue(endOf(writer).startsWith("stopped: "), "its next operation fails");
        }
        assertFalse(isle.isMounted());
        verifyAlsoFromTheStore(isle, script);
    }
}
