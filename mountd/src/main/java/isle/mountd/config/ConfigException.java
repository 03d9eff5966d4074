package isle.mountd.config;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** {@code daemon.yml} cannot be used. Has every problem of the file, not only the first. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<ConfigProblem> problems;

    ConfigException(Path file, List<ConfigProblem> problems) {
        super(file + ": " + problems.stream().map(ConfigProblem::sentence).collect(Collectors.joining("; ")));
        this.problems = List.copyOf(problems);
    }

    public List<ConfigProblem> problems() {
        return problems;
    }
}
