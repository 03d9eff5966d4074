package isle.test.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.s3.GarageExtension;
import isle.fs.s3.GarageServer;
import isle.test.rig.Command;
import isle.test.rig.Eventually;
import isle.test.rig.Finished;
import isle.test.rig.Folders;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import isle.test.rig.Relay;
import isle.test.rig.Scripts;
import isle.test.tools.S3Client;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Seventeen programs work in the mount of a real daemon while its Garage is gone, hangs, refuses, cuts off, says and
 * takes one byte a second, or carries out later what nobody waits for any more. Nobody waits long, what is known here
 * is answered as ever, and all that was acknowledged is in the store when it is well again.
 */
@Tag("fuse")
@Tag("garage")
@Tag("tools")
@Tag("waiting")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class BadStoreTest {

    private static final int AWAY_SECONDS = Integer.getInteger("isle.away.seconds", 20);
    private static final int BAD_SECONDS = Integer.getInteger("isle.bad.seconds", 3);
    private static final int COLD_FILES = 400;
    private static final int UNKNOWN_FOLDERS = 40;
    private static final Duration NOTICED = Duration.ofSeconds(10);
    private static final Duration BACK = Duration.ofSeconds(20);
    private static final Duration CALLERS_END = Duration.ofSeconds(30);

    @RegisterExtension
    static final GarageExtension GARAGE = GarageExtension.withoutFsync();

    @RegisterExtension
    final Isles isles = new Isles();

    private GarageServer garage;
    private Relay relay;
    private IsleProfile isle;
    private Path script;
    private Path phase;
    private Path ledgers;
    private @Nullable Process callers;
    private boolean killed;
    private boolean suspended;

    @BeforeEach
    void fillTheStore() {
        garage = GARAGE.server();
        relay = new Relay(garage.endpoint());
        String bucket = garage.createBucket();
        isle = isles.plan()
                .on(relay.endpoint(), bucket, garage.createBucket(), garage.key())
                .make()
                .start();
        script = Scripts.copy("callers.py", isle.person());
        phase = isle.person().resolve("phase");
        ledgers = Folders.make(isle.person(), "ledgers", isle.account());
        isle.inMount("mkdir public/known public/cold; for i in $(seq 30); do echo $i >public/known/$i; done;"
                        + " for i in $(seq " + COLD_FILES
                        + "); do head -c 50000 /dev/urandom >public/cold/$i; done")
                .ok();
        isle.awaitStored();
        isle.unmount().ok();
        isle.emptyCache();
        isle.start();
        isle.inMount("printf 'known\\n%.0s' $(seq 2000) >public/known/known; cat public/known/* >/dev/null;"
                        + " ls -l public/cold >/dev/null; ls protected")
                .ok();
        new S3Client(garage, bucket, isles.folder()).fill("unknown", UNKNOWN_FOLDERS);
        isle.awaitStored();
        Eventually.holds("the folders of somebody else show", Duration.ofSeconds(30), () -> isle.inMount("ls public")
                .out()
                .contains("unknown" + (UNKNOWN_FOLDERS - 1)));
    }

    @AfterEach
    void closeRelay() {
        endCallers();
        makeWell();
        relay.close();
    }

    private void makeWell() {
        if (suspended) {
            garage.resume();
            suspended = false;
        }
        if (killed) {
            garage.restart();
            killed = false;
        }
        relay.misbehave(Relay.Fault.NONE);
    }

    @Test
    @Tag("soak")
    void aStoreThatIsGoneIsNotWaitedForAndAllArrivesLater() throws Exception {
        startCallers();
        badFor("killed", AWAY_SECONDS, () -> {
            garage.kill();
            killed = true;
        });
        badFor("hanging", AWAY_SECONDS, () -> {
            garage.suspend();
            suspended = true;
        });
        askCallers();
        everythingIsInTheStore();
    }

    @Test
    void aStoreThatAnswersBadlyIsNotWaitedForAndAllArrivesLater() throws Exception {
        startCallers();
        for (Relay.Fault fault : Relay.Fault.values()) {
            if (fault != Relay.Fault.NONE) {
                badFor(fault.toString(), BAD_SECONDS, () -> relay.misbehave(fault));
            }
        }
        askCallers();
        everythingIsInTheStore();
    }

    private void startCallers() throws IOException {
        Files.writeString(phase, "there");
        callers = Command.of(
                        "python3",
                        script.toString(),
                        "work",
                        isle.mountPoint().resolve("public").toString(),
                        phase.toString(),
                        ledgers.toString())
                .startPiped();
        pause(2);
    }

    private void badFor(String name, int seconds, Runnable fault) throws IOException {
        Files.writeString(phase, name);
        fault.run();
        pause(seconds);
        Eventually.holds("isle status says that the store is away: " + name, NOTICED, this::isAway);
        Finished doctor = isle.isle("doctor");
        assertTrue(doctor.exitCode() != 0, doctor::toString);
        assertTrue(!relay.isBad() || relay.met() > 0, "nobody met " + name);
        Files.writeString(phase, "back");
        makeWell();
        Eventually.holds("the store is back: " + name, BACK, () -> !isAway());
        pause(1);
        Files.writeString(phase, "there");
    }

    private boolean isAway() {
        String status = isle.isle("status", "--json").ok().text();
        return status.contains("\"offline\"") || status.contains("\"degraded\"");
    }

    /** They say themselves what took too long. */
    private void askCallers() throws IOException, InterruptedException {
        Process asked = Objects.requireNonNull(callers);
        asked.getOutputStream().close();
        boolean ended = asked.waitFor(CALLERS_END.toSeconds(), TimeUnit.SECONDS);
        endCallers();
        String said = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        System.out.println(said);
        assertTrue(ended, "a program hangs in the mount; the others said\n" + said);
        assertEquals(0, asked.exitValue(), said);
    }

    private void endCallers() {
        Process running = callers;
        if (running != null && running.isAlive()) {
            running.descendants().forEach(ProcessHandle::destroyForcibly);
            running.destroyForcibly();
        }
    }

    private static void pause(int seconds) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }

    private void everythingIsInTheStore() {
        isle.awaitStored();
        isle.requireHealthy();
        isle.kill();
        isle.emptyCache();
        isle.start();
        isle.inMount("! ls public | grep -e conflict -e tmp").ok();
        Finished verified = isle.shell("python3 " + script + " verify public " + ledgers)
                .within(Duration.ofMinutes(2))
                .run()
                .ok();
        System.out.println(verified.text() + " in " + verified.took().toSeconds() + " s");
        isle.inMount("cat public/cold/* public/unknown*/file >/dev/null").ok();
    }
}
