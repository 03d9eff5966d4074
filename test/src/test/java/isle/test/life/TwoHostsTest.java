package isle.test.life;

import static org.junit.jupiter.api.Assertions.assertEquals;

import isle.fs.s3.GarageExtension;
import isle.fs.s3.GarageServer;
import isle.test.rig.Eventually;
import isle.test.rig.Finished;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import isle.test.rig.Relay;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code private/} on two hosts of one person, each a daemon with a profile of its own, on one store. */
@Tag("fuse")
@Tag("garage")
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class TwoHostsTest {

    /** A look older than 5 s is refreshed, the kernel keeps what it was told for 1 s; the rest is for a busy machine. */
    private static final Duration SHOWN = Duration.ofSeconds(30);

    /** Names, kinds, sizes, rights, owners, times and inode numbers of everything. */
    private static final String ATTRIBUTES =
            "cd private && find . -mindepth 1 -printf '%P %y %s %m %U %G %T@ %i %l\\n' | sort";

    @RegisterExtension
    static final GarageExtension GARAGE = GarageExtension.withoutFsync();

    @RegisterExtension
    final Isles isles = new Isles();

    private Relay relay;
    private String bucket;
    private String other;
    private IsleProfile laptop;
    private IsleProfile desktop;

    @BeforeEach
    void letTheSecondIn() {
        GarageServer garage = GARAGE.server();
        relay = new Relay(garage.endpoint());
        bucket = garage.createBucket();
        other = garage.createBucket();
        laptop = host(garage.endpoint());
        String code = mount(laptop, garage.endpoint())
                .out()
                .lines()
                .filter(line -> line.startsWith("recovery code: "))
                .findFirst()
                .orElseThrow()
                .substring("recovery code: ".length());
        desktop = host(relay.endpoint());
        mount(desktop, relay.endpoint());
        desktop.isleCommand(List.of("identity", "recover"))
                .input(code + "\n")
                .run()
                .ok();
    }

    @AfterEach
    void closeRelay() {
        relay.misbehave(Relay.Fault.NONE);
        relay.close();
    }

    private IsleProfile host(URI endpoint) {
        return isles.plan().on(endpoint, bucket, other, GARAGE.server().key()).make();
    }

    private Finished mount(IsleProfile isle, URI endpoint) {
        return isle.isle(
                        "mount",
                        isle.mountPoint().toString(),
                        "--no-open",
                        "--store",
                        endpoint.toString(),
                        "--region",
                        GarageServer.REGION,
                        "--bucket",
                        "public=" + bucket,
                        "--bucket",
                        "protected=" + other,
                        "--bucket",
                        "private=private-" + bucket)
                .ok();
    }

    /** What a script prints becomes this, on both. */
    private void show(String expected, String script) {
        for (IsleProfile each : List.of(laptop, desktop)) {
            Eventually.holds(each.home() + ": " + expected, SHOWN, () -> {
                Finished now = each.inMount(script);
                return now.exitCode() == 0 && now.out().equals(expected);
            });
        }
    }

    /** What a script prints becomes the same on both. */
    private void showTheSame(String script) {
        Eventually.holds("both: " + script, SHOWN, () -> {
            Finished one = laptop.inMount(script);
            Finished other = desktop.inMount(script);
            return one.exitCode() == 0 && other.exitCode() == 0 && one.out().equals(other.out());
        });
    }

    /** {@code isle status} tells so many copies, on both. */
    private void showConflicts(int count) {
        for (IsleProfile each : List.of(laptop, desktop)) {
            Eventually.holds(each.home() + ": conflicts in its status", SHOWN, () -> {
                each.inMount("ls -l private").ok();
                return copies(each.isle("status").ok().out()) == count;
            });
        }
    }

    private static long copies(String status) {
        return status.lines()
                .filter(line -> line.contains("one version is private/") && line.contains(" (conflict "))
                .count();
    }

    private void bothStored() {
        laptop.awaitStored();
        desktop.awaitStored();
    }

    /** Both do something while the desktop has no way to the store. */
    private void apart(String onLaptop, String onDesktop) {
        relay.misbehave(Relay.Fault.RESET);
        laptop.inMount("cd private; " + onLaptop).ok();
        desktop.inMount("cd private; " + onDesktop).ok();
        laptop.awaitStored();
        relay.misbehave(Relay.Fault.NONE);
        bothStored();
    }

    @Test
    void bothVersionsStayAndTheCopyIsAnOrdinaryFile() {
        laptop.inMount("echo base >private/f.txt; echo base >private/gone; echo two >private/two")
                .ok();
        laptop.awaitStored();
        show("base\nbase\ntwo\n", "cat private/f.txt private/gone private/two");
        apart(
                "echo laptop >f.txt; rm gone; mv two one; echo laptop >made",
                "echo desktop >f.txt; echo kept >gone; mv two other; echo desktop >made");
        show("desktop\nlaptop\n", "cat private/f*.txt | sort");
        show("desktop\nlaptop\n", "cat private/made* | sort");
        show("two\ntwo\n", "cat private/one private/other; ls private/two 2>/dev/null || true");
        showConflicts(2);
        show("1\n", "ls private | grep -Ec '^f [(]conflict .+ [0-9-]{10} [0-9.]{8}[)][.]txt$'");
        show("kept\n", "cat private/gone");
        showTheSame("cat private/f.txt; ls private");
        laptop.inMount("mv private/f' (conflict'* private/mine; echo more >>private/mine")
                .ok();
        show("2 7\n", "cd private; echo $(cat f.txt mine | grep -c 'laptop\\|desktop') $(ls | wc -l)");
        showConflicts(1);
        desktop.inMount("rm private/mine private/made' (conflict'*").ok();
        show("f.txt gone made one other\n", "cd private; echo $(ls)");
        showConflicts(0);
    }

    @Test
    void foldersOfTwoHosts() {
        laptop.inMount("cd private; mkdir a b d p1 p2 old; touch a/fa b/fb d/fd; echo base >edit")
                .ok();
        laptop.awaitStored();
        show("fa\nfb\nfd\nbase\n", "cd private; ls a b d | grep ^f; cat edit");
        show("", "ls private/p1 private/p2 private/old | grep -v :$ | grep . || true");
        apart(
                "mkdir new; echo l >new/l; mv a b/a; mv d p1/d; mv edit renamed; rmdir old",
                "mkdir new; echo d >new/d; mv b a/b; mv d p2/d; echo desktop >edit; echo late >old/late");
        show("d l\n", "cd private/new; echo $(ls)");
        show("1 1 1\n", "cd private; echo $(for f in fa fb fd; do find . -name $f | wc -l; done)");
        show("base\ndesktop\nlate\n", "cd private; cat renamed edit old/late");
        showTheSame("find private | sort");
    }

    @Test
    void anOpenFileGoesOnShowingWhatWasOpened() {
        laptop.inMount("echo old >private/open").ok();
        laptop.awaitStored();
        show("old\n", "cat private/open");
        CompletableFuture<Finished> reader = CompletableFuture.supplyAsync(() -> desktop.shell(
                        "exec 3<private/open; touch private/ready; until grep -q new private/open; do sleep 0.2; done; cat <&3")
                .within(SHOWN.multipliedBy(3))
                .run());
        Eventually.holds(
                "it is open", SHOWN, () -> laptop.inMount("cat private/ready").exitCode() == 0);
        laptop.inMount("echo new >private/next; mv private/next private/open").ok();
        assertEquals("old\n", reader.join().ok().out());
    }

    @Test
    void attributesAndNumbersAreTheSameOnBothAndAfterAStart() {
        laptop.inMount("cd private; mkdir -m 750 d; echo text >d/f; chmod 640 d/f; touch -d @1700000000.123456789 d/f;"
                        + " ln -s d/f link; setfattr -n user.note -v words d/f")
                .ok();
        laptop.awaitStored();
        show("words\n", "getfattr --only-values -n user.note private/d/f; echo");
        String attributes = laptop.inMount(ATTRIBUTES).ok().out();
        show(attributes, ATTRIBUTES);
        desktop.isle("unmount").ok();
        mount(desktop, relay.endpoint());
        show(attributes, ATTRIBUTES);
    }
}
