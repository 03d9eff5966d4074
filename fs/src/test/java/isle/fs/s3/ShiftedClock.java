package isle.fs.s3;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A wall clock for the processes of a test, which the test may set while they run. It is a library of a few lines that
 * is put before the C library; the machine's own clock stays as it is.
 */
public final class ShiftedClock {

    private static final String SOURCE = "shifted-clock.c";
    private static final int COMPILE_SECONDS = 60;

    private final Path library;
    private final Path shift;

    /** @param folder that every user of the clock may enter */
    public ShiftedClock(Path folder) throws IOException {
        this.library = folder.resolve("shifted-clock.so");
        this.shift = folder.resolve("shifted-clock.seconds");
        set(Duration.ZERO);
        Files.setPosixFilePermissions(shift, PosixFilePermissions.fromString("rw-r--r--"));
        Path source = folder.resolve(SOURCE);
        try (InputStream in = Objects.requireNonNull(ShiftedClock.class.getResourceAsStream(SOURCE), SOURCE)) {
            Files.copy(in, source);
        }
        compile(source);
    }

    private void compile(Path source) throws IOException {
        Process gcc = new ProcessBuilder(
                        "gcc", "-O2", "-Wall", "-shared", "-fPIC", "-o", library.toString(), source.toString(), "-ldl")
                .inheritIO()
                .start();
        try {
            if (!gcc.waitFor(COMPILE_SECONDS, TimeUnit.SECONDS) || gcc.exitValue() != 0) {
                throw new AssertionError("gcc does not compile " + source);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
        Files.setPosixFilePermissions(library, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Sets the clock so much before or after that of the machine, from one moment to the next. */
    public void set(Duration ahead) throws IOException {
        ByteBuffer seconds = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
        seconds.putLong(ahead.toSeconds()).flip();
        // Written in place: it is mapped by who runs.
        try (FileChannel file = FileChannel.open(shift, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            if (file.write(seconds, 0) != Long.BYTES) {
                throw new IOException("cannot write " + shift);
            }
        }
    }

    /** Variables for those who are to live by this clock. */
    public Map<String, String> environment() {
        return Map.of("LD_PRELOAD", library.toString(), "SHIFTED_CLOCK", shift.toString());
    }
}
