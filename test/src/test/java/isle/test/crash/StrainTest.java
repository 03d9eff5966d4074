package isle.test.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.test.rig.Account;
import isle.test.rig.Command;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import isle.test.rig.Scripts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** More of everything than a day's work brings: the answers stay right, and the daemon's memory within its bounds. */
@Tag("fuse")
@Tag("tools")
@Tag("alone")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class StrainTest {

    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final int MOST_MEBIBYTES = 450;
    private static final int STATUS_FIELD = 1;

    @RegisterExtension
    final Isles isles = new Isles();

    static void hasBoundedMemory(IsleProfile isle) throws IOException {
        String line = Files.readAllLines(Path.of("/proc/" + isle.pid() + "/status")).stream()
                .filter(l -> l.startsWith("VmHWM:"))
                .findFirst()
                .orElseThrow();
        int mebibytes = Integer.parseInt(line.split("\\s+", -1)[STATUS_FIELD]) / 1024;
        assertTrue(mebibytes <= MOST_MEBIBYTES, "the daemon had " + mebibytes + " MiB resident");
    }

    @Test
    void aHundredThousandNamesInAFolderAreListedAndFoundAgain() throws IOException {
        IsleProfile isle = isles.profile();
        Path script = Scripts.copy("crowd.py", isle.person());
        isle.start();
        crowd(isle, script, "make");
        crowd(isle, script, "check");
        hasBoundedMemory(isle);
        // How long a disk takes to force a hundred thousand objects is not what is tried here.
        isle.isleCommand(List.of("wait")).within(LIMIT).run().ok();
        isle.restart();
        crowd(isle, script, "check");
        hasBoundedMemory(isle);
    }

    private static void crowd(IsleProfile isle, Path script, String what) {
        isle.shell("python3 '" + script + "' " + what + " public/crowd 100000")
                .within(LIMIT)
                .run()
                .ok();
    }

    @Test
    void aSparseFileOfAHundredGibibytesTakesNoRoomAndIsGoneAtOnce() throws IOException {
        IsleProfile isle = isles.plan().of(Account.ordinary()).make().start();
        isle.inMount("truncate -s 100G public/sparse"
                        + " && echo middle | dd of=public/sparse bs=1 seek=60000000000 conv=notrunc status=none"
                        + " && echo end | dd of=public/sparse bs=1 seek=107374182395 conv=notrunc status=none"
                        + " && sync public/sparse")
                .ok();
        String middle = isle.inMount(
                        "dd if=public/sparse bs=1 skip=60000000000 count=7 status=none; tail -c 5 public/sparse; head -c 3 public/sparse")
                .ok()
                .out();
        assertEquals("middle\nend\n\0\0\0\0", middle);
        isle.inMount("sleep 3; rm public/sparse").ok().within(Duration.ofSeconds(10));
        isle.isleCommand(List.of("wait", "--timeout", "20")).run().ok();
        String[] taken =
                Command.of("du", "-sm", isle.home().toString()).run().text().split("\\s", 2);
        assertTrue(Integer.parseInt(taken[0]) < 1000, taken[0] + " MiB were taken");
        hasBoundedMemory(isle);
    }

    @Test
    void sixtyFourWritersAtOnceAreServed() throws IOException {
        IsleProfile isle = isles.profile();
        Path script = Scripts.copy("load.py", isle.person());
        isle.start();
        isle.inMount("mkdir public/many").ok();
        isle.shell("for i in $(seq 64); do mkdir public/many/$i;" + " (sleep 15) | python3 '" + script
                        + "' write public/many/$i \"$HOME/ledger$i\" $i & done; wait")
                .within(LIMIT)
                .run()
                .ok();
        isle.awaitStored();
        hasBoundedMemory(isle);
        isle.kill();
        isle.emptyCache();
        isle.start();
        isle.shell("for i in $(seq 64); do python3 '" + script + "' verify public/many/$i \"$HOME/ledger$i\"; done")
                .within(LIMIT)
                .run()
                .ok();
    }

    @Test
    void callersOfADaemonThatIsStoppedWaitAndAreAnsweredWhenItGoesOn() throws IOException, InterruptedException {
        IsleProfile isle = isles.profile().start();
        isle.inMount("mkdir public/d && echo x >public/d/f").ok();
        Command.of("kill", "-STOP", Long.toString(isle.pid())).run().ok();
        Process waiting = isle.shell("echo y >public/d/g && mv public/d/g public/d/h && cat public/d/f")
                .start(isle.person(), "waiting");
        try {
            assertTrue(!waiting.waitFor(3, TimeUnit.SECONDS), "nobody answers a caller meanwhile");
        } finally {
            Command.of("kill", "-CONT", Long.toString(isle.pid())).run().ok();
        }
        assertTrue(waiting.waitFor(20, TimeUnit.SECONDS), "the caller is answered");
        assertEquals(0, waiting.exitValue());
        assertEquals("y", isle.inMount("cat public/d/h").ok().text());
    }
}
