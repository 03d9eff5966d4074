package isle.mountd.doctor;

import isle.mountd.api.Examiner;
import isle.mountd.api.ProfileFolders;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Examines this machine for {@code isle doctor}. Changes nothing, and starts nothing that stays. */
public final class Doctor implements Examiner {

    private static final int LEAST_JAVA = 17;

    /** Set by the launcher when it runs in a clone of the sources. */
    private static final String CLONE_PROPERTY = "isle.clone";

    private static final Pattern VERSION = Pattern.compile("\\d+(?:\\.\\d+)+");

    private final Path root;

    /** Examines the real machine. */
    public Doctor() {
        this(Path.of("/"));
    }

    Doctor(Path root) {
        this.root = root;
    }

    @Override
    public void examine(ProfileFolders folders, Map<String, String> environment, Consumer<Finding> sink) {
        Machine machine = new Machine(root, environment);
        boolean superuser = "root".equals(System.getProperty("user.name"));
        examineJava(machine, sink);
        new FuseExamination(machine, superuser).examine(sink);
        new ProfileExamination(folders, environment, superuser, sink).examine(machine);
    }

    private static void examineJava(Machine machine, Consumer<Finding> sink) {
        int feature = Runtime.version().feature();
        sink.accept(
                feature >= LEAST_JAVA
                        ? ok("Java", Runtime.version() + " in " + System.getProperty("java.home"))
                        : problem("Java", "version " + feature + " is too old", Remedies.JAVA.text()));
        if (!System.getProperty(CLONE_PROPERTY, "").isEmpty()) {
            sink.accept(machine.program("mvn")
                    .map(mvn -> ok("Maven, to build", mvn.toString()))
                    .orElseGet(() -> note("Maven, to build", "not found", Remedies.MAVEN.text())));
        }
    }

    @Override
    public void versions(Map<String, String> environment, Consumer<Finding> sink) {
        Machine machine = new Machine(root, environment);
        sink.accept(ok("Java", Runtime.version() + " (" + System.getProperty("java.vendor") + ")"));
        sink.accept(ok("libfuse", machine.libfuse().map(Path::toString).orElse("not found")));
        sink.accept(ok("fusermount", versionOf(machine.program("fusermount"), "-V")));
        sink.accept(ok("garage", versionOf(machine.garage(), "--version")));
    }

    private static String versionOf(Optional<Path> program, String argument) {
        if (program.isEmpty()) {
            return "not found";
        }
        Matcher version =
                VERSION.matcher(Machine.firstLine(program.get(), argument).orElse(""));
        return (version.find() ? version.group() + " " : "") + "(" + program.get() + ")";
    }

    static Finding ok(String subject, String detail) {
        return new Finding(subject, State.OK, detail, "");
    }

    static Finding note(String subject, String detail, String remedy) {
        return new Finding(subject, State.NOTE, detail, remedy);
    }

    static Finding problem(String subject, String detail, String remedy) {
        return new Finding(subject, State.PROBLEM, detail, remedy);
    }
}
