package isle.mountd.config;

import isle.crypto.vault.Retention;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * One map of {@code daemon.yml} while it is read. Each value is asked for by key and kind; a value of another kind is a
 * problem, and so is a key that nobody asked for.
 */
final class ConfigSection {

    private static final Pattern SIZE = Pattern.compile("(\\d{1,15})\\s*(|B|KiB|MiB|GiB|TiB)");
    private static final Pattern TIME = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h)");
    private static final Pattern RETENTION = Pattern.compile("([1-9]\\d{0,4})(d| versions?)");
    private static final int MOST_TYPING_ERRORS = 3;

    private final String prefix;
    private final List<ConfigProblem> problems;
    private final Path home;
    private final Map<String, Node> values = new LinkedHashMap<>();
    private final TreeSet<String> asked = new TreeSet<>();

    /** @param home what {@code ~/} stands for */
    ConfigSection(String prefix, @Nullable Node node, List<ConfigProblem> problems, Path home) {
        this.prefix = prefix;
        this.problems = problems;
        this.home = home;
        if (node instanceof MappingNode map) {
            for (NodeTuple entry : map.getValue()) {
                addEntry(entry);
            }
        } else if (node != null && !isEmpty(node)) {
            problems.add(new ConfigProblem(line(node), prefix, "has to be a map: its keys, indented, on lines below"));
        }
    }

    private void addEntry(NodeTuple entry) {
        if (!(entry.getKeyNode() instanceof ScalarNode key)) {
            problems.add(new ConfigProblem(line(entry.getKeyNode()), prefix, "has a key that is no word"));
        } else if (values.put(key.getValue(), entry.getValueNode()) != null) {
            problems.add(new ConfigProblem(line(key), full(key.getValue()), "stands there twice: keep one"));
        }
    }

    Optional<String> text(String key) {
        return scalar(key, "one value", value -> value);
    }

    Optional<Boolean> flag(String key) {
        return scalar(key, "true or false", value -> switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> null;
        });
    }

    /** An absolute path; {@code ~/} is the home folder. */
    Optional<Path> path(String key) {
        return scalar(key, "an absolute path, or one that begins with ~/", value -> absolute(value, home));
    }

    static @Nullable Path absolute(String value, Path home) {
        try {
            Path path = value.startsWith("~/") ? home.resolve(value.substring(2)) : Path.of(value);
            return path.isAbsolute() ? path.normalize() : null;
        } catch (InvalidPathException e) {
            return null;
        }
    }

    /** A number of bytes, at least {@code least}. */
    Optional<Long> size(String key, long least) {
        return scalar(key, "a size of at least " + least + " bytes, such as 512MiB or 20GiB", value -> {
            Matcher matcher = SIZE.matcher(value);
            if (!matcher.matches()) {
                return null;
            }
            int unit = List.of("", "KiB", "MiB", "GiB", "TiB")
                    .indexOf(matcher.group(2).replaceFirst("^B$", ""));
            long number = Long.parseLong(matcher.group(1));
            return number <= Long.MAX_VALUE >> (10 * unit) && number << (10 * unit) >= least
                    ? Long.valueOf(number << (10 * unit))
                    : null;
        });
    }

    /** A span of time between {@code least} and {@code most}. */
    Optional<Duration> time(String key, Duration least, Duration most) {
        String expected = "a time of " + show(least) + " to " + show(most) + ", such as 500ms, 20s or 2m";
        return scalar(key, expected, value -> {
            Matcher matcher = TIME.matcher(value);
            if (!matcher.matches()) {
                return null;
            }
            long number = Long.parseLong(matcher.group(1));
            Duration time =
                    switch (matcher.group(2)) {
                        case "ms" -> Duration.ofMillis(number);
                        case "s" -> Duration.ofSeconds(number);
                        case "m" -> Duration.ofMinutes(number);
                        default -> Duration.ofHours(number);
                    };
            return time.compareTo(least) < 0 || time.compareTo(most) > 0 ? null : time;
        });
    }

    private static String show(Duration time) {
        return time.toString().substring(2).toLowerCase(Locale.ROOT);
    }

    Optional<Integer> number(String key, int least, int most) {
        return scalar(key, "a number from " + least + " to " + most, value -> {
            if (!value.matches("\\d{1,9}")) {
                return null;
            }
            int number = Integer.parseInt(value);
            return number < least || number > most ? null : Integer.valueOf(number);
        });
    }

    /** How much of history stays. */
    Optional<Retention> retention(String key) {
        return scalar(key, "none, a number of days, such as 90d, or of versions, such as 20 versions", value -> {
            Matcher matcher = RETENTION.matcher(value);
            if (!matcher.matches()) {
                return value.equals("none") ? Retention.NONE : null;
            }
            int number = Integer.parseInt(matcher.group(1));
            return matcher.group(2).equals("d") ? Retention.ofDays(number) : Retention.ofVersions(number);
        });
    }

    Optional<String> oneOf(String key, List<String> words) {
        return scalar(key, String.join(" or ", words), value -> words.contains(value) ? value : null);
    }

    ConfigSection section(String key) {
        asked.add(key);
        return new ConfigSection(full(key), values.get(key), problems, home);
    }

    /** A map of words to words: the keys may be {@code names}. */
    Map<String, String> words(String key, List<String> names) {
        ConfigSection section = section(key);
        Map<String, String> result = new LinkedHashMap<>();
        for (String name : names) {
            section.text(name).ifPresent(value -> result.put(name, value));
        }
        section.finish();
        return result;
    }

    /** Reports the keys that nobody asked for. */
    void finish() {
        values.forEach((key, node) -> {
            if (!asked.contains(key)) {
                String near = nearest(key);
                String hint = near.isEmpty()
                        ? "remove it; known are " + String.join(", ", asked)
                        : "did you mean " + full(near) + "?";
                problems.add(new ConfigProblem(line(node), full(key), "is not a key of isle: " + hint));
            }
        });
    }

    private String nearest(String key) {
        String best = "";
        int least = MOST_TYPING_ERRORS;
        for (String candidate : asked) {
            int distance = distance(key, candidate);
            if (distance < least) {
                least = distance;
                best = candidate;
            }
        }
        return best;
    }

    /** How many letters have to be changed, added or left out. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }

    private interface Reading<T> {
        @Nullable T of(String value);
    }

    /** The value of a key, if it is there and can be read. Values are not repeated in problems: they may be secrets. */
    private <T> Optional<T> scalar(String key, String expected, Reading<T> reading) {
        asked.add(key);
        Node node = values.get(key);
        if (node == null || isEmpty(node)) {
            return Optional.empty();
        }
        T value = node instanceof ScalarNode scalar ? reading.of(scalar.getValue()) : null;
        if (value == null) {
            problems.add(new ConfigProblem(line(node), full(key), "has to be " + expected));
        }
        return Optional.ofNullable(value);
    }

    /** A key without a value counts as absent. */
    private static boolean isEmpty(Node node) {
        return node instanceof ScalarNode scalar
                && scalar.isPlain()
                && scalar.getValue().isEmpty();
    }

    private String full(String key) {
        return prefix.isEmpty() ? key : prefix + "." + key;
    }

    private static int line(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }
}
