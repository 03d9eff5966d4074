package isle.mountd.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names keep their bytes, in the protocol and on the way to and from local files. */
class NamesTest {

    @TempDir
    private Path folder;

    private static String raw(int... bytes) {
        StringBuilder raw = new StringBuilder();
        for (int b : bytes) {
            raw.append((char) b);
        }
        return raw.toString();
    }

    @Test
    void anyBytesSurviveTheWayThroughText() {
        Random random = new Random(11);
        for (int i = 0; i < 5000; i++) {
            StringBuilder raw = new StringBuilder();
            int length = random.nextInt(12);
            for (int j = 0; j < length; j++) {
                raw.append((char) (random.nextBoolean() ? 0x80 + random.nextInt(0x80) : random.nextInt(0x100)));
            }
            assertEquals(raw.toString(), PathText.toRaw(PathText.ofRaw(raw.toString())));
        }
    }

    @Test
    void textIsItself() {
        String name = "Grüße \ud83d\ude00.txt";
        String raw = new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        assertEquals(name, PathText.ofRaw(raw));
        assertEquals(raw, PathText.toRaw(name));
    }

    @Test
    void aTerminalIsNotDisturbed() {
        assertEquals("a\\x0a\\x1b[31m\\xff", PathText.display(PathText.ofRaw("a\n\u001b[31m" + raw(0xff))));
        assertEquals("ä", PathText.display("ä"));
    }

    @Test
    void aLocalFileWhoseNameIsNoTextKeepsItsBytes() throws Exception {
        String raw = "x" + raw(0xff, 0xc3, 0x28);
        Path made = Path.of(URI.create("file://" + folder.toUri().getRawPath() + "x%ff%c3%28"));
        Files.writeString(made, "content");
        String name = LocalNames.nameOf(made);
        assertEquals(raw, PathText.toRaw(name));
        Path again = LocalNames.resolve(folder, name);
        assertEquals("content", Files.readString(again));
        assertEquals(name, LocalNames.textOf(LocalNames.pathOf(name)));
        String up = "../" + name;
        assertEquals(up, LocalNames.textOf(LocalNames.pathOf(up)));
    }

    @Test
    void aNameCannotLeadOutOfItsFolder() {
        for (String name : new String[] {"", ".", "..", "a/b", "/etc", "a\0b"}) {
            assertThrows(ProtocolException.class, () -> LocalNames.resolve(folder, name), name);
        }
    }
}
