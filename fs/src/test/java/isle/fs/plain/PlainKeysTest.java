package isle.fs.plain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainKeysTest {

    @ParameterizedTest
    @ValueSource(strings = {"a", "a b", "Grüße", "名前", "😀", "%41", "+", "a?b#c&d", "\n", ".hidden", "...", "~"})
    void a_name_in_utf8_is_its_own_part(String text) {
        assertEquals(text, PlainKeys.part(FileName.of(text)));
        assertEquals(FileName.of(text), PlainKeys.name(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "isle-key:x", "isle-name:zz%", "isle-file:a", "isle-name:plain"})
    void a_part_that_is_no_name_is_shown_under_an_escaped_one(String part) {
        FileName shown = PlainKeys.name(part);
        assertTrue(shown.display().startsWith("isle-key:"), shown.display());
    }

    @Test
    void a_part_that_is_too_long_is_cut_and_still_told_from_others() {
        FileName one = PlainKeys.name("x".repeat(400) + "1");
        FileName other = PlainKeys.name("x".repeat(400) + "2");
        assertEquals(FileName.MAX_BYTES, one.raw().length());
        assertTrue(!one.equals(other));
    }

    @Test
    void names_and_parts_are_one_to_one_for_any_bytes() {
        Random random = new Random(7);
        Map<String, FileName> parts = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            FileName name = anyName(random);
            String part = PlainKeys.part(name);
            FileName before = parts.put(part, name);
            assertTrue(before == null || before.equals(name), part);
            assertEquals(name, PlainKeys.name(part), part);
        }
    }

    private static FileName anyName(Random random) {
        String[] beginnings = {"", "isle-name:", "isle-key:", "isle-file:", "isle-name:%"};
        StringBuilder raw = new StringBuilder(beginnings[random.nextInt(beginnings.length)]);
        int length = 1 + random.nextInt(6);
        for (int i = 0; i < length; i++) {
            int kind = random.nextInt(4);
            char c = (char)
                    (kind == 0
                            ? 1 + random.nextInt(255)
                            : kind == 1 ? '%' : "0123abcdefA.~".charAt(random.nextInt(13)));
            raw.append(c == '/' ? '_' : c);
        }
        String text = raw.toString();
        return text.equals(".") || text.equals("..") ? FileName.of("dots") : new FileName(text);
    }

    @Test
    void a_path_that_the_store_does_not_take_is_refused_before_anything_is_sent() throws FsException {
        FileName name = FileName.of("n".repeat(200));
        String folder = PlainKeys.place("", name, FileKind.DIRECTORY, 471);
        String deeper = PlainKeys.place(folder, name, FileKind.DIRECTORY, 471);
        assertThrows(FsException.NameTooLong.class, () -> PlainKeys.place(deeper, name, FileKind.FILE, 471));
    }
}
