package isle.mountd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.mountd.api.Credentials;
import isle.mountd.api.DaemonClient;
import isle.mountd.api.DaemonException;
import isle.mountd.api.DaemonStarter;
import isle.mountd.api.EntryReport;
import isle.mountd.api.FailureKind;
import isle.mountd.api.MountRequest;
import isle.mountd.api.ProfileFolders;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The daemon as a process of its own, without a mount: started, killed, started again, told to end. */
class DaemonProcessTest {

    private static final String SECRET = "s3cr3t-of-the-store";

    @TempDir
    private Path temp;

    private ProfileFolders folders;
    private Map<String, String> environment;

    @BeforeEach
    void name() {
        folders = ProfileFolders.under(temp.resolve("profile"));
        environment = new HashMap<>(System.getenv());
        environment.put("ISLE_HOME", temp.resolve("profile").toString());
        environment.put("HOME", temp.toString());
        environment.put("AWS_ACCESS_KEY_ID", "GK-of-the-store");
        environment.put("AWS_SECRET_ACCESS_KEY", SECRET);
    }

    @AfterEach
    void endWhatIsLeft() throws Exception {
        Optional<DaemonClient> left = DaemonClient.connect(folders);
        if (left.isPresent()) {
            try (DaemonClient client = left.get()) {
                end(processOf(client), true);
            }
        }
    }

    private DaemonClient start() throws DaemonException {
        return new DaemonStarter(folders, environment).connectOrStart();
    }

    private static ProcessHandle processOf(DaemonClient client) throws IOException {
        return ProcessHandle.of(client.status().pid()).orElseThrow();
    }

    private static void end(ProcessHandle process, boolean kill) throws Exception {
        assertNotEquals(ProcessHandle.current().pid(), process.pid());
        boolean told = kill ? process.destroyForcibly() : process.destroy();
        assertTrue(told);
        process.onExit().get(60, TimeUnit.SECONDS);
    }

    private static void write(DaemonClient client, String path, String content) throws IOException {
        client.write(
                path,
                new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8)),
                EntryReport.wanted(0600, Instant.EPOCH));
    }

    private static String read(DaemonClient client, String path) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        client.read(path, out);
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void whatWasAcknowledgedSurvivesAKillAndTheNextDaemonHasIt() throws Exception {
        for (int round = 0; round < 3; round++) {
            try (DaemonClient client = start()) {
                for (int i = 0; i < 20; i++) {
                    write(client, "public/file-" + round + "-" + i, "content " + i);
                }
                client.move("public/file-" + round + "-0", "protected/moved-" + round, false, text -> {});
                end(processOf(client), true);
            }
        }
        try (DaemonClient client = start()) {
            for (int round = 0; round < 3; round++) {
                assertEquals("content 0", read(client, "protected/moved-" + round));
                for (int i = 1; i < 20; i++) {
                    assertEquals("content " + i, read(client, "public/file-" + round + "-" + i));
                }
            }
            client.await(Optional.empty(), 60, text -> {});
            client.stop(Optional.empty(), Optional.of(60L), false, text -> {});
        }
        assertEquals(Optional.empty(), DaemonClient.connect(folders));
    }

    @Test
    void aSignalEndsItInOrderAndTheLogSaysHow() throws Exception {
        try (DaemonClient client = start()) {
            write(client, "public/file", "content");
            end(processOf(client), false);
        }
        assertEquals(Optional.empty(), DaemonClient.connect(folders));
        String log = Files.readString(folders.logFile());
        assertTrue(log.contains("Ending on a signal") && log.contains("Ended"), log);
        assertFalse(Files.exists(folders.socket()));
        assertTrue(Files.readString(folders.state().resolve("kept.json")).contains("\"pending\": 0"));
    }

    @Test
    void manyCallersAtOnceStartOne() throws Exception {
        List<Thread> threads = Stream.generate(() -> new Thread(() -> {
                    try (DaemonClient client = start()) {
                        client.status();
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                }))
                .limit(4)
                .toList();
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        try (DaemonClient client = start()) {
            long pid = client.status().pid();
            assertEquals(
                    pid, Long.parseLong(Files.readAllLines(folders.lockFile()).get(0)));
        }
    }

    @Test
    void aStartThatFailsSaysWhy() throws Exception {
        Files.createDirectories(folders.config());
        Files.writeString(folders.configFile(), "cache:\n  dsik: 1GiB\n");
        DaemonException e = assertThrows(DaemonException.class, this::start);
        assertTrue(e.sentence().contains("line 2: cache.dsik"), e.sentence());
        assertEquals(FailureKind.FAILED, e.kind());
        Files.delete(folders.configFile());
        Files.writeString(temp.resolve("file"), "");
        environment.put("ISLE_HOME", temp.resolve("file/below").toString());
        ProfileFolders impossible = ProfileFolders.under(temp.resolve("file/below"));
        e = assertThrows(DaemonException.class, () -> new DaemonStarter(impossible, environment).connectOrStart());
        assertEquals(FailureKind.REFUSED, e.kind());
    }

    @Test
    void itEndsByItselfWhenThereIsNothingToDo() throws Exception {
        Files.createDirectories(folders.config());
        Files.writeString(folders.configFile(), "limits:\n  idle: 1s\n");
        ProcessHandle process;
        try (DaemonClient client = start()) {
            write(client, "public/file", "content");
            process = processOf(client);
        }
        process.onExit().get(60, TimeUnit.SECONDS);
        assertTrue(Files.readString(folders.logFile()).contains("Nothing to do"));
    }

    @Test
    void keysThatAStoreDidNotTakeAreNowhere() throws Exception {
        try (DaemonClient client = start()) {
            MountRequest request = new MountRequest(
                    Optional.of(temp.resolve("mount").toString()),
                    Optional.of("http://127.0.0.1:1"),
                    Optional.empty(),
                    Map.of(),
                    Optional.empty(),
                    Optional.empty(),
                    Credentials.ofEnvironment(environment));
            DaemonException e = assertThrows(DaemonException.class, () -> client.mount(request, text -> {}));
            assertEquals(FailureKind.STORE_UNREACHABLE, e.kind(), e.sentence());
            assertFalse((e.sentence() + e.action()).contains(SECRET));
            Path process = Path.of("/proc/" + processOf(client).pid());
            for (String file : List.of("cmdline", "environ")) {
                String text = Files.readString(process.resolve(file), StandardCharsets.ISO_8859_1);
                assertFalse(text.contains(SECRET), file);
            }
            // So that no file comes or goes while they are looked at.
            end(processOf(client), true);
        }
        try (Stream<Path> files = Files.walk(temp)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                boolean found =
                        Files.readString(file, StandardCharsets.ISO_8859_1).contains(SECRET);
                assertEquals(file.equals(folders.keptKeys()), found, file.toString());
            }
        }
    }
}
