package isle.test.crash;

import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.test.rig.Command;
import isle.test.rig.Eventually;
import isle.test.rig.Finished;
import isle.test.rig.Folders;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A disk that is really full: the one with the journal and the index, the one of the store, the one of the cache.
 * Writers are told, nothing that was accepted is lost, and all goes on when there is room again. The disks are file
 * systems of their own in memory, hence the tag.
 */
@Tag("fuse")
@Tag("tools")
@Tag("root")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class FullDiskTest {

    private static final Duration SOON = Duration.ofSeconds(40);

    @RegisterExtension
    final Isles isles = new Isles();

    private Path folder;
    private Path disk;

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Folders.temporary("isle-full");
        disk = Files.createDirectory(folder.resolve("disk"));
    }

    @AfterEach
    void removeDisk() {
        Command.of("umount", "-l", disk.toString()).run().ok();
        Folders.delete(folder);
    }

    private void mount(Path where, int mebibytes) {
        disk = where;
        Command.of("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "tmpfs", where.toString())
                .run()
                .ok();
    }

    /** Takes all space that is left. */
    private void fill() {
        // A daemon may give a block of its own back meanwhile.
        Eventually.holds("the disk is full", SOON, () -> {
            Command.of("dd", "if=/dev/zero", "of=" + disk + "/ballast", "bs=1M", "oflag=append", "conv=notrunc")
                    .run();
            return disk.toFile().getUsableSpace() < 4096;
        });
    }

    /** What is in it stays; only what is used takes memory. */
    private void enlarge() {
        Command.of("mount", "-o", "remount,size=4g", disk.toString()).run().ok();
    }

    private void makeRoom() throws IOException {
        Files.delete(disk.resolve("ballast"));
    }

    /** Writes numbered files until one is refused, each closed and, every second one, forced; prints how many there are. */
    private static int writeUntilRefused(IsleProfile isle, String prefix) {
        Finished finished = isle.inMount("for i in $(seq 3000); do"
                + " head -c 20000 \"$HOME/source\" >public/" + prefix + "$i || break;"
                + " if [ $((i % 2)) = 0 ]; then sync public/" + prefix + "$i || break; fi;"
                + " echo $i; done | tail -n 1 >\"$HOME/last\"; rm -f public/" + prefix
                + "$(( $(cat \"$HOME/last\") + 1 )); cat \"$HOME/last\"");
        assertTrue(finished.all().contains("No space left on device"), finished::toString);
        return Integer.parseInt(finished.text().strip());
    }

    private static void verify(IsleProfile isle, String prefix, int count) {
        isle.inMount("for i in $(seq " + count + "); do cmp public/" + prefix + "$i \"$HOME/source\"; done")
                .ok();
    }

    private static void verifyFromTheStore(IsleProfile isle, String prefix, int count) {
        isle.awaitStored();
        isle.inMount("[ \"$(ls public | wc -l)\" = " + count + " ]").ok();
        isle.kill();
        isle.emptyCache();
        isle.start();
        verify(isle, prefix, count);
        isle.requireHealthy();
    }

    private static void makeSource(IsleProfile isle) {
        isle.shell("head -c 20000 /dev/urandom >\"$HOME/source\"").run().ok();
    }

    @Test
    void aFullDiskOfTheJournalRefusesWritersUntilThereIsRoom() throws IOException {
        Path store = Files.createDirectory(folder.resolve("store"));
        IsleProfile isle = isles.plan().with("--store", store.toString()).make();
        mount(isle.home(), 64);
        isle.start();
        makeSource(isle);
        isle.inMount("for i in $(seq 5); do cp \"$HOME/source\" public/a$i; done")
                .ok();
        isle.awaitStored();
        fill();
        // What is under way may still fit into what the journal has reserved.
        Finished refused = isle.inMount("head -c 60000000 /dev/zero >public/large");
        assertTrue(refused.all().contains("No space left on device"), refused::toString);
        isle.inMount("ls -l public && cmp public/a3 \"$HOME/source\" && rm public/large")
                .ok();
        assertTrue(isle.isle("doctor").all().contains("full"), () -> isle.isle("doctor")
                .all());
        makeRoom();
        enlarge();
        Eventually.holds(
                "writers go on",
                SOON,
                () -> isle.inMount("cp \"$HOME/source\" public/a6").exitCode() == 0);
        verifyFromTheStore(isle, "a", 6);
    }

    @Test
    void aFullDiskOfTheStoreIsSaidAndNothingAcceptedIsLost() throws IOException {
        Path store = Files.createDirectory(folder.resolve("store"));
        mount(store, 24);
        IsleProfile isle = isles.plan()
                .with("--store", store.resolve("isle").toString())
                .make()
                .start();
        makeSource(isle);
        isle.inMount("cp \"$HOME/source\" public/a1").ok();
        isle.awaitStored();
        fill();
        int accepted = writeUntilRefused(isle, "b");
        isle.inMount("mv public/a1 public/b" + (accepted + 1) + " && df public").ok();
        Finished doctor = isle.isle("doctor");
        assertTrue(doctor.exitCode() != 0 && doctor.all().contains("No space left"), doctor::toString);
        makeRoom();
        enlarge();
        verify(isle, "b", accepted + 1);
        verifyFromTheStore(isle, "b", accepted + 1);
    }

    @Test
    void aFullDiskOfTheCacheKeepsNothingAndReadsOn() throws IOException {
        IsleProfile isle = isles.profile();
        mount(Files.createDirectory(isle.home().resolve("cache")), 8);
        isle.start();
        isle.inMount(
                        "for i in $(seq 4); do head -c 6000000 /dev/urandom >\"$HOME/large$i\"; cp \"$HOME/large$i\" public/; done")
                .ok();
        isle.awaitStored();
        isle.unmount().ok();
        isle.start();
        for (int round = 0; round < 2; round++) {
            isle.inMount("for i in $(seq 4); do cmp public/large$i \"$HOME/large$i\"; done")
                    .ok();
        }
        fill();
        isle.inMount(
                        "for i in $(seq 4); do cmp public/large$i \"$HOME/large$i\"; done; cp \"$HOME/large1\" public/more")
                .ok();
        makeRoom();
        isle.inMount("cmp public/more \"$HOME/large1\"").ok();
    }

    /** As with a cache in /dev/shm: 64 MiB, and 160 MiB are read again and again, beside writers. */
    @Test
    void aDiskOfTheCacheSmallerThanWhatIsReadStopsNobody() throws IOException {
        IsleProfile isle = isles.profile();
        mount(Files.createDirectory(isle.home().resolve("cache")), 64);
        isle.start();
        isle.inMount(
                        "head -c 160000000 /dev/urandom | split -b 8000000 -d - \"$HOME/part\"; cp \"$HOME\"/part* public/")
                .ok();
        isle.awaitStored();
        isle.restart();
        isle.shell("(for part in \"$HOME\"/part*; do cp \"$part\" public/again-${part##*/}; done) &"
                        + " for reader in 1 2 3 4; do (for part in $(ls public | grep ^part | shuf); do"
                        + " cmp public/$part \"$HOME/$part\" || exit 1; done) & done;"
                        + " for job in $(jobs -p); do wait $job; done")
                .within(Duration.ofMinutes(2))
                .run()
                .ok();
        isle.awaitStored();
        isle.requireHealthy();
        isle.restart();
        isle.inMount("for part in \"$HOME\"/part*; do cmp public/again-${part##*/} \"$part\"; done")
                .ok();
    }
}
