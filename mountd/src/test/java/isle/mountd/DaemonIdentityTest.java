package isle.mountd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.access.OpenVault;
import isle.fs.journal.RealDisk;
import isle.fs.model.FsException;
import isle.fs.plain.PlainVolume;
import isle.fs.vfs.VolumeSetup;
import isle.mountd.api.DaemonClient;
import isle.mountd.api.DaemonException;
import isle.mountd.api.EntryReport;
import isle.mountd.api.FailureKind;
import isle.mountd.api.HealthIssue;
import isle.mountd.api.IdentityAnswer;
import isle.mountd.api.IdentityClient;
import isle.mountd.api.ProfileFolders;
import isle.mountd.api.VolumeReport;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The identity over the socket, on the embedded store of one profile after the other; nothing is mounted. */
class DaemonIdentityTest {

    private static final String WRONG = "5BZ7-ZEKC-JQGA-Y953-QRGJ-TXVE-C9M9";

    @TempDir
    private Path temp;

    private final List<OpenVault> shown = new ArrayList<>();
    private boolean failing;

    /** Shows open vaults as plain folders: all that matters here is when. */
    private final class Shown implements VaultVolumes {
        @Override
        public boolean areShown() {
            return true;
        }

        @Override
        public Optional<VolumeSetup> setup(Place place) throws IOException {
            if (failing) {
                throw new FsException.Corrupt("its journal is damaged");
            }
            shown.add(place.vault().get());
            PlainVolume.Local local = new PlainVolume.Local(1, 1, "abcdef", InstantSource.system(), new SecureRandom());
            return Optional.of(new VolumeSetup(
                    place.number(),
                    new PlainVolume("private", place.store(), local),
                    RealDisk.at(place.journal()),
                    place.journalSettings(),
                    place.ownership(),
                    0700,
                    place.readOnly()));
        }
    }

    /** A host: a profile whose embedded store is a folder that all hosts use, one after the other. */
    private DaemonRig host(String name) throws IOException {
        Path home = Files.createDirectories(temp.resolve(name));
        ProfileFolders folders = ProfileFolders.under(home);
        Files.createDirectories(folders.config());
        Files.writeString(folders.configFile(), "store: " + temp.resolve("store") + "\n");
        return new DaemonRig(folders, home, new Wiring(Map.of(), new Shown()));
    }

    /** What {@code isle mount} does before it mounts. */
    private static String begun(DaemonRig rig) throws IOException {
        return rig.daemon.openForMount(DaemonIdentityTest::ignore).orElseThrow();
    }

    /** How it goes. */
    private static void ignore(String progress) {}

    private static IdentityClient identity(DaemonClient client) {
        return new IdentityClient(client, DaemonIdentityTest::ignore);
    }

    private static List<String> codes(DaemonClient client) throws IOException {
        return client.status().health().stream().map(HealthIssue::code).toList();
    }

    private static List<String> volumes(DaemonClient client) throws IOException {
        return client.status().volumes().stream().map(VolumeReport::name).toList();
    }

    @Test
    void aCommandBeginsNone_aMountDoes_andAsksForItsCodeUntilItIsTyped() throws Exception {
        try (DaemonRig rig = host("laptop");
                DaemonClient client = rig.connect()) {
            IdentityClient identity = identity(client);
            assertEquals("none", identity.show().state());
            assertEquals(List.of("public", "protected"), volumes(client));
            assertEquals(List.of(), codes(client));
            DaemonException none = assertThrows(DaemonException.class, identity::link);
            assertEquals(FailureKind.REFUSED, none.kind());

            String code = begun(rig);
            assertEquals("open", identity.show().state());
            assertEquals(List.of("public", "protected", "private"), volumes(client));
            assertEquals(List.of("recovery-code-unconfirmed"), codes(client));
            assertEquals(
                    "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(rig.folders.vault())));

            DaemonException wrong = assertThrows(DaemonException.class, () -> identity.confirm(WRONG));
            assertEquals(FailureKind.REFUSED, wrong.kind());
            assertFalse(wrong.action().isEmpty());
            DaemonException mistyped = assertThrows(DaemonException.class, () -> identity.confirm("not a code"));
            assertEquals(FailureKind.REFUSED, mistyped.kind());
            identity.confirm(code.toLowerCase(java.util.Locale.ROOT));
            assertEquals(List.of(), codes(client));
            assertTrue(identity.show().confirmed());
        }
    }

    private static void write(DaemonClient client, String path) throws IOException {
        client.write(path, new ByteArrayInputStream(new byte[] {1}), EntryReport.wanted(0600, Instant.EPOCH));
        client.await(Optional.of(path), 30, DaemonIdentityTest::ignore);
    }

    @Test
    void aSecondHostSaysSo_isRecovered_andShowsItAtOnce() throws Exception {
        String code;
        try (DaemonRig rig = host("laptop");
                DaemonClient client = rig.connect()) {
            code = begun(rig);
            write(client, "private/a");
        }
        try (DaemonRig rig = host("desktop");
                DaemonClient client = rig.connect()) {
            IdentityClient identity = identity(client);
            assertTrue(rig.daemon.openForMount(DaemonIdentityTest::ignore).isEmpty());
            assertEquals("needs-code", identity.show().state());
            assertEquals(List.of("private-needs-code"), codes(client));
            assertEquals(List.of("public", "protected"), volumes(client));
            write(client, "public/works");
            assertEquals(
                    FailureKind.REFUSED,
                    assertThrows(DaemonException.class, () -> identity.recover(WRONG))
                            .kind());
            identity.recover(code);
            assertEquals("open", identity.show().state());
            assertEquals(List.of(), codes(client));
            assertEquals(List.of("public", "protected", "private"), volumes(client));
            assertTrue(client.stat("private/a", false).isPresent());
            assertEquals(2, identity.devices().size());
            assertEquals(
                    FailureKind.USAGE,
                    assertThrows(DaemonException.class, () -> identity.recover(code))
                            .kind());
        }
        assertEquals(2, shown.size());
    }

    @Test
    void aHostIsLinkedAndRevoked() throws Exception {
        String link;
        try (DaemonRig rig = host("laptop");
                DaemonClient client = rig.connect()) {
            begun(rig);
            link = identity(client).link().code().orElseThrow();
        }
        String desktop;
        try (DaemonRig rig = host("desktop");
                DaemonClient client = rig.connect()) {
            identity(client).recover(link);
            desktop = identity(client).show().device().orElseThrow();
        }
        try (DaemonRig rig = host("laptop");
                DaemonClient client = rig.connect()) {
            IdentityClient identity = identity(client);
            String own = identity.show().device().orElseThrow();
            assertEquals(
                    FailureKind.REFUSED,
                    assertThrows(DaemonException.class, () -> identity.revoke(own))
                            .kind());
            assertEquals(
                    FailureKind.USAGE,
                    assertThrows(DaemonException.class, () -> identity.revoke("nobody"))
                            .kind());
            IdentityAnswer revoked = identity.revoke(desktop.substring(0, 12));
            assertEquals(Optional.empty(), revoked.code());
            assertEquals(1, identity.devices().size());
        }
        try (DaemonRig rig = host("desktop");
                DaemonClient client = rig.connect()) {
            assertEquals("revoked", identity(client).show().state());
            assertEquals(List.of("private-revoked"), codes(client));
            write(client, "public/works");
        }
    }

    @Test
    void aPassphraseIsAskedForAtTheNextStart() throws Exception {
        try (DaemonRig rig = host("laptop");
                DaemonClient client = rig.connect()) {
            begun(rig);
            identity(client).passphrase(Optional.empty(), Optional.of("correct horse"));
            assertTrue(identity(client).show().passphrase());
        }
        try (DaemonRig rig = host("laptop");
                DaemonClient client = rig.connect()) {
            IdentityClient identity = identity(client);
            assertEquals("locked", identity.show().state());
            assertTrue(codes(client).contains("private-locked"));
            write(client, "public/works");
            assertEquals(
                    FailureKind.REFUSED,
                    assertThrows(DaemonException.class, () -> identity.unlock("wrong"))
                            .kind());
            identity.unlock("correct horse");
            assertEquals("open", identity.show().state());
            assertEquals(List.of("public", "protected", "private"), volumes(client));
            DaemonException wrong = assertThrows(
                    DaemonException.class, () -> identity.passphrase(Optional.of("wrong"), Optional.empty()));
            assertEquals(FailureKind.REFUSED, wrong.kind());
            identity.passphrase(Optional.of("correct horse"), Optional.empty());
            assertFalse(identity.show().passphrase());
        }
    }

    @Test
    void aDamagedHeaderTakesNothingElseAway() throws Exception {
        try (DaemonRig rig = host("laptop")) {
            begun(rig);
        }
        // Another host knows nothing of it but what the store says.
        try (var files = Files.walk(temp.resolve("store"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                byte[] bytes = Files.readAllBytes(file);
                String text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
                int at = text.indexOf("isle-hdr");
                if (at >= 0) {
                    bytes[at + 40] ^= 1;
                    Files.write(file, bytes);
                }
            }
        }
        try (DaemonRig rig = host("desktop");
                DaemonClient client = rig.connect()) {
            assertTrue(rig.daemon.openForMount(DaemonIdentityTest::ignore).isEmpty());
            write(client, "public/works");
            assertEquals("refused", identity(client).show().state());
            assertEquals(List.of("private-refused"), codes(client));
        }
        try (DaemonRig rig = host("laptop");
                DaemonClient client = rig.connect()) {
            write(client, "private/works");
            assertTrue(codes(client).contains("private-header-damaged"));
        }
    }

    @Test
    void thatItCannotBeShownTakesNothingElseAway() throws Exception {
        failing = true;
        try (DaemonRig rig = host("laptop");
                DaemonClient client = rig.connect()) {
            begun(rig);
            write(client, "public/works");
            assertEquals(List.of("public", "protected"), volumes(client));
            assertTrue(codes(client).contains("private-refused"));
            assertEquals("open", identity(client).show().state());
            assertFalse(identity(client).show().shown());
            assertEquals(1, identity(client).devices().size());
            assertTrue(codes(client).contains("private-refused"));
        }
    }

    /** Keys are put aside with the store that they belong to, and nothing of them is lost. */
    @Test
    void anotherStoreHasAnotherIdentity() throws Exception {
        try (DaemonRig rig = host("laptop")) {
            begun(rig);
        }
        Path home = temp.resolve("laptop");
        ProfileFolders folders = ProfileFolders.under(home);
        Files.writeString(folders.configFile(), "store: " + temp.resolve("other") + "\n");
        try (DaemonRig rig = new DaemonRig(folders, home, new Wiring(Map.of(), new Shown()))) {
            begun(rig);
        }
        assertTrue(Files.exists(folders.state().resolve("vault.1/device.key")));
        assertTrue(Files.exists(folders.vault().resolve("device.key")));
    }
}
