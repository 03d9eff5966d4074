package isle.fs.store;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/** Temporary folders in memory where there is room, for tests that force thousands of files to the disk. */
public final class FastTempDir implements TempDirFactory {

    private static final Path MEMORY = Path.of("/dev/shm");
    private static final long NEEDED_BYTES = 1L << 30;

    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context) throws Exception {
        boolean fits = Files.isWritable(MEMORY) && Files.getFileStore(MEMORY).getUsableSpace() > NEEDED_BYTES;
        return fits ? Files.createTempDirectory(MEMORY, "isle-test-") : Files.createTempDirectory("isle-test-");
    }
}
