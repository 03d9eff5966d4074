package isle.mountd.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The lines of the protocol. */
class JsonObjectTest {

    @Test
    void whatIsWrittenIsReadBack() throws Exception {
        JsonObject inner =
                JsonObject.EMPTY.with("path", "a \"b\" \\ \n\t\u0001").with("empty", "");
        JsonObject object = JsonObject.EMPTY
                .with("text", "Grüße \ud83d\ude00 \udc80")
                .with("number", Long.MIN_VALUE)
                .with("yes", true)
                .with("no", false)
                .with("absent", Optional.empty())
                .with("inner", inner)
                .with("list", List.of("x", "y"))
                .with("objects", List.of(inner, JsonObject.EMPTY))
                .with("none", List.of());
        for (String form : List.of(object.toString(), object.toIndentedString())) {
            JsonObject back = JsonObject.parse(form);
            assertEquals(object, back);
            assertEquals("a \"b\" \\ \n\t\u0001", back.object("inner").text("path"));
            assertEquals(Long.MIN_VALUE, back.number("number"));
            assertTrue(back.flag("yes"));
            assertEquals(Optional.empty(), back.optionalText("absent"));
            assertEquals(List.of("x", "y"), back.texts("list"));
            assertEquals(2, back.objects("objects").size());
        }
    }

    @Test
    void oneLineOfAsciiWhateverTheTextIs() {
        Random random = new Random(7);
        for (int i = 0; i < 200; i++) {
            StringBuilder text = new StringBuilder();
            for (int j = 0; j < 50; j++) {
                text.append((char) random.nextInt(0x10000));
            }
            String line = JsonObject.EMPTY.with("t", text.toString()).toString();
            assertTrue(line.chars().allMatch(c -> c >= 0x20 && c < 0x7f), line);
        }
    }

    @Test
    void whatOtherProgramsWriteIsRead() throws Exception {
        JsonObject object = JsonObject.parse(
                " { \"a\" : [ 1 , -2 ] , \"b\" : null , \"c\" : \"\\u00e4\\/\\b\\f\\r\" , \"d\" : { } } \n");
        assertEquals("ä/\b\f\r", object.text("c"));
        assertEquals(Optional.empty(), object.optionalText("b"));
        assertEquals(JsonObject.EMPTY, object.object("d"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{}x",
                "[]",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{\"a\":1.5}",
                "{\"a\":01x}",
                "{\"a\":\"\\q\"}",
                "{\"a\":\"\\u12g4\"}",
                "{\"a\":\"b",
                "{\"a\":tru}",
                "{\"a\":99999999999999999999}",
                "{\"a\":\"\n\"}",
                "{a:1}"
            })
    void whatIsNoJsonIsRefused(String text) {
        assertThrows(ProtocolException.class, () -> JsonObject.parse(text));
    }

    @Test
    void deepNestingDoesNotOverflowTheStack() {
        assertThrows(ProtocolException.class, () -> JsonObject.parse("{\"a\":".repeat(100_000)));
    }

    @Test
    void aMemberOfAnotherKindIsRefusedWithItsName() throws Exception {
        JsonObject object = JsonObject.parse("{\"a\":1,\"l\":[1]}");
        ProtocolException e = assertThrows(ProtocolException.class, () -> object.text("a"));
        assertTrue(String.valueOf(e.getMessage()).contains("'a'"));
        assertThrows(ProtocolException.class, () -> object.texts("l"));
        assertThrows(ProtocolException.class, () -> object.text("missing"));
    }
}
