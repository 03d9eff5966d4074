package isle.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.mountd.api.FailureKind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the commands say of themselves, and what they say to mistakes. */
class CommandLineTest {

    @TempDir
    private Path temp;

    static Stream<String> commands() {
        return Commands.NAMES.stream();
    }

    private Run run(String... arguments) {
        return Run.of(Map.of("ISLE_HOME", temp.toString(), "HOME", temp.toString()), arguments);
    }

    @Test
    void withoutACommandItTellsAllOfThem() {
        Run run = run();
        assertEquals(0, run.status());
        for (String name : Commands.NAMES) {
            assertTrue(run.out().contains("\n  " + name + " "), name);
        }
        assertEquals(run.out(), run("--help").out());
        assertTrue(run("--version").out().startsWith("isle "));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandExplainsItself(String name) {
        Run run = run(name, "--help");
        assertEquals(0, run.status(), run.err());
        for (String part : List.of("Usage: isle " + name, "Exit codes:", "Examples:", "  isle ", "--help")) {
            assertTrue(run.out().contains(part) || (name.equals("completion") && part.equals("  isle ")), part);
        }
        assertTrue(run.out().lines().count() > 12, "worth reading");
        assertFalse(run.out().contains("null"), run.out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"show", "confirm", "recover", "link", "devices", "revoke", "passphrase", "unlock"})
    void everyCommandOfTheIdentityExplainsItself(String name) {
        assertTrue(run("identity").out().contains("\n  " + name + " "), name);
        Run run = run("identity", name, "--help");
        assertEquals(0, run.status(), run.err());
        for (String part : List.of("Usage: isle identity " + name, "Exit codes:", "Examples:", "--help", "  7 ")) {
            assertTrue(run.out().contains(part), part);
        }
        assertFalse(run.out().contains("null"), run.out());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            nonsense                    | nonsense
            status a b                  | b
            mount --bucket x            | --bucket
            wait --timeout soon         | soon
            cat                         | PATH
            rm                          | PATH
            mv one                      | PATH
            put one                     | one path
            ls --colour                 | --colour
            identity revoke             | DEVICE
            identity recover CODE       | CODE
            identity unlock SECRET      | SECRET
            """)
    void aMistakeIsWrongUsageAndSaysWhatIsWrong(String line, String part) {
        Run run = run(line.split(" ", -1));
        assertEquals(ExitCode.USAGE.status(), run.status(), run.err());
        assertTrue(run.err().contains(part), run.err());
        assertEquals("", run.out());
        assertTrue(run.err().lines().count() == 2, run.err());
    }

    @ParameterizedTest
    @CsvSource({
        "status",
        "status --json",
        "status public/a",
        "wait",
        "unmount",
        "unmount --force",
        "identity show",
        "identity confirm",
        "identity recover",
        "identity link",
        "identity devices",
        "identity revoke laptop",
        "identity passphrase",
        "identity unlock"
    })
    void withoutADaemonTheyThatNeedOneSaySo(String line) {
        Run run = run(line.split(" ", -1));
        assertEquals(3, run.status());
        assertTrue(run.err().contains("isle mount"), run.err());
        assertEquals(2, run.err().lines().count(), run.err());
    }

    @Test
    void exitCodesAreThoseThatScriptsRelyOn() {
        List<Integer> statuses = new ArrayList<>();
        for (ExitCode code : ExitCode.values()) {
            statuses.add(code.status());
        }
        assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7), statuses);
        Set<ExitCode> used = new HashSet<>(Set.of(ExitCode.DONE));
        for (FailureKind kind : FailureKind.values()) {
            used.add(ExitCode.of(kind));
        }
        assertEquals(Set.of(ExitCode.values()), used);
    }

    @Test
    void theCompletionScriptIsAScriptAndKnowsTheCommands() throws Exception {
        Run run = run("completion");
        assertEquals(0, run.status());
        for (String name : Commands.NAMES) {
            assertTrue(run.out().contains("_picocli_isle_" + name), name);
        }
        Process bash =
                new ProcessBuilder("bash", "-n").redirectErrorStream(true).start();
        try (var script = bash.getOutputStream()) {
            script.write(run.out().getBytes(StandardCharsets.UTF_8));
        }
        assertEquals("", new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        assertEquals(0, bash.waitFor());
    }

    @Test
    void theFileManagerOpensOnlyWhereSomebodySitsInFrontOfADisplay() {
        assertTrue(Desktop.isDesktop(Map.of("DISPLAY", ":0"), true));
        assertTrue(Desktop.isDesktop(Map.of("WAYLAND_DISPLAY", "wayland-0"), true));
        assertFalse(Desktop.isDesktop(Map.of("DISPLAY", ":0"), false));
        assertFalse(Desktop.isDesktop(Map.of(), true));
        assertFalse(Desktop.isDesktop(Map.of("DISPLAY", ":0", "CI", "true"), true));
        assertFalse(Desktop.isDesktop(Map.of("DISPLAY", "localhost:10", "SSH_CONNECTION", "1 2 3 4"), true));
    }

    @Test
    void figuresAreForPeople() {
        assertEquals("0 B", Output.size(0));
        assertEquals("1023 B", Output.size(1023));
        assertEquals("1.0 KiB", Output.size(1024));
        assertEquals("1.5 GiB", Output.size(3L << 29));
        assertEquals("drwxr-xr-x", Output.mode("directory", 0755));
        assertEquals("-rwsr-Sr-T", Output.mode("file", 07744));
        assertEquals("lrwxrwxrwx", Output.mode("symlink", 0777));
        assertEquals("1 change", Output.count(1, "change", "changes"));
        assertEquals("0 changes", Output.count(0, "change", "changes"));
    }

    @Test
    void pathsOfTheWorkingDirectoryAreThoseThatBeginWithADot() {
        assertEquals("public/a", Context.islePath("public/a"));
        assertEquals("/mnt/a", Context.islePath("/mnt/a"));
        assertEquals(".hidden", Context.islePath(".hidden"));
        assertEquals(Path.of("").toAbsolutePath() + "/a", Context.islePath("./a"));
        assertEquals(Path.of("").toAbsolutePath().toString(), Context.islePath("."));
    }
}
