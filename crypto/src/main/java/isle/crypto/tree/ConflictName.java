package isle.crypto.tree;

import isle.fs.model.FileName;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * The name under which a version is shown that another one keeps from its own: {@code name (conflict HOST DATE).ext},
 * a function of that version alone, so that it is the same on every host and stays while others come and go.
 */
final class ConflictName {

    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH.mm.ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final String MARK = " (conflict ";
    private static final int MOST_HOST_BYTES = 64;

    /** A clock that is beyond the years of four digits says nothing. */
    private static final long FIRST = Instant.parse("0001-01-01T00:00:00Z").getEpochSecond();

    private static final long LAST = Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();

    private ConflictName() {}

    /** Whether a name may be that of a copy. */
    static boolean isOne(String name) {
        return name.contains(MARK);
    }

    /**
     * @param name under which it would be shown
     * @param attempt 1, or more if that name means something else already: then a part of the version's dot is added
     */
    static String of(String name, EntryRecord version, int attempt) {
        EntryRecord.Origin made = version.made();
        long seconds = Math.max(FIRST, Math.min(LAST, made.time().seconds()));
        Instant time = Instant.ofEpochSecond(seconds);
        String more = attempt == 1 ? "" : " " + mark(version.dot(), attempt);
        String mark = MARK + host(made.host()) + " " + DATE.format(time) + more + ")";
        int dot = name.lastIndexOf('.');
        String ending = dot > 0 && mark.length() + name.length() - dot < FileName.MAX_BYTES ? name.substring(dot) : "";
        String stem = name.substring(0, name.length() - ending.length());
        int room = Math.max(1, FileName.MAX_BYTES - mark.length() - ending.length());
        return (stem.length() <= room ? stem : wholeCharacters(stem, room)) + mark + ending;
    }

    /** Raw bytes of what of a host's name fits into a name of a file, and may be in one. */
    private static String host(String text) {
        StringBuilder allowed = new StringBuilder();
        for (int i = 0; i < text.length() && i < MOST_HOST_BYTES; i++) {
            char c = text.charAt(i);
            allowed.append(c < ' ' || c == '/' || c == 0x7f ? '_' : c);
        }
        byte[] bytes = allowed.toString().getBytes(StandardCharsets.UTF_8);
        String raw = new String(bytes, StandardCharsets.ISO_8859_1);
        return raw.length() <= MOST_HOST_BYTES ? raw : wholeCharacters(raw, MOST_HOST_BYTES);
    }

    private static String mark(Dot dot, int attempt) {
        long bits = Long.rotateLeft(dot.incarnation() * 0x9e3779b97f4a7c15L + dot.counter(), 29) * 0xbf58476d1ce4e5b9L;
        String all = String.format(Locale.ROOT, "%016x", bits ^ (bits >>> 32)) + "-" + dot.counter();
        return attempt <= 4 ? all.substring(0, 4 * (attempt - 1)) : all + "-" + (attempt - 4);
    }

    /** Cuts before the first byte of a UTF-8 character that would not be whole. */
    private static String wholeCharacters(String raw, int room) {
        int end = room;
        while (end > 1 && (raw.charAt(end) & 0xc0) == 0x80) {
            end--;
        }
        return raw.substring(0, end);
    }
}
