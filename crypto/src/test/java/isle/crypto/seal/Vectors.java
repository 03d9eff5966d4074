package isle.crypto.seal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Test vectors: files of lines of words. Lines with # are comments. What they say may never change: objects with these
 * bytes exist.
 */
public final class Vectors {

    private Vectors() {}

    /** The words of each line of {@code src/test/resources/isle/crypto/<name>}. */
    public static List<String[]> lines(String name) throws IOException {
        try (InputStream stream = Vectors.class.getResourceAsStream("/isle/crypto/" + name)) {
            if (stream == null) {
                throw new IOException("no test vectors " + name);
            }
            String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            return Arrays.stream(text.split("\n", -1))
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .map(line -> line.split(" +", -1))
                    .toList();
        }
    }

    /** A file whose lines are a name and a value. */
    public static Values values(String name) throws IOException {
        Map<String, String> values = new HashMap<>();
        for (String[] line : lines(name)) {
            values.put(line[0], line[1]);
        }
        return new Values(values);
    }

    /** Values by name; each that is asked for is there. */
    public record Values(Map<String, String> values) {
        public String get(String name) {
            return Objects.requireNonNull(values.get(name), name);
        }
    }
}
