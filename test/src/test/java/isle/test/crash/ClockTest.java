package isle.test.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.s3.GarageServer;
import isle.fs.s3.ShiftedClock;
import isle.test.rig.Eventually;
import isle.test.rig.Finished;
import isle.test.rig.Folders;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import isle.test.tools.S3Client;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The clock of the machine is set an hour back or forward while the daemon, and its Garage, run. */
@Tag("fuse")
@Tag("tools")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ClockTest {

    /** A view is old after 5 s, and listed again within a second or two when somebody looks; the kernel keeps it 1 s. */
    private static final Duration SHOWN = Duration.ofSeconds(15);

    @RegisterExtension
    final Isles isles = new Isles();

    private Path folder;
    private ShiftedClock clock;

    @BeforeEach
    void makeClock() throws IOException {
        folder = Folders.temporary("isle-clock");
        clock = new ShiftedClock(folder);
    }

    @AfterEach
    void removeClock() {
        Folders.delete(folder);
    }

    @Tag("garage")
    @ParameterizedTest
    @ValueSource(longs = {-3600, 3600})
    void nothingIsLostOrHiddenOnGarage(long seconds) throws IOException {
        try (GarageServer garage = GarageServer.startWithoutFsync(folder, clock)) {
            String bucket = garage.createBucket();
            IsleProfile isle = isles.plan()
                    .on(garage, bucket, garage.createBucket(), garage.key())
                    .in(clock.environment())
                    .make()
                    .start();
            S3Client other = new S3Client(garage, bucket, isles.folder());
            changeOnBothSides(isle, seconds);
            other.put("folder/theirs" + seconds, "theirs");
            Eventually.holds("what somebody else wrote shows", SHOWN, () -> isle.inMount("ls public/folder")
                    .out()
                    .contains("theirs" + seconds));
            verifyFromTheStore(isle);
            other.put("folder/later", "theirs");
            Eventually.holds("and after a restart too", SHOWN, () -> isle.inMount("ls public/folder")
                    .out()
                    .contains("later"));
            assertEquals("theirs", isle.inMount("cat public/folder/later").ok().text());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-3600, 3600})
    void nothingIsLostOnTheStoreThatNeedsNothing(long seconds) throws IOException {
        IsleProfile isle = isles.plan().in(clock.environment()).make().start();
        changeOnBothSides(isle, seconds);
        verifyFromTheStore(isle);
    }

    /** Files are stored by the old time, and changed, renamed over each other and removed by the new one. */
    private void changeOnBothSides(IsleProfile isle, long seconds) throws IOException {
        isle.inMount(
                        "mkdir -p public/folder/sub public/gone; for i in 1 2 3 4 5 6; do echo old$i >public/folder/$i; done;"
                                + " head -c 3000000 /dev/urandom >\"$HOME/large\"; cp \"$HOME/large\" public/large;"
                                + " cp \"$HOME/large\" public/target; echo in >public/folder/sub/in; echo g >public/gone/g;"
                                + " chmod 755 public/folder/*; touch public/folder/empty public/folder/empty2")
                .ok();
        isle.awaitStored();
        isle.inMount("rm public/folder/6; ls public/folder").ok();
        isle.awaitStored();
        clock.set(Duration.ofSeconds(seconds));
        long before = System.currentTimeMillis() / 1000 + seconds;
        // Each of these is a copy in the store, onto what has a stamp by the old time, or was removed by it.
        isle.inMount("cd public; chmod 600 folder/1; touch -d '2001-02-03 04:05:06' folder/2; mv folder/3 folder/4;"
                        + " mv folder/5 folder/6; mv large target; setfattr -n user.k -v v folder/1; chmod 711 folder/empty;"
                        + " mv folder/empty2 folder/empty3; chmod 700 folder/sub; rm -r gone")
                .ok();
        isle.awaitStored();
        isle.inMount(
                        "cd public; mv folder/6 folder/5; mv folder/5 folder/6; mv folder/sub folder/sub2; echo new >folder/3;"
                                + " echo saved >folder/2.tmp; mv folder/2.tmp folder/2; echo fresh >fresh; sync fresh")
                .ok();
        isle.awaitStored();
        long made = Long.parseLong(isle.inMount("stat -c %Y public/fresh").ok().text());
        assertTrue(made >= before && made < before + 60, "made at " + made + ", not from " + before + " on");
        isle.requireHealthy();
    }

    private static void verify(IsleProfile isle) {
        Finished found = isle.inMount(
                        "cd public; cat folder/1 folder/2 folder/3 folder/4 folder/6 folder/sub2/in fresh;"
                                + " stat -c '%a %s' folder/1 folder/empty; stat -c %a folder/sub2; stat -c %s folder/empty3;"
                                + " getfattr --only-values -n user.k folder/1; echo; cmp target \"$HOME/large\"; ls; ls folder | grep -v theirs")
                .ok();
        assertEquals(
                "old1\nsaved\nnew\nold3\nold5\nin\nfresh\n600 5\n711 0\n700\n0\nv\n"
                        + "folder\nfresh\ntarget\n1\n2\n3\n4\n6\nempty\nempty3\nsub2",
                found.text());
    }

    private static void verifyFromTheStore(IsleProfile isle) {
        verify(isle);
        isle.restart();
        verify(isle);
        isle.unmount().ok();
        isle.emptyCache();
        Folders.deleteMatching(isle.state(""), "index.db*");
        isle.start();
        verify(isle);
        isle.requireHealthy();
    }

    /** The daemon alone, which has its own idea of time then; people's machines do that for a while after they wake. */
    @Tag("garage")
    @Test
    void aDaemonWhoseClockDiffersFromItsStoresWorks() throws IOException {
        try (GarageServer garage = GarageServer.startWithoutFsync(folder)) {
            IsleProfile isle =
                    isles.plan().on(garage).in(clock.environment()).make().start();
            changeOnBothSides(isle, 3600);
            clock.set(Duration.ofHours(-1));
            verifyFromTheStore(isle);
        }
    }
}
