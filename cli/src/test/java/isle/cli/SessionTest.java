package isle.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands one after the other on a profile of their own, with the real daemon and without any mount. */
class SessionTest {

    @TempDir
    private Path temp;

    private Map<String, String> environment;

    @BeforeEach
    void name() {
        environment = new HashMap<>(System.getenv());
        environment.put("ISLE_HOME", temp.resolve("profile").toString());
        environment.put("HOME", temp.toString());
    }

    @AfterEach
    void end() {
        isle("unmount", "--force");
    }

    private Run isle(String... arguments) {
        return Run.of(environment, arguments);
    }

    private String done(String... arguments) {
        Run run = isle(arguments);
        assertEquals(0, run.status(), run.err());
        return run.out();
    }

    @Test
    void aSessionWithoutAMount() throws Exception {
        Path file = Files.writeString(temp.resolve("notes.txt"), "first\n");
        done("mkdir", "-p", "protected/a/b");
        done("put", file.toString(), "public/");
        InputStream in = System.in;
        try {
            System.setIn(new ByteArrayInputStream("second\n".getBytes(StandardCharsets.UTF_8)));
            done("put", "-", "protected/a/b/ä\n.txt");
        } finally {
            System.setIn(in);
        }
        assertEquals("first\nsecond\n", done("cat", "public/notes.txt", "protected/a/b/ä\n.txt"));
        assertEquals("public\nprotected\n", sorted(done("ls")));
        assertEquals("a\na/b\na/b/ä\\x0a.txt\n", done("ls", "-r", "protected"));
        assertTrue(done("ls", "-l", "public")
                .matches("-rw-.{6} 1 \\d+ \\d+ +6 \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d notes.txt\n"));
        done("wait", "--timeout", "60");
        assertTrue(done("status").contains("public: everything stored"));
        assertEquals("public/notes.txt: stored, 6 B\n", done("status", "public/notes.txt"));
        assertTrue(done("status", "--json", "public/notes.txt").contains("\"state\": \"stored\""));
        done("mv", "public/notes.txt", "protected/a");
        done("get", "-rv", "protected/a", temp.toString());
        assertEquals("first\n", Files.readString(temp.resolve("a/notes.txt")));
        assertEquals("second\n", Files.readString(temp.resolve("a/b/ä\n.txt")));
        Run refused = isle("rm", "protected/a");
        assertEquals(1, refused.status());
        assertEquals(
                List.of("'protected/a' is a folder.", "Use -r for folders."),
                refused.err().lines().toList());
        done("rm", "-r", "protected/a");
        assertEquals("", done("ls", "protected"));
        assertEquals("Unmounted; everything is stored.\n", done("unmount"));
        assertEquals(3, isle("status").status());
        // Started again, everything is there.
        assertEquals("", done("ls", "public"));
    }

    private static String sorted(String lines) {
        return String.join("\n", lines.lines().sorted((a, b) -> b.compareTo(a)).toList()) + "\n";
    }

    @Test
    void filesOfThisMachineThatAreMissingAreNamed() {
        Run run = isle("put", temp.resolve("none").toString(), "public/");
        assertEquals(1, run.status());
        assertTrue(run.err().contains(temp.resolve("none") + " does not exist."), run.err());
        run = isle("get", "public/none", temp.toString());
        assertEquals(1, run.status());
        assertTrue(run.err().contains("public/none"), run.err());
    }

    /** What it loads decides how long a command takes to start; none of these may be among it. */
    @Test
    void aCommandLoadsNoLibraryButPicocli() throws Exception {
        done("ls");
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-Xlog:class+load:stderr",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "isle.cli.Main",
                        "status")
                .redirectErrorStream(true)
                .directory(temp.toFile())
                .start();
        java.getOutputStream().close();
        List<String> classes = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains("[class,load]"))
                .toList();
        java.waitFor();
        assertTrue(classes.stream().anyMatch(line -> line.contains(" picocli.CommandLine ")));
        for (String line : classes) {
            String name = line.replaceFirst("^.*\\] ", "").replaceFirst(" .*$", "");
            assertTrue(
                    name.matches("(isle\\.cli|isle\\.mountd\\.api|picocli|java|jdk|sun|com\\.sun\\.proxy)\\..*"), name);
        }
        assertFalse(classes.isEmpty());
    }
}
