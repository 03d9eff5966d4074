package isle.test.rig;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The program as {@code mvn package} leaves it, copied where every user may read it, and run as {@code cli/isle} runs it. */
final class Program {

    /** Names a folder in which all JVMs of one run of the tests keep one copy, with the archives of classes. */
    private static final String SHARED_FOLDER = "isle.test.program";

    private static final Duration ARCHIVING = Duration.ofMinutes(5);
    private static final int NATIVE_ACCESS_JDK = 24;
    private static final List<String> SHORT_LIVED =
            List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xshare:auto", "-Xlog:disable");

    /** What those commands need that only talk to a daemon. */
    private static final Pattern TALKING = Pattern.compile("(isle-cli|isle-mountd|picocli)-.*");

    private static final Pattern ANY = Pattern.compile(".*");

    /** Commands that look at the machine by themselves. */
    private static final List<String> WHOLE = List.of("doctor", "version");

    private final Path lib;
    private final Path jvm;
    private final Path cliArchive;
    private final Path daemonArchive;

    private Program(Path folder) {
        lib = folder.resolve("lib");
        jvm = folder.resolve("jvm");
        cliArchive = folder.resolve("cli.jsa");
        daemonArchive = folder.resolve("daemon.jsa");
    }

    static Program shared() {
        return Holder.PROGRAM;
    }

    private static Program find() {
        String folder = System.getProperty(SHARED_FOLDER);
        try {
            if (folder != null) {
                return copyOnce(Path.of(folder));
            }
            Path own = Folders.temporary("isle-program");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> Folders.delete(own)));
            return new Program(own).copy();
        } catch (IOException e) {
            throw new UncheckedIOException("the program is not built; mvn package builds it", e);
        }
    }

    /** The first JVM copies; others wait, and find something written into the file that is locked. */
    private static Program copyOnce(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IOException("-D" + SHARED_FOLDER + " names no folder: " + folder);
        }
        Program program = new Program(folder);
        try (FileChannel done =
                FileChannel.open(folder.resolve("done"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            FileLock lock = done.lock();
            if (done.size() == 0) {
                program.copy().makeArchives();
                done.write(ByteBuffer.wrap(new byte[] {'1'}));
            }
            lock.release();
        }
        return program;
    }

    private Program copy() throws IOException {
        copy(repository().resolve("cli/target/dist/lib"), lib);
        copy(repository().resolve("cli/jvm"), jvm);
        return this;
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectory(to, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Path copy = to.resolve(String.valueOf(file.getFileName()));
                Files.copy(file, copy);
                Files.setPosixFilePermissions(
                        copy, PosixFilePermissions.fromString(Files.isExecutable(file) ? "rwxr-xr-x" : "rw-r--r--"));
            }
        }
    }

    /** Java starts a daemon in two thirds of the time with them: there are hundreds of starts in a run. */
    private void makeArchives() {
        Command.of(
                        jvm.resolve("make-archives").toString(),
                        System.getProperty("java.home"),
                        String.valueOf(Runtime.version().feature()),
                        lib.toString(),
                        cliArchive.toString(),
                        daemonArchive.toString())
                .with("LC_ALL", "C.UTF-8")
                // If it is killed, what it mounts is found with what else a run has left.
                .with("TMPDIR", lib.resolveSibling("").toString())
                .within(ARCHIVING)
                .run()
                .ok();
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

    /** The words of {@code isle ARGUMENTS}, with the Java that the launcher gives it. */
    List<String> command(List<String> arguments) {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        String name = arguments.isEmpty() ? "" : arguments.get(0);
        if (name.equals("daemon") || arguments.contains("--foreground")) {
            words.add("@" + jvm.resolve("daemon.jvm"));
            if (Runtime.version().feature() >= NATIVE_ACCESS_JDK) {
                words.add("@" + jvm.resolve("daemon-" + NATIVE_ACCESS_JDK + ".jvm"));
            }
            addClasses(words, ANY, daemonArchive);
        } else {
            words.addAll(SHORT_LIVED);
            if (WHOLE.contains(name)) {
                words.addAll(List.of("-cp", classPath(ANY)));
            } else {
                addClasses(words, TALKING, cliArchive);
            }
        }
        words.addAll(List.of("-Disle.jvm=" + jvm, "-Disle.lib=" + lib));
        if (Files.exists(daemonArchive)) {
            words.add("-Disle.archive=" + daemonArchive);
        }
        words.add("isle.cli.Main");
        words.addAll(arguments);
        return words;
    }

    private void addClasses(List<String> words, Pattern jars, Path archive) {
        if (Files.exists(archive)) {
            words.add("-XX:SharedArchiveFile=" + archive);
        }
        words.addAll(List.of("-cp", classPath(jars)));
    }

    /** In the order of the launcher's: an archive fits one class path only. */
    private String classPath(Pattern jars) {
        try (Stream<Path> files = Files.list(lib)) {
            return files.filter(file ->
                            jars.matcher(String.valueOf(file.getFileName())).matches())
                    .map(Path::toString)
                    .sorted()
                    .collect(Collectors.joining(File.pathSeparator));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Holder {
        private static final Program PROGRAM = find();
    }
}
