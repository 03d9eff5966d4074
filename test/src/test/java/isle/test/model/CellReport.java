package isle.test.model;

import isle.test.model.CellSuite.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/** Which cells of a suite exist, which were run, and how they ended: a summary on the console, all of it in a file. */
final class CellReport {

    /** In the module's folder, which is where the build runs its tests. */
    private static final Path FOLDER = Path.of("target", "posix");

    private final String title;
    private final Outcome outcome;

    CellReport(String title, Outcome outcome) {
        this.title = title;
        this.outcome = outcome;
    }

    /** Writes the file and prints the summary. */
    void publish() {
        StringBuilder text = new StringBuilder(counts()).append('\n');
        for (String column : List.of("operation", "state", "caller")) {
            text.append("\nBy ").append(column).append(", with the errors on the mount\n");
            table(column).forEach(line -> text.append(line).append('\n'));
        }
        text.append("\nEvery cell: on the mount, and on the plain folder where that differs\n");
        outcome.existing().forEach(cell -> text.append(line(cell)).append('\n'));
        Path file = FOLDER.resolve(title.replace(' ', '-') + ".txt");
        try {
            Files.createDirectories(FOLDER);
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        System.out.println(counts() + " The report is " + file.toAbsolutePath());
        table("caller").forEach(System.out::println);
    }

    private String counts() {
        return title + ": " + outcome.existing().size() + " cells exist, "
                + outcome.expected().size() + " were run on a plain folder, "
                + outcome.found().size() + " on the mount.";
    }

    private String line(String cell) {
        String found = outcome.found().getOrDefault(cell, "not run");
        String expected = outcome.expected().getOrDefault(cell, "not run");
        return cell + ": " + found + (found.equals(expected) ? "" : "  [plain: " + expected + "]");
    }

    private List<String> table(String column) {
        int at = List.of("operation", "state", "caller").indexOf(column);
        Function<String, String> key = cell -> cell.split(" \\| ", -1)[at];
        Map<String, Map<String, Integer>> rows = new TreeMap<>();
        Set<String> errors = new TreeSet<>();
        outcome.found().forEach((cell, result) -> {
            String error = result.split("[ |]", 2)[0];
            errors.add(error);
            rows.computeIfAbsent(key.apply(cell), k -> new TreeMap<>()).merge(error, 1, Integer::sum);
        });
        int width = rows.keySet().stream().mapToInt(String::length).max().orElse(0);
        List<String> lines = new ArrayList<>();
        rows.forEach((row, counts) -> {
            StringBuilder line = new StringBuilder(row).append(" ".repeat(width - row.length()));
            int all = counts.values().stream().mapToInt(Integer::intValue).sum();
            line.append("  ").append(all).append(':');
            for (String error : errors) {
                Integer count = counts.get(error);
                if (count != null) {
                    line.append(' ').append(error).append(' ').append(count);
                }
            }
            lines.add(line.toString());
        });
        return lines;
    }
}
