package isle.mountd.api;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Names and paths as text, without loss. File names are bytes; in the protocol and in what people type and read they
 * are texts: UTF-8, and each byte that is no UTF-8 is one lone surrogate, U+DC00 plus the byte.
 */
public final class PathText {

    private static final int ESCAPE = 0xDC00;

    private PathText() {}

    /** The text of a name given as raw bytes, one char each. */
    public static String ofRaw(String raw) {
        for (int i = 0; i < raw.length(); i++) {
            if (raw.charAt(i) >= 0x80) {
                return ofBytes(raw.getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        return raw;
    }

    /** The text of a name given as bytes. */
    public static String ofBytes(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length + 1);
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            if (result.isUnderflow()) {
                return out.flip().toString();
            }
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (ESCAPE + (in.get() & 0xff)));
            }
            decoder.reset();
        }
    }

    /** The raw bytes, one char each, of a name given as text; what is neither text nor escaped byte becomes '?'. */
    public static String toRaw(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return encode(text);
            }
        }
        return text;
    }

    private static String encode(String text) {
        StringBuilder raw = new StringBuilder(text.length() * 3);
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (c >= ESCAPE + 0x80 && c <= ESCAPE + 0xff) {
                raw.append((char) (c - ESCAPE));
            } else {
                byte[] utf8 = Character.toString(c).getBytes(StandardCharsets.UTF_8);
                raw.append(new String(utf8, StandardCharsets.ISO_8859_1));
            }
        }
        return raw.toString();
    }

    /** A text for a terminal: on one line, control characters and escaped bytes shown as {@code \xHH}. */
    public static String display(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (c >= ESCAPE && c <= ESCAPE + 0xff) {
                out.append(String.format("\\x%02x", c - ESCAPE));
            } else if (Character.isISOControl(c)) {
                out.append(String.format("\\x%02x", c));
            } else {
                out.appendCodePoint(c);
            }
        }
        return out.toString();
    }
}
