package isle.mountd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.mountd.api.DaemonClient;
import isle.mountd.api.DaemonException;
import isle.mountd.api.EntryReport;
import isle.mountd.api.FailureKind;
import isle.mountd.api.FileReport;
import isle.mountd.api.JsonObject;
import isle.mountd.api.MountRequest;
import isle.mountd.api.ProfileFolders;
import isle.mountd.api.StatusReport;
import isle.mountd.api.VolumeReport;
import isle.mountd.config.Profile;
import isle.mountd.health.HealthRegistry;
import isle.mountd.local.LocalServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Scanner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the daemon says of itself, and how it ends. */
class DaemonLifeTest {

    @TempDir
    private Path temp;

    private static void write(DaemonClient client, String path) throws Exception {
        client.write(path, new ByteArrayInputStream(new byte[] {1}), EntryReport.wanted(0600, Instant.EPOCH));
    }

    private static MountRequest store(String store) {
        return new MountRequest(
                Optional.empty(),
                Optional.of(store),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    @Test
    void statusAnswersBeforeAndAfterTheStoreIsOpened() throws Exception {
        try (DaemonRig rig = new DaemonRig(temp);
                DaemonClient client = rig.connect()) {
            StatusReport before = client.status();
            assertEquals(List.of(), before.volumes());
            assertEquals(ProcessHandle.current().pid(), before.pid());
            write(client, "public/a");
            client.await(Optional.empty(), 30, text -> {});
            StatusReport after = client.status();
            assertEquals(
                    List.of("public", "protected"),
                    after.volumes().stream().map(VolumeReport::name).toList());
            assertEquals(0, after.pendingOperations());
            assertEquals("fresh", after.volumes().get(0).state());
            assertEquals(Optional.empty(), after.mount());
            FileReport file = client.state("public/a");
            assertEquals("stored", file.state());
            assertEquals(1, file.size());
            assertFalse(file.version().isEmpty());
            client.await(Optional.of("public/a"), 30, text -> {});
            assertThrows(DaemonException.class, () -> client.state("public/none"));
        }
    }

    @Test
    void theSocketIsItsOwnersAlone() throws Exception {
        try (DaemonRig rig = new DaemonRig(temp)) {
            assertEquals(
                    "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(rig.folders.socket())));
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(rig.folders.run())));
        }
        assertEquals(Optional.empty(), DaemonClient.connect(ProfileFolders.under(temp)));
        DaemonException e = assertThrows(DaemonException.class, () -> DaemonClient.require(ProfileFolders.under(temp)));
        assertEquals(FailureKind.NO_DAEMON, e.kind());
    }

    @Test
    void aProfileWithALongPathWorksToo() throws Exception {
        Path deep = temp.resolve("long".repeat(30));
        try (DaemonRig rig = new DaemonRig(deep);
                DaemonClient client = rig.connect()) {
            assertFalse(rig.folders.socket().startsWith(deep));
            assertEquals(ProcessHandle.current().pid(), client.status().pid());
        }
        Path inTemp = ProfileFolders.under(deep).socket().resolveSibling("");
        assertFalse(Files.exists(inTemp), "nothing stays in the folder of temporary files");
        // Somebody else was there first, with a link to a place that is not his.
        Path victim = Files.createDirectory(temp.resolve("victim"));
        Files.createSymbolicLink(inTemp, victim);
        try {
            Profile profile = Profile.open(ProfileFolders.under(deep), deep);
            try (profile) {
                Daemon daemon = new Daemon(profile, new Wiring(Map.of()), new HealthRegistry(Instant::now), false);
                DaemonException e = assertThrows(DaemonException.class, () -> LocalServer.start(profile, daemon));
                assertEquals(FailureKind.REFUSED, e.kind());
            }
        } finally {
            Files.delete(inTemp);
        }
    }

    @Test
    void whatSpeaksAnotherVersionOrNonsenseIsTurnedAway() throws Exception {
        try (DaemonRig rig = new DaemonRig(temp)) {
            for (String text : List.of(
                    "{\"isle\":99}\n{\"do\":\"status\"}\n",
                    "GET / HTTP/1.1\r\n\r\n",
                    "{\"isle\":1}\n{\"do\":\"dance\"}\n")) {
                try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(rig.folders.socket()));
                        Scanner lines = new Scanner(Channels.newInputStream(channel), StandardCharsets.UTF_8)) {
                    channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
                    JsonObject greeting = JsonObject.parse(lines.nextLine());
                    assertEquals(1, greeting.number("isle"));
                    List<String> rest = new ArrayList<>();
                    while (lines.hasNextLine()) {
                        rest.add(lines.nextLine());
                    }
                    assertFalse(rest.toString().contains("\"status\""), rest.toString());
                }
            }
            try (DaemonClient client = rig.connect()) {
                assertEquals(List.of(), client.status().health());
            }
        }
    }

    @Test
    void stoppingClosesEverythingAndTheNextStartFindsIt() throws Exception {
        DaemonRig rig = new DaemonRig(temp);
        Thread end = new Thread(() -> {
            try {
                rig.daemon.awaitEnd();
                rig.close();
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        end.start();
        try (DaemonClient client = rig.connect()) {
            write(client, "public/kept");
            DaemonException e = assertThrows(
                    DaemonException.class,
                    () -> client.stop(Optional.of("/elsewhere"), Optional.empty(), false, text -> {}));
            assertEquals(FailureKind.USAGE, e.kind());
            client.stop(Optional.empty(), Optional.of(30L), false, text -> {});
        }
        // No waiting here: when the call returns, the profile is free.
        try (DaemonRig again = new DaemonRig(temp);
                DaemonClient client = again.connect()) {
            assertEquals("stored", client.state("public/kept").state());
            assertEquals(List.of(), client.status().health());
        }
    }

    @Test
    void aLostIndexIsMadeAnewAndSaidSo() throws Exception {
        try (DaemonRig rig = new DaemonRig(temp);
                DaemonClient client = rig.connect()) {
            write(client, "public/kept");
            client.await(Optional.empty(), 30, text -> {});
        }
        ProfileFolders folders = ProfileFolders.under(temp);
        for (String suffix : List.of("", "-wal", "-shm")) {
            Files.deleteIfExists(folders.state().resolve("index.db" + suffix));
        }
        try (DaemonRig rig = new DaemonRig(temp);
                DaemonClient client = rig.connect()) {
            assertEquals("stored", client.state("public/kept").state());
            assertEquals("index-rebuilt", client.status().health().get(0).code());
        }
        Files.writeString(folders.state().resolve("index.db"), "this is no index".repeat(1000));
        try (DaemonRig rig = new DaemonRig(temp);
                DaemonClient client = rig.connect()) {
            assertEquals("stored", client.state("public/kept").state());
            assertTrue(client.status().health().get(0).title().contains("damaged"));
        }
    }

    @Test
    void aStoreThatIsOpenElsewhereIsRefusedAndNotRemembered() throws Exception {
        Path shared = temp.resolve("shared");
        Path mine = temp.resolve("mine");
        try (DaemonRig first = new DaemonRig(temp.resolve("one"));
                DaemonRig second = new DaemonRig(temp.resolve("two"))) {
            Files.writeString(first.folders.configFile(), "store: " + shared + "\n");
            Files.writeString(second.folders.configFile(), "store: " + shared + "\n");
            try (DaemonClient one = first.connect();
                    DaemonClient two = second.connect()) {
                write(one, "public/a");
                DaemonException e = assertThrows(DaemonException.class, () -> write(two, "public/b"));
                assertEquals(FailureKind.REFUSED, e.kind(), e.sentence());
                assertTrue(e.sentence().contains("another profile"), e.sentence());
                Files.writeString(second.folders.configFile(), "store: " + mine + "\n");
                write(two, "public/b");
            }
        }
        assertTrue(Files.isDirectory(mine));
    }

    @Test
    void anAddressOfAStoreThatDoesNotAnswerIsAMistakeTheFirstTime() throws Exception {
        try (DaemonRig rig = new DaemonRig(temp);
                DaemonClient client = rig.connect()) {
            MountRequest request = store("http://127.0.0.1:1")
                    .withCredentials(
                            Optional.of(new isle.mountd.api.Credentials("GKid", "the-secret", Optional.empty())));
            DaemonException e = assertThrows(DaemonException.class, () -> client.mount(request, text -> {}));
            assertEquals(FailureKind.STORE_UNREACHABLE, e.kind(), e.sentence());
            // Nothing of the attempt stays, so the embedded store is used as before.
            write(client, "public/a");
            assertEquals(
                    "stored-or-local",
                    client.state("public/a").state().replaceAll("stored|local|uploading", "stored-or-local"));
            assertEquals(Optional.empty(), rig.profile.kept().told().store());
            assertFalse(Files.exists(rig.folders.keptKeys()));
        }
    }

    @Test
    void aStoreOrAVolumeThatCannotBeIsWrongUsage() throws Exception {
        try (DaemonRig rig = new DaemonRig(temp);
                DaemonClient client = rig.connect()) {
            for (String store : List.of("ftp://example.org/", "http://user:secret@h:1", "relative")) {
                DaemonException e = assertThrows(DaemonException.class, () -> client.mount(store(store), text -> {}));
                assertEquals(FailureKind.USAGE, e.kind(), e.sentence());
                assertFalse((e.sentence() + e.action()).contains("secret"));
            }
            MountRequest bucket = new MountRequest(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Map.of("pubic", "x"),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
            DaemonException e = assertThrows(DaemonException.class, () -> client.mount(bucket, text -> {}));
            assertEquals(FailureKind.USAGE, e.kind(), e.sentence());
        }
    }

    @Test
    void aMistakeInTheConfigIsToldToWhoeverAsks() throws Exception {
        try (DaemonRig rig = new DaemonRig(temp);
                DaemonClient client = rig.connect()) {
            Files.writeString(rig.folders.configFile(), "read_only: perhaps\n");
            DaemonException e = assertThrows(DaemonException.class, () -> write(client, "public/a"));
            assertTrue(e.sentence().contains("line 1: read_only has to be true or false"), e.sentence());
            Files.writeString(rig.folders.configFile(), "read_only: true\n");
            DaemonException readOnly = assertThrows(DaemonException.class, () -> write(client, "public/a"));
            assertEquals(FailureKind.REFUSED, readOnly.kind(), readOnly.sentence());
        }
    }

    @Test
    void moreCallersThanThereIsRoomForAreTurnedAwayWithASentence() throws Exception {
        List<DaemonClient> clients = new ArrayList<>();
        try (DaemonRig rig = new DaemonRig(temp)) {
            for (int i = 0; i < 64; i++) {
                DaemonClient client = rig.connect();
                clients.add(client);
                client.status();
            }
            try (DaemonClient oneMore = rig.connect()) {
                DaemonException e = assertThrows(DaemonException.class, oneMore::status);
                assertTrue(e.sentence().contains("64"), e.sentence());
            }
            assertEquals(0, rig.server.idleNanos());
            for (DaemonClient client : clients) {
                client.close();
            }
        }
    }
}
