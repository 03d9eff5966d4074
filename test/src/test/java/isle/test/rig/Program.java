package isle.test.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** The program as {@code mvn package} leaves it, copied where every user may read it. */
final class Program {

    private static final String BUILT = "cli/target/dist/lib";
    private static final String OPTIONS = "cli/jvm";
    private static final String DAEMON = "daemon.jvm";
    private static final int NATIVE_ACCESS_JDK = 24;
    private static final String NATIVE_ACCESS = "daemon-" + NATIVE_ACCESS_JDK + ".jvm";

    private final Path lib;

    private Program(Path lib) {
        this.lib = lib;
    }

    /** One copy for all tests of this JVM; gone when the JVM ends. */
    static Program shared() {
        return Holder.PROGRAM;
    }

    private static Program copy() {
        Path lib = Folders.temporary("isle-program");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> Folders.delete(lib)));
        try (var jars = Files.list(repository().resolve(BUILT))) {
            for (Path jar : jars.toList()) {
                copy(jar, lib);
            }
            copy(repository().resolve(OPTIONS).resolve(DAEMON), lib);
            copy(repository().resolve(OPTIONS).resolve(NATIVE_ACCESS), lib);
        } catch (IOException e) {
            throw new UncheckedIOException("the program is not built: " + BUILT + " is what mvn package makes", e);
        }
        return new Program(lib);
    }

    private static void copy(Path file, Path folder) throws IOException {
        Path copy = folder.resolve(String.valueOf(file.getFileName()));
        Files.copy(file, copy);
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-r--r--"));
    }

    private static Path repository() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve(".mvn"))) {
            folder = folder.getParent();
            if (folder == null) {
                throw new IllegalStateException("not run inside the project");
            }
        }
        return folder;
    }

    /** The words of {@code isle ARGUMENTS}; a daemon gets the Java that the launcher gives it. */
    List<String> command(List<String> arguments) {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.add(arguments.contains("--foreground") ? "@" + lib.resolve(DAEMON) : "-Xmx128m");
        words.add("-XX:-UsePerfData");
        if (Runtime.version().feature() >= NATIVE_ACCESS_JDK) {
            words.add("@" + lib.resolve(NATIVE_ACCESS));
        }
        words.addAll(List.of("-cp", lib + "/*", "isle.cli.Main"));
        words.addAll(arguments);
        return words;
    }

    private static final class Holder {
        private static final Program PROGRAM = copy();
    }
}
