package isle.test.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.s3.GarageExtension;
import isle.fs.s3.GarageServer;
import isle.test.rig.Command;
import isle.test.rig.Eventually;
import isle.test.rig.Finished;
import isle.test.rig.Folders;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import isle.test.rig.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Other programs on the same buckets of a real Garage: each reads what the other wrote, and nothing gets lost. */
@Tag("fuse")
@Tag("garage")
@Tag("tools")
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class InteropTest {

    /** A view is older than 5 s before it is renewed; then one request and one more look. */
    private static final Duration SHOWN = Duration.ofSeconds(7);

    @RegisterExtension
    static final GarageExtension GARAGE = GarageExtension.withoutFsync();

    @RegisterExtension
    final Isles isles = new Isles();

    private GarageServer garage;
    private String bucket;
    private Path folder;
    private S3Client other;
    private final List<Path> s3fsMounts = new ArrayList<>();
    private final List<Process> s3fsProcesses = new ArrayList<>();

    @BeforeEach
    void makeBucket() {
        garage = GARAGE.server();
        bucket = garage.createBucket();
        folder = Folders.temporary("isle-interop");
        other = new S3Client(garage, bucket, folder);
    }

    @AfterEach
    void endOtherPrograms() throws InterruptedException {
        for (Path mount : s3fsMounts) {
            Command.of("fusermount3", "-u", "-z", mount.toString()).run();
        }
        for (Process process : s3fsProcesses) {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
        Folders.delete(folder);
    }

    private IsleProfile isle() {
        return isles.plan()
                .on(garage, bucket, garage.createBucket(), garage.key())
                .make()
                .start();
    }

    private Command rclone(String... arguments) {
        List<String> words = new ArrayList<>(List.of("rclone", "--config", "/dev/null"));
        words.addAll(List.of(arguments));
        return Command.of(words)
                .with("RCLONE_CONFIG_GARAGE_TYPE", "s3")
                .with("RCLONE_CONFIG_GARAGE_PROVIDER", "Other")
                .with("RCLONE_CONFIG_GARAGE_ENDPOINT", garage.endpoint().toString())
                .with("RCLONE_CONFIG_GARAGE_REGION", GarageServer.REGION)
                .with("RCLONE_CONFIG_GARAGE_ACCESS_KEY_ID", garage.key().id())
                .with("RCLONE_CONFIG_GARAGE_SECRET_ACCESS_KEY", garage.key().secret())
                .with("LC_ALL", "C.UTF-8");
    }

    private Path s3fs() throws IOException {
        Path mount = Files.createDirectory(folder.resolve("s3fs-" + s3fsMounts.size()));
        Path keys = folder.resolve("keys-" + s3fsMounts.size());
        Files.createFile(keys, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(keys, garage.key().id() + ":" + garage.key().secret());
        String options = "url=" + garage.endpoint() + ",endpoint=" + GarageServer.REGION
                + ",use_path_request_style,sigv4,passwd_file=" + keys;
        Process process = Command.of("s3fs", bucket, mount.toString(), "-f", "-o", options)
                .start(folder, "s3fs");
        s3fsProcesses.add(process);
        s3fsMounts.add(mount);
        Eventually.holds(
                "s3fs mounts", Duration.ofSeconds(20), () -> Mounts.at(mount).isPresent());
        return mount;
    }

    private static void shows(String what, BooleanSupplier condition) {
        Eventually.holds(what, SHOWN, condition);
    }

    private static boolean succeeds(IsleProfile isle, String script) {
        return isle.shell(script).run().exitCode() == 0;
    }

    @Test
    void rcloneReadsWhatIsleWrote() {
        IsleProfile isle = isle();
        isle.inMount(
                        "mkdir -p public/a/b && echo hello >public/a/one && head -c 20000000 /dev/urandom >public/a/b/large"
                                + " && : >public/a/empty && echo umlaut >public/a/$'\\xc3\\xa4 +%&?#'"
                                + " && touch -d '2003-04-05 06:07:08Z' public/a/one public/a/b/large")
                .ok();
        isle.awaitStored();
        String sum = isle.inMount("sha256sum <public/a/b/large").ok().text();
        rclone("copy", "garage:" + bucket, folder.resolve("copy").toString())
                .run()
                .ok();
        Finished read = Command.shell(
                        "cd copy/a && cat one 'ä +%&?#' && [ ! -s empty ] && stat -c %Y one b/large && sha256sum <b/large")
                .in(folder)
                .with("LC_ALL", "C.UTF-8")
                .run()
                .ok();
        assertEquals("hello\numlaut\n1049522828\n1049522828\n" + sum, read.text());
        String listed = rclone("lsf", "-R", "--format", "pst", "garage:" + bucket)
                .with("TZ", "UTC")
                .run()
                .ok()
                .text();
        assertTrue(listed.contains("a/one;6;2003-04-05 06:07:08"), listed);
    }

    @Test
    void isleReadsWhatRcloneWrote() {
        IsleProfile isle = isle();
        isle.inMount("ls public").ok();
        Command.shell("mkdir -p source/x/y && echo hello >source/x/one && head -c 30000000 /dev/zero >source/x/y/large"
                        + " && touch -d '2003-04-05 06:07:08.123456789Z' source/x/one source/x/y/large")
                .in(folder)
                .run()
                .ok();
        rclone("copy", folder.resolve("source").toString(), "garage:" + bucket)
                .run()
                .ok();
        shows("the files that rclone wrote", () -> succeeds(isle, "test -e public/x/one -a -e public/x/y/large"));
        Finished read = isle.inMount("cat public/x/one && stat -c '%s %y' public/x/one public/x/y/large"
                        + " && cmp public/x/y/large " + folder.resolve("source/x/y/large"))
                .ok();
        assertTrue(read.text().startsWith("hello\n6 2003-04-05"), read.text());
        assertEquals(
                2,
                read.text()
                        .lines()
                        .filter(line -> line.contains(":07:08.123456789"))
                        .count(),
                read.text());
    }

    @Test
    void s3fsReadsWhatIsleWrote() throws IOException {
        IsleProfile isle = isle();
        isle.inMount(
                        "mkdir -p public/a/b && echo hello >public/a/one && chmod 640 public/a/one && ln -s one public/a/link"
                                + " && chmod 750 public/a/b && head -c 20000000 /dev/urandom >public/a/b/large"
                                + " && touch -d '2003-04-05 06:07:08Z' public/a/one && echo umlaut >public/a/$'\\xc3\\xa4'")
                .ok();
        isle.awaitStored();
        String facts = "cat a/one a/link a/$'\\xc3\\xa4' && stat -c '%a %Y %F' a/one && readlink a/link"
                + " && stat -c %a a/b && sha256sum <a/b/large";
        String expected = isle.shell("cd public && " + facts).run().ok().text();
        assertEquals(expected, Command.shell(facts).in(s3fs()).run().ok().text());
    }

    @Test
    void isleReadsWhatS3fsWrote() throws IOException {
        IsleProfile isle = isle();
        isle.inMount("ls public").ok();
        Path s3fs = s3fs();
        String facts =
                "cat x/one && stat -c '%a %Y %F' x/one && stat -c '%a %F' x/y && readlink x/link && sha256sum <x/y/large";
        Command.shell("mkdir -p x/y && chmod 750 x/y && echo hello >x/one && chmod 640 x/one && ln -s one x/link"
                        + " && head -c 20000000 /dev/urandom >x/y/large && touch -d '2003-04-05 06:07:08Z' x/one")
                .in(s3fs)
                .run()
                .ok();
        String expected = Command.shell(facts).in(s3fs).run().ok().text();
        shows(
                "the files that s3fs wrote",
                () -> succeeds(isle, "test -e public/x/one -a -e public/x/y/large -a -L public/x/link"));
        assertEquals(expected, isle.shell("cd public && " + facts).run().ok().text());
    }

    @Test
    void foreignChangesAndDeletionsShow() {
        other.put("file", "first");
        other.put("gone", "gone");
        other.put("implied/deep/file", "deep");
        IsleProfile isle = isle();
        assertEquals("first", isle.inMount("cat public/file").ok().out());
        assertEquals(
                "deep",
                isle.inMount("cat public/implied/deep/file; ls public >/dev/null")
                        .ok()
                        .out());
        other.put("file", "second, longer");
        other.delete("gone");
        other.put("new", "new");
        shows("a change", () -> isle.inMount("cat public/file").out().equals("second, longer"));
        shows("a deletion", () -> succeeds(isle, "! ls public | grep -q gone && ! test -e public/gone"));
        shows("a new file", () -> isle.shell("cat public/new").run().out().equals("new"));
        other.delete("implied/deep/file");
        shows("that a folder is gone with its last file", () -> succeeds(isle, "! test -e public/implied/deep/file"));
        other.put("file", "same size, xx!");
        other.put("file", "Same size, xx!");
        shows(
                "a change of the same size",
                () -> isle.inMount("cat public/file").out().equals("Same size, xx!"));
    }

    @Test
    void keysThatAreNoPathsAreShownAndReadable() {
        other.put("a//b", "double");
        other.put("../up", "up");
        other.put("./dot", "dot");
        other.put("/lead", "lead");
        other.put("both", "a file");
        other.put("both/below", "below it");
        other.put("plain", "plain");
        other.put("x/../y", "inside");
        IsleProfile isle = isle();
        Finished listed = isle.inMount("find public -type f -print0 | sort -z | tr '\\0' '\\n'")
                .ok();
        Finished contents = isle.inMount("find public -type f -exec cat {} + -exec printf '\\n' ';'")
                .ok();
        for (String content : List.of("double", "up", "dot", "lead", "a file", "below it", "plain", "inside")) {
            assertTrue(contents.text().contains(content), () -> content + " is not in " + contents + listed);
        }
        assertEquals(8, listed.text().lines().count(), listed::text);
        // They are there for the other program too, untouched.
        isle.inMount("echo more >public/more").ok();
        isle.awaitStored();
        assertEquals(9, other.keys().size(), () -> other.keys().toString());
        assertEquals("double", other.get("a//b"));
    }

    @Test
    void bothVersionsStayWhenBothSidesWrite() {
        other.put("doc.txt", "the old one");
        IsleProfile isle = isle();
        isle.inMount("cat public/doc.txt").ok();
        Process editor = isle.shell(
                        "exec 3>>public/doc.txt; printf ', changed here' >&3; touch \"$HOME/wrote\"; read -r _ || true")
                .startPiped();
        Eventually.holds(
                "the editor wrote",
                Duration.ofSeconds(20),
                () -> Files.exists(isle.person().resolve("wrote")));
        other.put("doc.txt", "changed there");
        closeInput(editor);
        assertEquals(0, isle.awaitEnd(editor, Duration.ofSeconds(30)));
        isle.awaitStored();
        shows("both versions", () -> succeeds(isle, "ls public/doc*conflict*.txt && grep -q there public/doc.txt"));
        List<String> keys = other.keys();
        assertEquals(2, keys.size(), keys::toString);
        String copy = keys.stream()
                .filter(key -> key.contains("conflict"))
                .findFirst()
                .orElseThrow();
        assertEquals("the old one, changed here", other.get(copy));
        assertEquals("changed there", other.get("doc.txt"));
    }

    private static void closeInput(Process process) {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void twoDaemonsLoseNothingOfEachOther() {
        IsleProfile one = isle();
        IsleProfile two = isle();
        one.inMount("for i in $(seq 30); do echo one $i >public/one$i; echo one >public/both$i; done")
                .ok();
        two.inMount("for i in $(seq 30); do echo two $i >public/two$i; echo two >public/both$i; done")
                .ok();
        one.awaitStored();
        two.awaitStored();
        for (IsleProfile isle : List.of(one, two)) {
            shows("what the other wrote", () -> succeeds(isle, "[ $(cat public/one* public/two* | wc -l) -eq 60 ]"));
            // Each pair of versions is in two files, or the one saw the other's before it wrote over it.
            shows("a content for every name", () -> succeeds(isle, "[ $(ls public | grep -c both) -ge 30 ]"));
        }
    }

    @Test
    void headersOfForeignObjectsSurviveAChangeOfMode() {
        other.put(
                "page.html",
                "<p>",
                "content-type=text/html; charset=utf-8",
                "cache-control=max-age=60",
                "x-amz-meta-theirs=kept");
        IsleProfile isle = isle();
        isle.inMount("chmod 600 public/page.html && [ $(stat -c %a public/page.html) = 600 ]")
                .ok();
        isle.awaitStored();
        String headers = other.head("page.html");
        for (String header : List.of(
                "content-type: text/html; charset=utf-8", "cache-control: max-age=60", "x-amz-meta-theirs: kept")) {
            assertTrue(headers.contains(header), headers);
        }
        assertEquals("<p>", other.get("page.html"));
    }
}
