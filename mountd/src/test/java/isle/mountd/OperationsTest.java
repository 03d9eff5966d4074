package isle.mountd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.mountd.health.HealthCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** OPERATIONS.md names every health code and every setting, with the default that the template of daemon.yml has. */
class OperationsTest {

    private static final Pattern KEY = Pattern.compile("# ( *)([a-z_]+):(?: (.*))?");

    private String page = "";

    @BeforeEach
    void read() throws IOException {
        page = Files.readString(Path.of("OPERATIONS.md"));
    }

    @Test
    void everyHealthCodeHasSomethingToDo() {
        List<String> missing = new ArrayList<>();
        for (HealthCode code : HealthCode.values()) {
            if (page.lines().noneMatch(line -> names(line, code.word()))) {
                missing.add(code.word());
            }
        }
        assertEquals(List.of(), missing);
    }

    /** Whether this is the row of a table that begins with the word. */
    private static boolean names(String line, String word) {
        return line.startsWith("| `") && line.substring(0, line.indexOf('|', 1)).contains("`" + word + "`");
    }

    @Test
    void everySettingIsExplained() throws IOException {
        Map<String, String> keys = new TreeMap<>();
        String section = "";
        Path template = Path.of("src/main/resources/isle/mountd/config/daemon.yml");
        for (String line : Files.readAllLines(template)) {
            Matcher matcher = KEY.matcher(line);
            if (matcher.matches() && !line.endsWith(".")) {
                boolean top = matcher.group(1).isEmpty();
                String value = matcher.group(3) == null ? "" : matcher.group(3);
                section = top ? matcher.group(2) : section;
                String key = top ? section : section + "." + matcher.group(2);
                if (!top || !value.isEmpty()) {
                    keys.put(key, value);
                }
            }
        }
        assertTrue(keys.size() > 20, keys.toString());
        List<String> wrong = new ArrayList<>();
        keys.forEach((key, value) -> {
            List<String> rows = page.lines().filter(line -> names(line, key)).toList();
            boolean hasDefault = value.matches("\\d+[a-zA-Z]*|true|false");
            if (rows.size() != 1
                    || (hasDefault && !rows.get(0).replace(" GiB", "GiB").contains(value))) {
                wrong.add(key + ": " + value);
            }
        });
        assertEquals(List.of(), wrong);
    }
}
