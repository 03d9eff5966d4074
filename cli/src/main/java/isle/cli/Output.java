package isle.cli;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Figures for people. */
final class Output {

    private static final String UNITS = "KMGTPE";
    private static final String PERMISSIONS = "rwxrwxrwx";

    private Output() {}

    /** Bytes with a binary unit: {@code 1.4 MiB}. */
    static String size(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        int unit = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
        return String.format(Locale.ROOT, "%.1f %siB", bytes / Math.pow(2, 10.0 * unit), UNITS.charAt(unit - 1));
    }

    /** Date and time of this place, to the minute. */
    static String time(long seconds) {
        return DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT)
                .withZone(ZoneId.systemDefault())
                .format(Instant.ofEpochSecond(seconds));
    }

    /** Type and permissions as {@code ls -l} writes them. */
    static String mode(String kind, int permissions) {
        StringBuilder mode = new StringBuilder(10);
        mode.append(
                switch (kind) {
                    case "directory" -> 'd';
                    case "symlink" -> 'l';
                    case "fifo" -> 'p';
                    case "socket" -> 's';
                    case "char-device" -> 'c';
                    case "block-device" -> 'b';
                    default -> '-';
                });
        for (int i = 0; i < 9; i++) {
            mode.append((permissions >> (8 - i) & 1) != 0 ? PERMISSIONS.charAt(i) : '-');
        }
        special(mode, 3, permissions, 04000, 's');
        special(mode, 6, permissions, 02000, 's');
        special(mode, 9, permissions, 01000, 't');
        return mode.toString();
    }

    private static void special(StringBuilder mode, int at, int permissions, int bit, char letter) {
        if ((permissions & bit) != 0) {
            mode.setCharAt(at, mode.charAt(at) == 'x' ? letter : Character.toUpperCase(letter));
        }
    }

    /** {@code 1 change}, {@code 2 changes}. */
    static String count(long number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }
}
