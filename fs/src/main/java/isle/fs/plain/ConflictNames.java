package isle.fs.plain;

import isle.fs.model.FileName;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Names for versions that lost a race: {@code name (conflict HOST DATE).ext}, numbered when that is taken. */
final class ConflictNames {
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH.mm.ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final String host;
    private final InstantSource clock;

    ConflictNames(String host, InstantSource clock) {
        this.host = host;
        this.clock = clock;
    }

    /** The {@code attempt}-th name (from 1) beside this one; the stem is cut when the whole would pass 255 bytes. */
    FileName beside(FileName name, int attempt) {
        String number = attempt == 1 ? "" : " " + attempt;
        String mark = FileName.of(" (conflict " + host + " " + DATE.format(clock.instant()) + number + ")")
                .raw();
        String raw = name.raw();
        int dot = raw.lastIndexOf('.');
        String ending = dot > 0 ? raw.substring(dot) : "";
        String stem = dot > 0 ? raw.substring(0, dot) : raw;
        int room = Math.max(1, FileName.MAX_BYTES - mark.length() - ending.length());
        return new FileName(stem.length() <= room ? stem + mark + ending : stem.substring(0, room) + mark + ending);
    }
}
