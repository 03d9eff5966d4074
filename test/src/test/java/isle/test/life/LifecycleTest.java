package isle.test.life;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.test.rig.Account;
import isle.test.rig.Finished;
import isle.test.rig.Folders;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import isle.test.rig.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Start and stop of the daemon on the store that needs nothing. */
@Tag("fuse")
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class LifecycleTest {

    private static final int REFUSED = 7;
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;
    /** How a JVM ends that shut down in order when it was told to. */
    private static final int SIGTERM = 143;

    @RegisterExtension
    final Isles isles = new Isles();

    static List<Account> accounts() {
        return Account.all();
    }

    @ParameterizedTest
    @MethodSource("accounts")
    void theMountIsNamedAfterTheProfileAndShowsTwoFolders(Account account) {
        IsleProfile isle = isles.plan().of(account).make().start();
        Mounts.Mount mount = Mounts.at(isle.mountPoint()).orElseThrow();
        assertEquals("fuse.isle", mount.type());
        assertTrue(mount.source().startsWith("isle:"), mount::source);
        String listed = isle.inMount("ls").ok().text();
        assertTrue(listed.contains("public") && listed.contains("protected"), listed);
        isle.unmount().ok();
        assertFalse(isle.isMounted());
    }

    @Test
    void aSecondDaemonIsRefused() {
        IsleProfile isle = isles.profile().start();
        Finished second = isle.isle("daemon").exits(REFUSED);
        assertFalse(second.err().isBlank());
        isle.inMount("ls public").ok();
    }

    @Test
    void aSecondMountCommandFindsTheDaemon() {
        IsleProfile isle = isles.profile().start();
        isle.isle("mount", isle.mountPoint().toString()).ok().within(Duration.ofSeconds(10));
        isle.inMount("ls public").ok();
    }

    @Test
    void whatWasWrittenIsThereAfterARestart() {
        IsleProfile isle = isles.profile().start();
        isle.inMount("echo kept >public/file").ok();
        isle.restart();
        assertEquals("kept", isle.inMount("cat public/file").ok().text());
    }

    @Test
    void sigtermStoresWhatIsPendingAndUnmounts() {
        IsleProfile isle = isles.profile().start();
        isle.inMount("for i in $(seq 200); do echo $i >public/f$i; done").ok();
        int code = isle.terminate();
        assertTrue(code == 0 || code == SIGTERM, () -> code + isle.logs());
        assertFalse(isle.isMounted());
        isle.emptyCache();
        isle.start();
        assertEquals("200", isle.inMount("ls public | wc -l").ok().text());
        assertEquals("200", isle.inMount("cat public/f200").ok().text());
    }

    @Test
    void theNextStartCleansTheMountOfAKilledDaemon() {
        IsleProfile isle = isles.profile().start();
        isle.inMount("echo kept >public/file; sync public/file").ok();
        isle.kill();
        assertTrue(isle.isMounted());
        // A program must not write into the bare folder below.
        isle.shell("echo lost >public/other").run().exits(1);
        isle.start();
        assertEquals("kept", isle.inMount("cat public/file").ok().text());
        assertEquals("file", isle.inMount("ls public").ok().text());
    }

    @Test
    void aBusyMountStaysAndSaysWho() throws IOException {
        IsleProfile isle = isles.profile().start();
        Process busy = isle.shell("cd public && exec sleep 300").start(isle.person(), "busy");
        try {
            isle.shell("until [ \"$(readlink /proc/" + busy.pid() + "/cwd)\" = \"$PWD/public\" ]; do :; done")
                    .run()
                    .ok();
            Finished refused = isle.unmount("--timeout", "3");
            assertTrue(refused.exitCode() != 0, refused::toString);
            assertFalse(refused.err().isBlank());
            isle.inMount("echo works >public/file").ok();
        } finally {
            busy.destroyForcibly();
            isle.awaitEnd(busy, Duration.ofSeconds(30));
        }
        isle.unmount().ok();
        assertFalse(isle.isMounted());
    }

    @Test
    void aMountPointWithFilesIsRefused() throws IOException {
        IsleProfile isle = isles.profile();
        Files.writeString(isle.mountPoint().resolve("mine"), "mine");
        isle.launch();
        int code = isle.awaitEnd(Duration.ofSeconds(60));
        assertEquals(FAILED, code, isle::logs);
        assertFalse(isle.isMounted());
        assertEquals("mine", Files.readString(isle.mountPoint().resolve("mine")));
        assertTrue(isle.logs().contains(isle.mountPoint().toString()), isle::logs);
    }

    @ParameterizedTest
    @MethodSource("accounts")
    void aReadOnlyMountTakesNoWrites(Account account) {
        IsleProfile isle = isles.plan().of(account).make().start();
        isle.inMount("echo kept >public/file").ok();
        isle.unmount().ok();
        isle.launch("--read-only");
        isle.awaitMounted();
        assertEquals("kept", isle.inMount("cat public/file").ok().text());
        for (String attempt : List.of(
                "echo new >public/other",
                "echo new >>public/file",
                "rm public/file",
                "mkdir public/folder",
                "mv public/file public/other",
                "chmod 600 public/file",
                "touch public/file")) {
            Finished refused = isle.shell(attempt).run();
            assertTrue(refused.exitCode() != 0 && refused.err().contains("Read-only file system"), refused::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"deleted", "emptied", "garbage", "cut"})
    void anIndexThatIsLostOrDamagedIsRebuilt(String damage) throws IOException {
        IsleProfile isle = isles.profile().start();
        isle.inMount("mkdir -p public/a/b; echo one >public/a/one; ln -s one public/a/link; chmod 600 public/a/one;"
                        + " touch -d '2001-02-03 04:05:06.789' public/a/b; setfattr -n user.k -v v public/a/one")
                .ok();
        String before = isle.inMount("cd public/a && stat -c '%n %a %s %F %Y' one link b; getfattr -d one")
                .ok()
                .text();
        isle.unmount().ok();
        Path index = isle.state("index.db");
        switch (damage) {
            case "deleted" -> Folders.deleteMatching(isle.state(""), "index.db*");
            case "emptied" -> Files.write(index, new byte[0]);
            case "garbage" -> Files.write(index, new byte[40_000]);
            default -> Files.write(index, Arrays.copyOf(Files.readAllBytes(index), 5000));
        }
        isle.start();
        assertEquals(
                before,
                isle.inMount("cd public/a && stat -c '%n %a %s %F %Y' one link b; getfattr -d one")
                        .ok()
                        .text());
        assertEquals("one", isle.inMount("cat public/a/link").ok().text());
    }

    @Test
    void aLostIndexLosesNothingThatOnlyTheJournalHas() throws IOException {
        IsleProfile isle = isles.profile().start();
        isle.inMount("for i in $(seq 50); do echo $i >public/f$i; done; sync public/f50")
                .ok();
        isle.kill();
        Folders.deleteMatching(isle.state(""), "index.db*");
        isle.start();
        assertEquals(
                "50",
                isle.inMount("cat public/f* | sort -n | uniq | wc -l").ok().text());
    }

    @Test
    void anUnknownStoreIsRefusedInOneSentence() {
        IsleProfile isle = isles.plan().with("--store", "ftp://example.org/").make();
        isle.launch();
        int code = isle.awaitEnd(Duration.ofSeconds(60));
        assertTrue(code == FAILED || code == WRONG_USAGE, () -> code + isle.logs());
        assertFalse(isle.isMounted());
        assertFalse(isle.logs().contains("\tat "), isle::logs);
    }

    @Test
    void aStoreThatIsAFolderIsSharedByNobody() {
        Path store = Folders.make(isles.folder(), "store", Account.current());
        IsleProfile first =
                isles.plan().with("--store", store.toString()).make().start();
        IsleProfile second = isles.plan().with("--store", store.toString()).make();
        second.launch();
        assertEquals(REFUSED, second.awaitEnd(Duration.ofSeconds(60)), second::logs);
        first.inMount("echo mine >public/file").ok();
    }

    @Test
    void statusSpeaksOfTheMount() {
        IsleProfile isle = isles.profile();
        isle.isle("status").exits(3);
        isle.start();
        String json = isle.isle("status", "--json").ok().text();
        assertTrue(json.contains(isle.mountPoint().toString()), json);
        assertTrue(json.contains("\"pid\":" + isle.pid()) || json.contains("\"pid\": " + isle.pid()), json);
        isle.inMount("echo one >public/file").ok();
        isle.isle("wait", "public/file").ok();
        assertTrue(isle.isle("status", "--json", "public/file").ok().text().contains("stored"));
        assertEquals(
                "stored",
                isle.inMount("getfattr --only-values -n user.isle.state public/file")
                        .ok()
                        .text());
        assertEquals("", isle.inMount("getfattr public/file").ok().text());
        isle.inMount("python3 -c 'import json; json.load(open(\".isle/status.json\"))'; test -s .isle/health.txt")
                .ok();
    }

    @Test
    void filesAreReadAndWrittenWithoutAMount() {
        IsleProfile isle = isles.profile().start();
        isle.unmount().ok();
        isle.isleCommand(List.of("put", "-", "public/piped"))
                .input("through a pipe")
                .run()
                .ok();
        assertEquals("through a pipe", isle.isle("cat", "public/piped").ok().out());
        isle.isle("mkdir", "public/folder").ok();
        isle.isle("mv", "public/piped", "public/folder/moved").ok();
        assertTrue(isle.isle("ls", "public/folder").ok().text().contains("moved"));
        isle.isle("unmount").ok();
    }
}
