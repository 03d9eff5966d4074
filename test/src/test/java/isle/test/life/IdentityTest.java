package isle.test.life;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.s3.GarageExtension;
import isle.fs.s3.GarageServer;
import isle.test.rig.Finished;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import isle.test.rig.Traces;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A person's hosts: founded, recovered, linked, revoked, by the commands that people use, on real daemons. */
@Tag("fuse")
@Tag("garage")
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class IdentityTest {

    private static final int REFUSED = 7;
    private static final int NO_DAEMON = 3;
    private static final String WRONG = "5BZ7-ZEKC-JQGA-Y953-QRGJ-TXVE-C9M9";

    @RegisterExtension
    static final GarageExtension GARAGE = GarageExtension.withoutFsync();

    @RegisterExtension
    final Isles isles = new Isles();

    private final List<String> store = new ArrayList<>();

    /** A host of one person; all of a test have the same buckets. */
    private IsleProfile host() {
        GarageServer garage = GARAGE.server();
        if (store.isEmpty()) {
            store.addAll(List.of(garage.createBucket(), garage.createBucket()));
        }
        return isles.plan().on(garage, store.get(0), store.get(1), garage.key()).make();
    }

    /** {@code isle mount} as a person types it, in the background. */
    private Finished mount(IsleProfile isle) {
        GarageServer garage = GARAGE.server();
        return isle.isle(
                        "mount",
                        isle.mountPoint().toString(),
                        "--no-open",
                        "--store",
                        garage.endpoint().toString(),
                        "--region",
                        GarageServer.REGION,
                        "--bucket",
                        "public=" + store.get(0),
                        "--bucket",
                        "protected=" + store.get(1),
                        "--bucket",
                        "private=private-" + store.get(0))
                .ok();
    }

    private static String code(Finished finished, String beginning) {
        List<String> lines = finished.out()
                .lines()
                .filter(line -> line.startsWith(beginning))
                .toList();
        assertEquals(1, lines.size(), finished::toString);
        return lines.get(0).substring(beginning.length());
    }

    private static String recoveryCode(Finished finished) {
        return code(finished, "recovery code: ");
    }

    private static Finished typed(IsleProfile isle, String text, String... arguments) {
        List<String> words = new ArrayList<>(List.of("identity"));
        words.addAll(List.of(arguments));
        return isle.isleCommand(words).input(text + "\n").run();
    }

    private static void assertState(String state, IsleProfile isle) {
        String shown = isle.isle("identity", "show", "--json").ok().text();
        assertTrue(shown.contains("\"state\": \"" + state + "\""), shown);
    }

    private static void assertHealth(boolean has, String code, IsleProfile isle) {
        String status = isle.isle("status", "--json").ok().text();
        assertEquals(has, status.contains("\"" + code + "\""), status);
    }

    /** Two sentences: what happened to what, and what to do. */
    private static void assertRefused(Finished finished) {
        finished.exits(REFUSED);
        List<String> lines =
                finished.err().lines().filter(line -> !line.endsWith(":")).toList();
        assertEquals(2, lines.size(), finished::toString);
    }

    @Test
    void founded_confirmed_recoveredOnASecondHost() {
        IsleProfile laptop = host();
        typed(laptop, "", "show").exits(NO_DAEMON);
        String code = recoveryCode(mount(laptop));
        assertState("open", laptop);
        assertHealth(true, "recovery-code-unconfirmed", laptop);
        assertFalse(mount(laptop).out().contains("recovery code"), "it is printed once");
        assertRefused(typed(laptop, WRONG, "confirm"));
        assertRefused(typed(laptop, "no code", "confirm"));
        typed(laptop, code, "confirm").ok();
        assertHealth(false, "recovery-code-unconfirmed", laptop);

        IsleProfile desktop = host();
        Finished second = mount(desktop);
        assertFalse(second.out().contains("recovery code: "), second::toString);
        assertTrue(second.err().contains("isle identity recover"), second::toString);
        assertHealth(true, "private-needs-code", desktop);
        desktop.inMount("echo here >public/works").ok();
        assertRefused(typed(desktop, WRONG, "recover"));
        typed(desktop, code, "recover").ok();
        assertState("open", desktop);
        assertHealth(false, "private-needs-code", desktop);
        desktop.inMount("cat public/works").ok();
        assertEquals(2, desktop.isle("identity", "devices").ok().text().lines().count());

        assertNothingIsKept(code, laptop, desktop);
        laptop.isle("unmount").ok();
        assertFalse(mount(laptop).out().contains("recovery code"));
        assertState("open", laptop);
    }

    /** The code is in no file of any profile, in whatever form it was typed. */
    private static void assertNothingIsKept(String code, IsleProfile... hosts) {
        for (IsleProfile host : hosts) {
            for (String form : List.of(code, code.replace("-", ""))) {
                assertEquals(List.of(), new Traces(form).in(host.home()).found());
            }
        }
    }

    @Test
    void linked_thenRevoked() {
        IsleProfile laptop = host();
        String recovery = recoveryCode(mount(laptop));
        String link = code(laptop.isle("identity", "link").ok(), "link code: ");
        IsleProfile desktop = host();
        mount(desktop);
        typed(desktop, link, "recover").ok();
        assertState("open", desktop);
        IsleProfile thief = host();
        mount(thief);
        assertRefused(typed(thief, link, "recover"));
        assertState("needs-code", thief);

        String lost = desktop.isle("identity", "devices")
                .ok()
                .text()
                .lines()
                .filter(line -> line.endsWith("(this host)"))
                .findFirst()
                .orElseThrow()
                .substring(0, 32);
        Finished revoked = laptop.isle("identity", "revoke", lost).ok();
        assertFalse(revoked.out().contains("recovery code"), revoked::toString);
        desktop.isle("unmount").ok();
        mount(desktop);
        assertState("revoked", desktop);
        assertHealth(true, "private-revoked", desktop);
        desktop.inMount("ls public").ok();
        // The paper still opens it.
        typed(thief, recovery, "recover").ok();
        assertState("open", thief);
    }

    @Test
    void aPassphraseIsAskedForAfterAStart() {
        IsleProfile laptop = host();
        mount(laptop);
        assertTrue(laptop.requireHealthy().contains("in clear"));
        typed(laptop, "correct horse", "passphrase").ok();
        assertFalse(laptop.requireHealthy().contains("in clear"));
        laptop.isle("unmount").ok();
        mount(laptop);
        assertState("locked", laptop);
        laptop.inMount("echo here >public/works").ok();
        assertRefused(typed(laptop, "wrong", "unlock"));
        typed(laptop, "correct horse", "unlock").ok();
        assertState("open", laptop);
        assertRefused(typed(laptop, "wrong", "passphrase", "--remove"));
        typed(laptop, "correct horse", "passphrase", "--remove").ok();
    }

    @Test
    void whileTheStoreIsAwayWhatWasOpenedBeforeOpens() {
        IsleProfile laptop = host();
        mount(laptop);
        laptop.isle("unmount").ok();
        GARAGE.server().kill();
        try {
            mount(laptop);
            assertState("open", laptop);
            IsleProfile stranger = host();
            stranger.isle("identity", "show").exits(NO_DAEMON);
        } finally {
            GARAGE.server().restart();
        }
    }
}
