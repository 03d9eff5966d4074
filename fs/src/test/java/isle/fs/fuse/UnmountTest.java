package isle.fs.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fuse")
class UnmountTest {

    @Test
    void theFolderIsMadeAndStaysClosedWhileBare() throws IOException {
        try (MountRig rig = MountRig.mount()) {
            assertEquals("755", Shell.sh(rig.folder(), "stat -c %a ."));
            rig.order("unmount 5000");
            assertFalse(rig.isMounted());
            assertEquals("500", Shell.sh(rig.folder(), "stat -c %a ."));
            assertTrue(rig.isAlive());
        }
    }

    @Test
    void whoUsesTheMountIsNamed() throws IOException, InterruptedException {
        try (MountRig rig = MountRig.mount()) {
            Files.writeString(rig.folder().resolve("secret-name"), "x");
            Process user = new ProcessBuilder("sleep", "1000")
                    .redirectInput(rig.folder().resolve("secret-name").toFile())
                    .start();
            String answer = rig.tell("unmount 300");
            assertTrue(answer.startsWith("problem BUSY " + rig.folder() + " is still in use: "), answer);
            assertTrue(answer.contains("sleep (" + user.pid() + ") has an open file"), answer);
            assertFalse(answer.contains("secret-name"), answer);
            assertEquals("x", Files.readString(rig.folder().resolve("secret-name")), "it works on");
            user.destroyForcibly();
            assertTrue(user.waitFor(10, TimeUnit.SECONDS));
            rig.order("unmount 5000");
        }
    }

    @Test
    void unmountingWaitsForALateUser() throws IOException {
        try (MountRig rig = MountRig.mount()) {
            Process user = new ProcessBuilder("sleep", "0.7")
                    .directory(rig.folder().toFile())
                    .start();
            rig.order("unmount 20000");
            assertFalse(user.isAlive());
        }
    }

    @Test
    void detachedItIsServedUntilItsLastUse() throws IOException {
        try (MountRig rig = MountRig.mount()) {
            Files.writeString(rig.folder().resolve("f"), "content");
            try (var channel = java.nio.channels.FileChannel.open(
                    rig.folder().resolve("f"), java.nio.file.StandardOpenOption.WRITE)) {
                rig.order("detach");
                assertFalse(rig.isMounted());
                assertEquals(3, channel.write(java.nio.ByteBuffer.wrap(new byte[3])));
            }
            rig.order("await-end");
        }
    }

    @Test
    void unmountedBySomebodyElseItEndsByItself() throws IOException {
        try (MountRig rig = MountRig.mount()) {
            Shell.sh(Path.of("/"), "fusermount -u " + rig.folder());
            rig.order("await-end");
            rig.order("unmount 1000");
        }
    }

    @Test
    void dirtyMappedPagesAreWrittenBack() throws IOException {
        try (MountRig rig = MountRig.mount()) {
            Shell.python(rig.folder(), """
                    fd = os.open('f', os.O_CREAT | os.O_RDWR)
                    os.ftruncate(fd, 4 << 20)
                    m = mmap.mmap(fd, 4 << 20)
                    for i in range(0, 4 << 20, 4096):
                        m[i] = 7
                    os.fork() and os._exit(0)
                    """);
            rig.order("unmount 10000");
        }
    }

    @Test
    void aKilledDaemonsMountIsDeadAndIsCleaned() throws IOException, InterruptedException {
        MountRig rig = MountRig.mount();
        try (rig) {
            Files.writeString(rig.folder().resolve("f"), "x");
            assertEquals(
                    StaleMounts.State.LIVE,
                    StaleMounts.clean(rig.profile()).get(0).state());
            assertTrue(rig.isMounted(), "a live mount is left alone");
            rig.kill();
            assertTrue(rig.isMounted());
            Shell.Result result =
                    Shell.run(Path.of("/"), List.of("stat", "-f", rig.folder().toString()));
            assertTrue(result.output().contains("not connected"), result.output());
            assertEquals(
                    List.of(new StaleMounts.Found(rig.folder().toString(), StaleMounts.State.CLEANED, "")),
                    StaleMounts.clean(rig.profile()));
            assertFalse(rig.isMounted());
        }
    }

    @Test
    void aDeadMountInUseIsCleanedToo() throws IOException, InterruptedException {
        MountRig rig = MountRig.mount();
        try (rig) {
            Process user = new ProcessBuilder("sleep", "1000")
                    .directory(rig.folder().toFile())
                    .start();
            rig.kill();
            assertEquals(
                    StaleMounts.State.CLEANED,
                    StaleMounts.clean(rig.profile()).get(0).state());
            user.destroyForcibly();
            assertTrue(user.waitFor(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void mountingOverTheOwnDeadMountRemovesItFirst() throws IOException, InterruptedException {
        MountRig dead = MountRig.mount();
        dead.kill();
        try (dead;
                MountRig next = MountRig.tryMount(dead.profile(), dead.folder())) {
            assertEquals("mounted " + dead.folder(), next.greeting());
            assertEquals(
                    1, MountTable.read().fuseMountsOf("isle:" + dead.profile()).size());
        }
    }

    @Test
    void aStoppedDaemonsMountIsLeftAloneAndCanBeCutOff() throws IOException, InterruptedException {
        MountRig rig = MountRig.mount();
        try (rig) {
            long pid = rig.pid();
            // Until the last of its threads has stopped it may still answer.
            Shell.sh(
                    Path.of("/"),
                    "kill -STOP " + pid + "; while grep -h '^State' /proc/" + pid
                            + "/task/*/status | grep -qv stopped; do sleep 0.01; done");
            long start = System.nanoTime();
            StaleMounts.Found found = StaleMounts.clean(rig.profile()).get(0);
            assertEquals(StaleMounts.State.SILENT, found.state());
            assertTrue(System.nanoTime() - start < 12_000_000_000L, "bounded in time");
            assertTrue(StaleMounts.cutOff(rig.profile(), found));
            assertFalse(rig.isMounted());
            Shell.sh(Path.of("/"), "kill -CONT " + pid);
            rig.order("await-end");
        }
    }

    @Test
    void aTerminatedDaemonEndsAtOnceThoughItIsMounted() throws IOException, InterruptedException {
        MountRig rig = MountRig.mount();
        try (rig) {
            Files.writeString(rig.folder().resolve("f"), "x");
            Shell.sh(Path.of("/"), "kill -TERM " + rig.pid());
            assertTrue(rig.awaitExit(10), "the loop threads hold up the end");
            assertTrue(rig.isMounted());
        }
    }

    @Test
    void aReadOnlyMountRefusesChanges() throws IOException {
        try (MountRig rig = MountRig.mount("read-only")) {
            assertEquals(
                    "EROFS EROFS",
                    Shell.python(rig.folder(), "print(error_of(os.mkdir, 'd'), error_of(os.chmod, '.', 0o700))"));
        }
    }
}
