package isle.test.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.s3.GarageExtension;
import isle.fs.s3.GarageServer;
import isle.test.rig.Account;
import isle.test.rig.Eventually;
import isle.test.rig.Folders;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import isle.test.rig.VolumeKind;
import isle.test.tools.S3Client;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that are larger than the journal may be: their parts go into the store while they are written. */
@Tag("fuse")
@Tag("garage")
@Tag("tools")
@Timeout(value = 6, unit = TimeUnit.MINUTES)
@ParameterizedClass
@MethodSource("isle.test.rig.VolumeKind#tried")
class LargeFileTest {
    /** The least that there may be. */
    private static final int CAP_MEBIBYTES = 72;

    /** What each of the three volumes may have of it. */
    private static final long CAP_BYTES = CAP_MEBIBYTES / 3 * (1L << 20);

    private static final int SOURCE_MEBIBYTES = 150;
    private static final Duration COPY = Duration.ofMinutes(3);

    /** A write waits for room for 5 s; the rest is for a busy machine. */
    private static final int TOLD_MILLIS = 8_000;

    @RegisterExtension
    static final GarageExtension GARAGE = GarageExtension.withoutFsync();

    @RegisterExtension
    final Isles isles = new Isles();

    private final VolumeKind kind;
    private Path folder;
    private String bucket;
    private S3Client other;

    LargeFileTest(VolumeKind kind) {
        this.kind = kind;
    }

    @BeforeEach
    void makeFolder() {
        GarageServer garage = GARAGE.server();
        folder = Folders.temporary("isle-large");
        bucket = garage.createBucket();
        other = new S3Client(garage, bucket, folder);
    }

    @AfterEach
    void removeFolder() {
        Folders.delete(folder);
    }

    private IsleProfile onGarage() throws IOException {
        GarageServer garage = GARAGE.server();
        return small(isles.plan()
                .on(garage, bucket, garage.createBucket(), garage.key())
                .make());
    }

    /** A profile with a small journal, and a file beside its mount that does not fit. */
    private IsleProfile small(IsleProfile isle) throws IOException {
        Path config = Folders.make(isle.home(), "config", isle.account());
        Files.writeString(config.resolve("daemon.yml"), "journal:\n  cap: " + CAP_MEBIBYTES + "MiB\n");
        isle.start();
        kind.makeFolders(isle);
        isle.inMount("head -c " + (SOURCE_MEBIBYTES << 20) + " /dev/urandom > \"$HOME/source\"")
                .ok();
        return isle;
    }

    @Test
    void aCopyLargerThanTheJournalArrivesInTheStoreThatNeedsNothing() throws IOException {
        copyAndVerify(small(isles.profile()));
    }

    @Test
    void aCopyLargerThanTheJournalArrivesOnGarage() throws IOException {
        copyAndVerify(onGarage());
        // Killed before it had taken them away, it does so beside the reader.
        requireOnly("large");
    }

    /** In a vault they are part of the file. */
    private void requireOnly(String... names) {
        if (kind == VolumeKind.PLAIN) {
            Eventually.holds("parts that were sent ahead are taken away", Duration.ofSeconds(20), () -> other.keys()
                    .equals(List.of(names)));
        }
    }

    @Test
    void whatWasWrittenHereCanBeReadHereWithTheStoreAway() throws IOException {
        IsleProfile isle = onGarage();
        isle.inMount(kind.in("cp \"$HOME/source\" public/large")).ok();
        isle.awaitStored();
        isle.unmount().ok();
        GARAGE.server().kill();
        try {
            isle.start();
            isle.inMount(kind.in("cmp \"$HOME/source\" public/large")).ok();
        } finally {
            GARAGE.server().restart();
        }
    }

    @Test
    void whoMeetsAFullJournalWhileTheStoreIsAwayIsToldInTime() throws IOException {
        IsleProfile isle = onGarage();
        isle.inMount(kind.in("ls public")).ok();
        GARAGE.server().kill();
        try {
            // Prints how many files went in, and the most milliseconds that one took.
            String counted = isle.shell(kind.in("longest=0; for i in $(seq 3000); do begin=$(date +%s%N);"
                            + " dd if=\"$HOME/source\" of=public/f$i bs=100000 count=1 2>/dev/null || refused=1;"
                            + " took=$((($(date +%s%N) - begin) / 1000000)); [ $took -le $longest ] || longest=$took;"
                            + " [ -z \"${refused:-}\" ] || break; done; echo $i $longest"))
                    .within(COPY)
                    .run()
                    .ok()
                    .text();
            String[] figures = counted.split(" ", -1);
            assertTrue(Integer.parseInt(figures[0]) < 3000, "nobody was refused: " + counted);
            assertTrue(Integer.parseInt(figures[1]) < TOLD_MILLIS, counted + " ms");
        } finally {
            GARAGE.server().restart();
        }
        isle.awaitStored();
        isle.inMount(kind.in("cmp -n 100000 \"$HOME/source\" public/f1 && rm public/f*"))
                .ok();
    }

    private void copyAndVerify(IsleProfile isle) throws IOException {
        Process copy = isle.shell(kind.in("cp \"$HOME/source\" public/large")).start(isle.person(), "copy");
        long most = 0;
        while (copy.isAlive()) {
            most = Math.max(most, journalBytes(isle));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        assertEquals(0, copy.exitValue());
        assertTrue(most <= CAP_BYTES + (4 << 20), "the journal had " + most + " bytes");
        isle.inMount(kind.in("cmp \"$HOME/source\" public/large")).ok();
        isle.awaitStored();
        isle.kill();
        isle.emptyCache();
        isle.start();
        isle.shell(kind.in("cmp \"$HOME/source\" public/large"))
                .within(COPY)
                .run()
                .ok();
    }

    private long journalBytes(IsleProfile isle) throws IOException {
        Path journal = isle.home().resolve("state").resolve("journal").resolve(kind.volume());
        try (Stream<Path> files = Files.list(journal)) {
            return files.mapToLong(LargeFileTest::sizeOf).sum();
        }
    }

    private static long sizeOf(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0; // gone meanwhile
        }
    }

    @Test
    void killedInTheMiddleItHasWhatWasForced() throws IOException {
        IsleProfile isle = onGarage();
        isle.inMount(kind.in("head -c 100000000 \"$HOME/source\" > public/large && sync public/large"
                        + " && head -c 100000000 \"$HOME/source\" > public/other && sync public/other"))
                .ok();
        Process copy = isle.shell(kind.in("tail -c +100000001 \"$HOME/source\" >> public/large"))
                .start(isle.person(), "copy");
        Eventually.holds("more is written", COPY, () -> sizeOf(isle, "public/large") > 120_000_000);
        isle.kill();
        copy.destroyForcibly();
        isle.start();
        isle.inMount(kind.in("head -c 100000000 public/large | cmp - <(head -c 100000000 \"$HOME/source\")"))
                .ok();
        isle.inMount(kind.in("size=$(stat -c %s public/large) && [ $size -gt 100000000 ]"
                        + " && cmp -n $size \"$HOME/source\" public/large"))
                .ok();
        isle.awaitStored();
        requireOnly("large", "other");
        isle.kill();
        isle.emptyCache();
        isle.start();
        isle.inMount(
                        kind.in(
                                "cmp -n 100000000 \"$HOME/source\" public/other && cmp -n 100000000 \"$HOME/source\" public/large"))
                .ok();
    }

    private long sizeOf(IsleProfile isle, String path) {
        return Long.parseLong(
                isle.inMount(kind.in("stat -c %s " + path)).ok().out().strip());
    }

    @Test
    void manySmallFilesBesideALargeOneArriveToo() throws IOException {
        IsleProfile isle = small(isles.plan().of(Account.ordinary()).make());
        isle.shell(kind.in("cp \"$HOME/source\" public/large &"
                        + " for i in $(seq 400); do head -c 100000 \"$HOME/source\" > public/small$i; done; wait $!"))
                .within(COPY)
                .run()
                .ok();
        isle.awaitStored();
        isle.kill();
        isle.emptyCache();
        isle.start();
        isle.shell(
                        kind.in(
                                "cmp \"$HOME/source\" public/large && for i in $(seq 400); do"
                                        + " cmp -n 100000 \"$HOME/source\" public/small$i && [ $(stat -c %s public/small$i) = 100000 ]; done"))
                .within(COPY)
                .run()
                .ok();
    }
}
