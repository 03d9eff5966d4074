package isle.fs.journal;

import static isle.fs.journal.Replayed.SMALL;
import static isle.fs.journal.Replayed.data;
import static isle.fs.journal.Replayed.read;
import static isle.fs.journal.Replayed.text;
import static org.junit.jupiter.api.Assertions.assertEquals;

import isle.fs.model.FsException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A journal that is not sealed: {@code plain-journal.hex} was written before any could be, and stays what it was. */
class PlainBytesTest {

    /** Bytes by the name of the file. */
    private static Map<String, String> kept() throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (InputStream in = Objects.requireNonNull(PlainBytesTest.class.getResourceAsStream("plain-journal.hex"));
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line : reader.lines().toList()) {
                int colon = line.indexOf(": ");
                files.put(line.substring(0, colon), line.substring(colon + 2));
            }
        }
        return files;
    }

    private static void write(PowerLossDisk disk) throws FsException {
        Journal journal = Journal.open(disk, SMALL, null, new SplittableRandom(7), new Replayed());
        journal.append(1, text("one"));
        journal.append(2, text("two"), data(2, 300));
        journal.checkpoint(j -> j.append(3, text("state")));
        journal.append(4, text("after"), data(4, 5));
        journal.close();
    }

    @Test
    void areReadAsTheyWere() throws Exception {
        PowerLossDisk disk = new PowerLossDisk();
        for (Map.Entry<String, String> file : kept().entrySet()) {
            disk.setContent(file.getKey(), HexFormat.of().parseHex(file.getValue()));
        }
        Replayed replayed = new Replayed();
        try (Journal journal = Journal.open(disk, SMALL, replayed)) {
            assertEquals(List.of("state", "after"), replayed.bodies());
            assertEquals(List.of(), replayed.damages);
            DataLocation last = Objects.requireNonNull(replayed.items.get(1).data());
            assertEquals(data(4, 5), read(journal, last));
            assertEquals(data(2, 300), read(journal, new DataLocation(1, 1024 + 64 + 56 + 3 + 4, 300)));
        }
    }

    @Test
    void areWrittenAsTheyWere() throws Exception {
        PowerLossDisk disk = new PowerLossDisk();
        write(disk);
        Map<String, String> written = new TreeMap<>();
        for (String name : disk.list()) {
            if (name.endsWith(".journal")) {
                written.put(name, HexFormat.of().formatHex(disk.content(name)));
            }
        }
        assertEquals(kept(), written);
    }
}
