package isle.fs.fuse;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;

/** A test class with one mount, and a new folder in it for each test. */
@Tag("fuse")
abstract class MountedTest {

    static MountRig rig;

    Path dir = Path.of("");

    @BeforeAll
    static void mount() throws IOException {
        rig = MountRig.mount();
    }

    @AfterAll
    static void unmount() throws IOException {
        rig.close();
    }

    @BeforeEach
    void newDirectory() throws IOException {
        dir = rig.newDirectory();
    }

    String sh(String line) throws IOException {
        return Shell.sh(dir, line);
    }

    String python(String program, String... arguments) throws IOException {
        return Shell.python(dir, program, arguments);
    }
}
