package isle.mountd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.mountd.api.DaemonClient;
import isle.mountd.api.DaemonException;
import isle.mountd.api.EntryReport;
import isle.mountd.api.Export;
import isle.mountd.api.FailureKind;
import isle.mountd.api.VaultClient;
import isle.mountd.api.VaultReport;
import isle.mountd.api.VaultUsage;
import isle.mountd.api.VersionReport;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** private/ as a whole and its history, over the socket, on the embedded store; nothing is mounted. */
class DaemonVaultTest {

    private static final Instant TIME = Instant.parse("2020-02-03T04:05:06.789012345Z");

    @TempDir
    private Path temp;

    private DaemonRig rig;
    private DaemonClient client;
    private VaultClient vault;

    @BeforeEach
    void start() throws IOException {
        rig = new DaemonRig(temp.resolve("home"));
        assertTrue(rig.daemon.openForMount(DaemonVaultTest::ignore).isPresent(), "private/ begins");
        client = rig.connect();
        vault = new VaultClient(client, DaemonVaultTest::ignore);
    }

    @AfterEach
    void end() throws IOException {
        client.close();
        rig.close();
    }

    /** How it goes. */
    private static void ignore(String progress) {}

    private void write(String path, String content) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        client.write(path, new ByteArrayInputStream(bytes), EntryReport.wanted(0640, TIME));
        stored();
    }

    private void stored() throws IOException {
        client.await(Optional.empty(), 60, DaemonVaultTest::ignore);
    }

    private String read(String path) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        client.read(path, out);
        return out.toString(StandardCharsets.UTF_8);
    }

    private List<String> history(String path) throws IOException {
        return vault.history(path).stream()
                .map(each -> each.path() + " " + each.what() + " " + each.size() + (each.shown() ? " now" : ""))
                .toList();
    }

    private long restore(String path) throws IOException {
        long count = vault.restore(path, Optional.empty(), Optional.empty(), Optional.empty());
        stored();
        return count;
    }

    @Test
    void versionsOfAFileAreListed_andBroughtBack() throws IOException {
        write("private/a", "one");
        write("private/a", "longer");
        assertEquals(List.of(" written 6 now", " made 3"), history("private/a"));
        assertEquals(1, restore("private/a"));
        assertEquals("one", read("private/a"));
        assertEquals(
                TIME.getEpochSecond(),
                client.stat("private/a", true).orElseThrow().mtimeSeconds());
        assertEquals(List.of(" written 3 now", " written 6", " made 3"), history("private/a"));

        VersionReport longer = vault.history("private/a").get(1);
        vault.restore(
                "private/a",
                Optional.empty(),
                Optional.of(longer.version().substring(0, 7)),
                Optional.of("private/new/b"));
        assertEquals("longer", read("private/new/b"));
        assertEquals("one", read("private/a"));

        client.remove("private/a", false, false, DaemonVaultTest::ignore);
        stored();
        assertEquals(" removed 3", history("private/a").get(0));
        assertEquals(1, restore("private/a"));
        assertEquals("one", read("private/a"));

        Optional<Long> before = Optional.of(TIME.getEpochSecond());
        DaemonException none = assertThrows(
                DaemonException.class, () -> vault.restore("private/a", before, Optional.empty(), Optional.empty()));
        assertEquals(FailureKind.FAILED, none.kind());
        assertThrows(DaemonException.class, () -> vault.history("private/never"));
        DaemonException plain = assertThrows(DaemonException.class, () -> vault.history("public/a"));
        assertEquals(FailureKind.USAGE, plain.kind());
    }

    @Test
    void aFolderThatWentComesBackWithWhatWasInIt() throws IOException {
        client.makeDirectory("private/d/e", true);
        write("private/d/x", "x");
        write("private/d/e/y", "yy");
        client.makeSymlink("private/d/link", "x");
        stored();
        client.remove("private/d", true, false, DaemonVaultTest::ignore);
        stored();
        assertTrue(
                history("private").contains("d removed 0"), history("private").toString());
        assertTrue(
                history("private/d").contains("x removed 1"),
                history("private/d").toString());
        restore("private/d");
        assertEquals("x", read("private/d/x"));
        assertEquals("yy", read("private/d/e/y"));
        assertEquals(
                Optional.of("x"),
                client.stat("private/d/link", false).orElseThrow().target());

        Optional<Long> now = Optional.of(Instant.now().getEpochSecond() + 1);
        vault.restore("private/d", now, Optional.empty(), Optional.of("private/copy"));
        assertEquals("yy", read("private/copy/e/y"));
        assertEquals("x", read("private/copy/x"));
    }

    private Export.Result export(Path copy) throws IOException {
        return new Export(client, DaemonVaultTest::ignore).run("private", copy);
    }

    @Test
    void itIsMeasured_examined_andExported() throws IOException {
        write("private/a", "one");
        write("private/a", "longer");
        client.makeDirectory("private/d", true);
        write("private/d/large", "0123456789".repeat(20_000));
        client.makeSymlink("private/link", "a");
        stored();
        VaultUsage usage = vault.usage();
        assertEquals(200_006, usage.liveBytes());
        assertEquals(3, usage.historyBytes());
        assertEquals(1, usage.objects());
        assertEquals(0, usage.orphans());
        VaultReport report = vault.check(true);
        assertTrue(report.isSound(), report.alarms().toString());
        assertEquals(1, report.blocks());
        assertEquals(usage.packs(), report.packs());
        assertEquals(0, report.putBack());
        assertEquals(0, vault.accept(Optional.of("private/d")));

        Path copy = temp.resolve("copy");
        assertEquals(new Export.Result(3, 0, List.of()), export(copy));
        assertEquals("longer", Files.readString(copy.resolve("a")));
        assertEquals(200_000, Files.size(copy.resolve("d/large")));
        assertEquals(TIME, Files.getLastModifiedTime(copy.resolve("d/large")).toInstant());
        assertEquals(Path.of("a"), Files.readSymbolicLink(copy.resolve("link")));
        Files.writeString(copy.resolve("a"), "cut");
        assertEquals(new Export.Result(1, 2, List.of()), export(copy));
        assertEquals("longer", Files.readString(copy.resolve("a")));
    }

    @Test
    void nobodyElseLooksIntoAnExportBeforeItIsSaidWhoMay() throws IOException {
        client.makeDirectory("private/d", true);
        write("private/d/f", "text");
        stored();
        Path folder = temp.resolve("copy/d");
        List<String> meanwhile = new ArrayList<>();
        new Export(client, text -> meanwhile.add(permissions(folder))).run("private", temp.resolve("copy"));
        assertEquals(List.of("rwx------"), meanwhile);
        assertEquals("rwxr-xr-x", permissions(folder));
    }

    private static String permissions(Path file) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
