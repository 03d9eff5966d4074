package isle.test.rig;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Programs in Python that work in a mount on behalf of a test: resources of this package, copied where all may read. */
public final class Scripts {

    private Scripts() {}

    /** Copies a script into a folder. */
    public static Path copy(String name, Path folder) {
        Path file = folder.resolve(name);
        try (InputStream in = Scripts.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new AssertionError("no resource " + name);
            }
            if (!Files.exists(file)) {
                Files.copy(in, file);
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }
}
