package isle.test.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.s3.GarageExtension;
import isle.fs.s3.GarageKey;
import isle.fs.s3.GarageServer;
import isle.test.rig.Command;
import isle.test.rig.Eventually;
import isle.test.rig.Finished;
import isle.test.rig.Folders;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import isle.test.rig.Scripts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real Garage goes away, hangs, refuses and comes back while programs work in the mount. */
@Tag("fuse")
@Tag("garage")
@Tag("tools")
@Tag("waiting")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class StoreFaultsTest {

    /** What is answered from this machine may take this long, in seconds. */
    private static final String LOCAL_SECONDS = "1";

    private static final int REFUSED = 7;
    private static final int NOT_STORED = 6;

    @RegisterExtension
    static final GarageExtension GARAGE = GarageExtension.withoutFsync();

    @RegisterExtension
    final Isles isles = new Isles();

    private GarageServer garage;
    private String bucket;
    private String second;

    @BeforeEach
    void makeBuckets() {
        garage = GARAGE.server();
        bucket = garage.createBucket();
        second = garage.createBucket();
    }

    private IsleProfile isle() {
        return isle(garage.key());
    }

    private IsleProfile isle(GarageKey key) {
        return isles.plan().on(garage, bucket, second, key).make();
    }

    /** Takes the store away and brings it back. */
    private enum Fault {
        KILLED {
            @Override
            void happens(GarageServer garage) {
                garage.kill();
            }

            @Override
            void ends(GarageServer garage) {
                garage.restart();
            }
        },
        HANGING {
            @Override
            void happens(GarageServer garage) {
                garage.suspend();
            }

            @Override
            void ends(GarageServer garage) {
                garage.resume();
            }
        };

        abstract void happens(GarageServer garage);

        abstract void ends(GarageServer garage);
    }

    private Fault now = Fault.HANGING;
    private boolean away;

    private void takeAway(Fault fault) {
        now = fault;
        away = true;
        fault.happens(garage);
    }

    @AfterEach
    void bringBack() {
        if (away) {
            away = false;
            now.ends(garage);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"KILLED", "HANGING"})
    void whatIsKnownHereIsAnsweredHere(String fault) {
        IsleProfile isle = isle().start();
        Path script = Scripts.copy("local.py", isle.person());
        isle.inMount(
                        "mkdir public/a && ls protected && printf 'known\\n%.0s' $(seq 2000) >public/a/known && ls public/a && cat public/a/known")
                .ok();
        isle.awaitStored();
        takeAway(Fault.valueOf(fault));
        for (String folder : List.of("public/a", "public", "protected")) {
            isle.shell("[ -e " + folder + "/known ] || printf 'known\\n%.0s' $(seq 2000) >" + folder
                            + "/known; python3 " + script + " " + folder + " " + LOCAL_SECONDS)
                    .run()
                    .ok();
        }
        // A store that hangs is noticed when the first request has waited long enough.
        Eventually.holds("status says that the store is away", Duration.ofSeconds(15), () -> {
            String status = isle.isle("status", "--json").ok().text();
            return status.contains("\"offline\"") || status.contains("\"degraded\"");
        });
        isle.isle("wait", "--timeout", "2").exits(5);
        bringBack();
        isle.awaitStored();
        isle.unmount().ok();
        isle.emptyCache();
        isle.start();
        assertEquals(
                "3000",
                isle.inMount("stat -c %s public/a/forced; ls -d public/*/folder >/dev/null")
                        .ok()
                        .text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"KILLED", "HANGING"})
    void everythingArrivesThatWasWrittenWhileTheStoreWentAndCame(String fault)
            throws IOException, InterruptedException {
        IsleProfile isle = isle().start();
        Path script = Scripts.copy("load.py", isle.person());
        Path ledger = isle.person().resolve("ledger");
        isle.inMount("mkdir public/load").ok();
        Process writer = Command.of(
                        "python3",
                        script.toString(),
                        "write",
                        isle.mountPoint().resolve("public/load").toString(),
                        ledger.toString(),
                        "1")
                .startPiped();
        for (int i = 0; i < 3; i++) {
            awaitLines(ledger, 60);
            takeAway(Fault.valueOf(fault));
            awaitLines(ledger, 60);
            bringBack();
        }
        writer.getOutputStream().close();
        assertTrue(writer.waitFor(60, TimeUnit.SECONDS), "the program ends when it is told to");
        assertEquals("", new String(writer.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        isle.awaitStored();
        isle.unmount().ok();
        isle.emptyCache();
        isle.start();
        isle.shell("python3 " + script + " verify public/load " + ledger)
                .within(Duration.ofMinutes(2))
                .run()
                .ok();
    }

    /** Waits until a program did so many more operations. */
    private static void awaitLines(Path ledger, int more) {
        long from = lines(ledger);
        Eventually.holds(
                "the program goes on while the store is away or back",
                Duration.ofSeconds(30),
                () -> lines(ledger) >= from + more);
    }

    private static long lines(Path file) {
        try (var lines = Files.lines(file)) {
            return lines.count();
        } catch (IOException e) {
            return 0;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"KILLED", "HANGING"})
    void whatOnlyTheStoreHasFailsInTimeAndThenAtOnce(String fault) {
        IsleProfile isle = isle().start();
        isle.inMount("mkdir public/a && for i in $(seq 20); do head -c 100000 /dev/urandom >public/a/$i; done")
                .ok();
        isle.awaitStored();
        isle.unmount().ok();
        isle.emptyCache();
        isle.start();
        isle.inMount("ls -l public/a").ok();
        takeAway(Fault.valueOf(fault));
        Finished first = isle.shell("cat public/a/1 >/dev/null").run();
        assertFalse(first.exitCode() == 0, first::toString);
        first.within(Duration.ofSeconds(9));
        // Once the store counts as down nobody waits for it: nineteen more do not take nineteen times as long.
        Finished others = isle.shell("for i in $(seq 2 20); do ! cat public/a/$i >/dev/null 2>&1; done")
                .run()
                .ok();
        others.within(Duration.ofSeconds(9));
        bringBack();
        Eventually.holds(
                "it is read again when the store is back",
                Duration.ofSeconds(30),
                () -> isle.shell("cat public/a/* >/dev/null").run().exitCode() == 0);
    }

    @Test
    void aLargeCopyGoesOnWhereItWas() {
        IsleProfile isle = isle().start();
        isle.inMount(
                        "head -c 60000000 /dev/urandom >\"$HOME/large\" && cp \"$HOME/large\" public/ && ls -l public protected")
                .ok();
        takeAway(Fault.HANGING);
        isle.inMount("cp \"$HOME/large\" protected/large && cmp \"$HOME/large\" protected/large")
                .ok();
        Finished left = isle.unmount("--timeout", "2");
        assertEquals(NOT_STORED, left.exitCode(), left::toString);
        isle.awaitEnd(Duration.ofSeconds(60));
        bringBack();
        isle.start();
        isle.awaitStored();
        isle.unmount().ok();
        isle.emptyCache();
        isle.start();
        isle.inMount("cmp \"$HOME/large\" public/large && cmp \"$HOME/large\" protected/large")
                .ok();
    }

    @Test
    void aMountComesUpWithoutItsStore() {
        IsleProfile isle = isle().start();
        isle.inMount("echo known >public/known && mkdir public/folder && ls public")
                .ok();
        isle.awaitStored();
        isle.unmount().ok();
        takeAway(Fault.KILLED);
        isle.start();
        assertEquals("folder\nknown", isle.inMount("ls public").ok().text());
        isle.inMount("echo new >public/new && sync public/new && cat public/new")
                .ok();
        bringBack();
        isle.awaitStored();
    }

    @Test
    void aFullQuotaIsSaidAndEndsWithIt() {
        IsleProfile isle = isle().start();
        isle.inMount("head -c 3000000 /dev/urandom >public/first").ok();
        isle.awaitStored();
        garage.setQuota(bucket, OptionalLong.of(4_000_000), OptionalLong.empty());
        isle.inMount("head -c 3000000 /dev/urandom >public/second").ok();
        Eventually.holds("the file shows as failed", Duration.ofSeconds(60), () -> isle.shell(
                        "getfattr --only-values -n user.isle.state public/second")
                .run()
                .text()
                .equals("failed"));
        Finished refused = isle.shell("head -c 100000 /dev/zero >public/third").run();
        assertTrue(refused.exitCode() != 0 && refused.err().contains("Disk quota exceeded"), refused::toString);
        String status = isle.isle("status", "--json").ok().text();
        assertTrue(status.contains("second"), status);
        isle.inMount("cat public/second >/dev/null; echo fine >protected/other").ok();
        garage.setQuota(bucket, OptionalLong.empty(), OptionalLong.empty());
        isle.awaitStored();
        Eventually.holds(
                "it takes writes again",
                Duration.ofSeconds(60),
                () -> isle.shell("echo third >public/third").run().exitCode() == 0);
        isle.awaitStored();
        isle.unmount().ok();
        isle.emptyCache();
        isle.start();
        assertEquals("3000000", isle.inMount("wc -c <public/second").ok().text());
    }

    @Test
    void aFullQuotaEndsWhenWhatDidNotFitIsRemoved() {
        IsleProfile isle = isle().start();
        garage.setQuota(bucket, OptionalLong.of(1_000_000), OptionalLong.empty());
        isle.inMount("head -c 3000000 /dev/urandom >public/large").ok();
        Eventually.holds(
                "writers are refused",
                Duration.ofSeconds(60),
                () -> isle.shell("echo more >public/small").run().exitCode() != 0);
        isle.inMount("rm public/large").ok();
        Eventually.holds(
                "it takes writes again",
                Duration.ofSeconds(90),
                () -> isle.shell("echo more >public/small").run().exitCode() == 0);
        isle.awaitStored();
    }

    @Test
    void aKeyThatMayOnlyReadMakesTheVolumeReadOnly() {
        IsleProfile owner = isle().start();
        owner.inMount("echo theirs >public/file").ok();
        owner.awaitStored();
        IsleProfile reader = isles.plan()
                .on(garage, bucket, bucket, garage.createReadOnlyKey(bucket))
                .make()
                .start();
        assertEquals("theirs", reader.inMount("cat public/file").ok().text());
        // The first write may be accepted here and refused there; then the volume says what it is.
        Eventually.holds(
                "writes are refused",
                Duration.ofSeconds(60),
                () -> reader.shell("echo mine >>public/file").run().err().contains("Read-only file system"));
        assertEquals("theirs", owner.inMount("cat public/file").ok().text());
    }

    @Test
    void wrongKeysAreSaidAndNeverPrinted() {
        GarageKey wrong = new GarageKey(garage.key().id(), "f".repeat(64));
        IsleProfile isle = isle(wrong);
        isle.launch();
        int code = isle.awaitEnd(Duration.ofSeconds(60));
        assertEquals(REFUSED, code, isle::logs);
        assertFalse(isle.isMounted());
        assertFalse(isle.everythingLogged().contains(wrong.secret()), "a secret key is in a log");
    }

    @Test
    void aBucketThatMayNotBeMadeIsSaid() {
        GarageKey member = garage.createMemberKey(bucket);
        IsleProfile isle = isles.plan()
                .on(garage, bucket, "bucket-that-is-not-there", member)
                .make();
        isle.launch();
        int code = isle.awaitEnd(Duration.ofSeconds(60));
        assertTrue(code == REFUSED || code == 1, () -> code + isle.logs());
        assertTrue(isle.logs().contains("bucket-that-is-not-there"), isle::logs);
        assertFalse(isle.isMounted());
    }

    @Test
    void noSecretIsInALogOrInAnArgument() {
        IsleProfile isle = isle().start();
        isle.inMount("echo one >public/file").ok();
        isle.awaitStored();
        String secret = garage.key().secret();
        assertFalse(isle.everythingLogged().contains(secret), "a secret key is in a log");
        assertFalse(Command.shell("tr '\\0' ' ' </proc/" + isle.pid() + "/cmdline")
                .run()
                .ok()
                .out()
                .contains(secret));
        Command.shell("! find . -type f -perm /077 -exec grep -lF " + secret + " {} + | grep .")
                .in(isle.home())
                .run()
                .ok();
    }

    @Test
    void anotherStoreIsRefusedWhileChangesArePending() {
        IsleProfile isle = isle().start();
        isle.inMount("ls public").ok();
        takeAway(Fault.HANGING);
        isle.inMount("echo pending >public/file").ok();
        isle.unmount("--force").exits(NOT_STORED);
        isle.awaitEnd(Duration.ofSeconds(60));
        Path elsewhere = Folders.make(isles.folder(), "store", isle.account());
        isle.launch("--store", elsewhere.toString());
        assertEquals(REFUSED, isle.awaitEnd(Duration.ofSeconds(60)), isle::logs);
        bringBack();
        isle.start();
        isle.awaitStored();
        assertEquals("pending", isle.inMount("cat public/file").ok().text());
    }
}
