package isle.mountd.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.mountd.api.Credentials;
import isle.mountd.api.DaemonException;
import isle.mountd.api.FailureKind;
import isle.mountd.api.MountRequest;
import isle.mountd.api.ProfileFolders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folders, the lock and the memory of a profile. */
class ProfileTest {

    @TempDir
    private Path home;

    private ProfileFolders folders;

    @BeforeEach
    void name() {
        folders = ProfileFolders.under(home.resolve("profile"));
    }

    private static String mode(Path file) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Nested
    class Folders {

        @Test
        void areTheirOwnersAloneAlsoWhenTheyWereNot() throws Exception {
            Files.createDirectories(folders.config());
            Files.setPosixFilePermissions(folders.config(), PosixFilePermissions.fromString("rwxr-xr-x"));
            try (Profile profile = Profile.open(folders, home)) {
                for (Path folder : List.of(folders.config(), folders.state(), folders.cache(), folders.log())) {
                    assertEquals("rwx------", mode(folder), folder.toString());
                }
                assertEquals("rw-------", mode(folders.lockFile()));
                assertEquals(DaemonConfig.DEFAULT, profile.config());
            }
        }

        @Test
        void thatCannotBeMadeAreRefusedWithTheReason() throws Exception {
            Files.writeString(home.resolve("profile"), "a file is in the way");
            DaemonException e = assertThrows(DaemonException.class, () -> Profile.open(folders, home));
            assertEquals(FailureKind.REFUSED, e.kind());
            assertTrue(e.action().contains("ISLE_HOME"), e.action());
        }

        @Test
        void aConfigWithMistakesIsToldAsTheFileSaysIt() throws Exception {
            try (Profile profile = Profile.open(folders, home)) {
                Files.writeString(folders.configFile(), "a: 1\n");
                DaemonException e = assertThrows(DaemonException.class, profile::config);
                assertTrue(e.sentence().contains("daemon.yml: line 1: a is not a key"), e.sentence());
            }
        }
    }

    @Nested
    class Lock {

        @Test
        void onlyOneHasAProfile() throws Exception {
            try (Profile profile = Profile.open(folders, home)) {
                profile.announce(Path.of("/run/isle.sock"));
                DaemonException e = assertThrows(DaemonException.class, () -> Profile.open(folders, home));
                assertEquals(FailureKind.PROFILE_IN_USE, e.kind());
                assertTrue(
                        e.sentence()
                                .contains("process " + ProcessHandle.current().pid()),
                        e.sentence());
                assertEquals(
                        List.of(String.valueOf(ProcessHandle.current().pid()), "/run/isle.sock"),
                        Files.readAllLines(folders.lockFile()));
            }
            Profile.open(folders, home).close();
            assertEquals(List.of(), Files.readAllLines(folders.lockFile()));
        }
    }

    @Nested
    class Memory {

        private final KeptSettings kept() {
            return new KeptSettings(folders);
        }

        private Settings at(String store) throws DaemonException {
            MountRequest request = new MountRequest(
                    Optional.empty(),
                    Optional.of(store),
                    Optional.empty(),
                    Map.of(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
            return Settings.of(
                    request, DaemonConfig.DEFAULT, kept().told(), Settings.Defaults.of(folders, home, false));
        }

        @BeforeEach
        void make() throws Exception {
            Files.createDirectories(folders.state());
        }

        @Test
        void whatWasToldIsKeptPieceByPieceButNoKeys() throws Exception {
            kept().tell(new MountRequest(
                    Optional.of("/mnt"),
                    Optional.of("http://h:1"),
                    Optional.empty(),
                    Map.of("public", "a"),
                    Optional.of(true),
                    Optional.empty(),
                    Optional.of(new Credentials("id", "very-secret", Optional.empty()))));
            kept().tell(new MountRequest(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of("eu"),
                    Map.of("protected", "b"),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty()));
            MountRequest told = kept().told();
            assertEquals(Optional.of("/mnt"), told.dir());
            assertEquals(Optional.of("eu"), told.region());
            assertEquals(Map.of("public", "a", "protected", "b"), told.buckets());
            assertEquals(Optional.of(true), told.readOnly());
            try (Stream<Path> files = Files.list(folders.state())) {
                for (Path file : files.toList()) {
                    assertFalse(Files.readString(file).contains("secret"), file.toString());
                }
            }
        }

        @Test
        void anotherStoreIsRefusedWhileChangesForTheFirstArePending() throws Exception {
            assertFalse(kept().knows(at("/one")));
            assertFalse(kept().bind(at("/one")));
            assertTrue(kept().knows(at("/one")));
            // As after a crash: how much is pending is not known.
            DaemonException e = assertThrows(DaemonException.class, () -> kept().bind(at("/two")));
            assertEquals(FailureKind.REFUSED, e.kind());
            assertTrue(e.sentence().contains("/one") && e.sentence().contains("/two"), e.sentence());
            kept().closed(2);
            assertTrue(assertThrows(DaemonException.class, () -> kept().bind(at("/two")))
                    .sentence()
                    .contains("2 changes"));
            assertFalse(kept().bind(at("/one")));
            kept().closed(0);
            assertTrue(kept().bind(at("/two")));
            assertTrue(kept().knows(at("/two")));
        }

        @Test
        void aStoreThatCouldNotBeOpenedIsForgottenButNotWhatWasTold() throws Exception {
            String device = kept().device();
            kept().tell(MountRequest.DEFAULT.withCredentials(Optional.empty()));
            kept().bind(at("/wrong"));
            kept().unbind();
            assertFalse(kept().knows(at("/wrong")));
            assertFalse(kept().bind(at("/right")));
            assertEquals(device, kept().device());
            assertTrue(device.matches("[a-z]{6}"));
        }

        @Test
        void aDamagedFileIsToldWithWhatToDo() throws Exception {
            Files.writeString(folders.state().resolve("kept.json"), "{\"isle\":");
            DaemonException e = assertThrows(DaemonException.class, () -> kept().told());
            assertTrue(e.sentence().contains("kept.json"), e.sentence());
            Files.writeString(folders.state().resolve("kept.json"), "{\"isle\":99}");
            assertEquals(
                    FailureKind.REFUSED,
                    assertThrows(DaemonException.class, () -> kept().told()).kind());
        }
    }

    @Nested
    class Keys {

        @Test
        void areInAFileThatOnlyTheirOwnerCanRead() throws Exception {
            KeptCredentials kept = new KeptCredentials(folders.keptKeys());
            assertFalse(kept.exist());
            assertTrue(kept.keep(new Credentials("id", "secret", Optional.empty())));
            assertFalse(kept.keep(new Credentials("id", "secret", Optional.empty())));
            assertTrue(kept.keep(new Credentials("id", "other", Optional.of("token"))));
            assertTrue(kept.exist());
            assertEquals("rw-------", mode(folders.keptKeys()));
            assertEquals("rwx------", mode(folders.keptKeys().resolveSibling("")));
            assertEquals(
                    "[default]\naws_access_key_id = id\naws_secret_access_key = other\naws_session_token = token\n",
                    Files.readString(folders.keptKeys()));
        }

        @Test
        void thatWereNotTakenGiveWayToThoseBefore() throws Exception {
            KeptCredentials kept = new KeptCredentials(folders.keptKeys());
            KeptCredentials.Undo none = kept.remember();
            kept.keep(new Credentials("id", "one", Optional.empty()));
            KeptCredentials.Undo one = kept.remember();
            kept.keep(new Credentials("id", "two", Optional.empty()));
            one.run();
            assertTrue(Files.readString(folders.keptKeys()).contains("one"));
            none.run();
            assertFalse(kept.exist());
        }

        @Test
        void withALineEndInThemAreRefusedWithoutBeingQuoted() {
            KeptCredentials kept = new KeptCredentials(folders.keptKeys());
            DaemonException e = assertThrows(
                    DaemonException.class, () -> kept.keep(new Credentials("id", "very-secret\nx", Optional.empty())));
            assertFalse(e.sentence().contains("very-secret"), e.sentence());
        }
    }
}
