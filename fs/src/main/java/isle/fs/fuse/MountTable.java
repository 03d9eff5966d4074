package isle.fs.fuse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is mounted, by {@code /proc/self/mountinfo}. Reading it touches no file system and never hangs. */
final class MountTable {

    private static final Path MOUNT_INFO = Path.of("/proc/self/mountinfo");

    private static final int DEVICE_FIELD = 2;
    private static final int POINT_FIELD = 4;
    private static final int FIELDS = 5;
    private static final String SEPARATOR = "-";

    private final List<Entry> entries;

    private MountTable(List<Entry> entries) {
        this.entries = entries;
    }

    /**
     * One mount.
     *
     * @param connection minor number of its device, by which {@code /sys/fs/fuse/connections} names it
     * @param point absolute path
     * @param type of the file system, like "fuse.isle"
     * @param source what is mounted
     */
    record Entry(int connection, String point, String type, String source) {
        boolean isFuse() {
            return type.equals("fuse") || type.startsWith("fuse.");
        }
    }

    static MountTable read() {
        try {
            // Bytes of paths, one char each where they are not ASCII: compared only with what comes from here or
            // from a Path of ASCII, and shown to people.
            return parse(new String(Files.readAllBytes(MOUNT_INFO), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static MountTable parse(String text) {
        List<Entry> entries = new ArrayList<>();
        for (String line : text.lines().toList()) {
            List<String> fields = List.of(line.split(" "));
            int separator = fields.indexOf(SEPARATOR);
            if (separator < FIELDS || fields.size() < separator + 3) {
                continue;
            }
            String[] device = fields.get(DEVICE_FIELD).split(":", 2);
            entries.add(new Entry(
                    Integer.parseInt(device[1]),
                    unescape(fields.get(POINT_FIELD)),
                    fields.get(separator + 1),
                    unescape(fields.get(separator + 2))));
        }
        return new MountTable(entries);
    }

    /** Blank, tab, newline and backslash are written as three octal digits. */
    private static String unescape(String field) {
        StringBuilder plain = new StringBuilder();
        int i = 0;
        while (i < field.length()) {
            char c = field.charAt(i);
            if (c == '\\' && i + 3 < field.length()) {
                plain.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
                i += 4;
            } else {
                plain.append(c);
                i++;
            }
        }
        return plain.toString();
    }

    /** The mount that one sees at this path: the last one there. */
    Optional<Entry> at(String point) {
        Entry found = null;
        for (Entry entry : entries) {
            if (entry.point.equals(point)) {
                found = entry;
            }
        }
        return Optional.ofNullable(found);
    }

    /** Mounts whose path lies below this one. */
    List<Entry> below(String point) {
        return entries.stream()
                .filter(entry -> entry.point.startsWith(point + "/"))
                .toList();
    }

    /** FUSE mounts of this source, the last mounted first. */
    List<Entry> fuseMountsOf(String source) {
        List<Entry> found = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry.isFuse() && entry.source.equals(source)) {
                found.add(0, entry);
            }
        }
        return found;
    }
}
