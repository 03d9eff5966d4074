package isle.fs.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GarageBinaryTest {

    @TempDir
    Path folder;

    private Path program(String place, String version) throws IOException {
        Path program = folder.resolve(place);
        Files.createDirectories(program.resolveSibling("."));
        Files.writeString(program, "#!/bin/sh\necho 'garage " + version + " [features: lmdb]'\n");
        return Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    }

    private Map<String, String> env(String path) {
        return Map.of("PATH", folder.resolve(path).toString(), "HOME", folder.toString());
    }

    @Test
    void theOneThatIsNamedComesFirst() throws Exception {
        Path named = program("named/garage-2", "cargo:2.5.0");
        program("bin/garage", "v2.1.0");

        assertEquals(
                named,
                GarageBinary.find(Map.of(
                        "GARAGE",
                        named.toString(),
                        "PATH",
                        folder.resolve("bin").toString())));
    }

    @Test
    void anOldOneOnThePathIsPassedOver() throws Exception {
        program("bin/garage", "v1.0.1");
        Path built = program(".cache/isle-tools/bin/garage", "cargo:2.5.0");

        assertEquals(built, GarageBinary.find(env("bin")));
    }

    @Test
    void noneIsAFailureThatSaysWhatToDo() throws Exception {
        program("bin/garage", "v1.0.1");

        AssertionError none = assertThrows(AssertionError.class, () -> GarageBinary.find(env("bin")));
        assertTrue(String.valueOf(none.getMessage()).contains("cargo install garage"), none.getMessage());
        Path old = program("old", "v1.0.1");
        assertThrows(AssertionError.class, () -> GarageBinary.find(Map.of("GARAGE", old.toString())));
    }
}
