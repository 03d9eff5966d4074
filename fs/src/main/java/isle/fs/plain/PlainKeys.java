package isle.fs.plain;

import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * How names become parts of keys and back, one to one. A name that is UTF-8 is its own part. Two kinds of escape exist,
 * both with percent signs before two hexadecimal digits of each byte that is not plain:
 *
 * <ul>
 *   <li>{@code isle-name:…} in a <em>key</em>: a name that is not UTF-8, or that looks like an escape itself.
 *   <li>{@code isle-key:…} as a <em>name</em>: a part of a key, written by another program, that is no valid name
 *       (empty, {@code .}, {@code ..}, over 255 bytes, with a zero byte). Over 255 bytes it is cut and ends in a
 *       checksum of the whole.
 * </ul>
 *
 * <p>{@code isle-file:…} as a name is the object {@code a} where there are also objects below {@code a/}.
 */
final class PlainKeys {
    private static final String NAME_ESCAPE = "isle-name:";
    private static final String KEY_ESCAPE = "isle-key:";
    private static final String FILE_ESCAPE = "isle-file:";
    private static final String PLAIN_PUNCTUATION = "-_.~ ()[]+,@";

    private PlainKeys() {}

    /** The key part of a name. */
    static String part(FileName name) {
        String text = utf8(name);
        return text != null && !isEscapeLike(text) ? text : NAME_ESCAPE + percent(name.bytes(), false);
    }

    private static @org.jspecify.annotations.Nullable String utf8(FileName name) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(name.bytes()))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static boolean isEscapeLike(String text) {
        return text.startsWith(NAME_ESCAPE) || text.startsWith(KEY_ESCAPE) || text.startsWith(FILE_ESCAPE);
    }

    /** The name under which a key part is shown. */
    static FileName name(String part) {
        if (part.startsWith(NAME_ESCAPE)) {
            Optional<FileName> decoded = unescape(part);
            if (decoded.isPresent()) {
                return decoded.get();
            }
        }
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        boolean valid = bytes.length > 0
                && bytes.length <= FileName.MAX_BYTES
                && !part.equals(".")
                && !part.equals("..")
                && part.indexOf(0) < 0
                && part.indexOf('/') < 0
                && !isEscapeLike(part);
        return valid ? FileName.of(part) : FileName.of(shorten(KEY_ESCAPE + percent(bytes, true), bytes));
    }

    /** The name of an object that is in the way of a directory of the same name. */
    static FileName besideDirectory(String part) {
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        return FileName.of(shorten(FILE_ESCAPE + percent(bytes, false), bytes));
    }

    /** Only the part that this very name would be given stands for it. */
    private static Optional<FileName> unescape(String part) {
        String rest = part.substring(NAME_ESCAPE.length());
        StringBuilder raw = new StringBuilder();
        for (int i = 0; i < rest.length(); i++) {
            char c = rest.charAt(i);
            if (c != '%') {
                raw.append(c);
            } else if (i + 2 < rest.length() && isHex(rest.charAt(i + 1)) && isHex(rest.charAt(i + 2))) {
                raw.append((char) HexFormat.fromHexDigits(rest, i + 1, i + 3));
                i += 2;
            } else {
                return Optional.empty();
            }
        }
        try {
            FileName name = new FileName(raw.toString());
            return part(name).equals(part) ? Optional.of(name) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static boolean isHex(char c) {
        return HexFormat.isHexDigit(c);
    }

    private static String percent(byte[] bytes, boolean dotsToo) {
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) {
            char c = (char) (b & 0xff);
            boolean alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (alphanumeric || (PLAIN_PUNCTUATION.indexOf(c) >= 0 && !(dotsToo && c == '.'))) {
                text.append(c);
            } else {
                text.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
            }
        }
        return text.toString();
    }

    private static String shorten(String name, byte[] whole) {
        if (name.length() <= FileName.MAX_BYTES) {
            return name;
        }
        CRC32C sum = new CRC32C();
        sum.update(whole);
        String tail = "~" + HexFormat.of().toHexDigits((int) sum.getValue());
        return name.substring(0, FileName.MAX_BYTES - tail.length()) + tail;
    }

    /** The key of a name in a directory; a directory's ends in a slash. */
    static String place(String directory, FileName name, FileKind kind, int maxBytes) throws FsException {
        String key = directory + part(name) + (kind == FileKind.DIRECTORY ? "/" : "");
        int size = key.getBytes(StandardCharsets.UTF_8).length;
        if (size > maxBytes) {
            throw new FsException.NameTooLong(
                    "the path has " + size + " bytes as a key, and the store takes " + maxBytes);
        }
        return key;
    }

    static ObjectKey key(String ref) {
        return new ObjectKey(ref);
    }
}
