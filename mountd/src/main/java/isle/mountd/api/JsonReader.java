package isle.mountd.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the JSON that {@link JsonObject} writes, and what other programs write of it; fractions are refused. */
final class JsonReader {

    /** Deeper nesting than any answer has, shallow enough for any stack. */
    private static final int MAX_DEPTH = 64;

    private final String text;
    private int at;

    JsonReader(String text) {
        this.text = text;
    }

    JsonObject readDocument() throws ProtocolException {
        Object value = readValue(0);
        skipSpace();
        if (at != text.length() || !(value instanceof JsonObject object)) {
            throw wrong("one object expected");
        }
        return object;
    }

    private @Nullable Object readValue(int depth) throws ProtocolException {
        if (depth > MAX_DEPTH) {
            throw wrong("nested too deeply");
        }
        skipSpace();
        char c = peek();
        if (c == '{') {
            return readObject(depth);
        } else if (c == '[') {
            return readList(depth);
        } else if (c == '"') {
            return readText();
        } else if (c == '-' || (c >= '0' && c <= '9')) {
            return readNumber();
        } else if (takeWord("true")) {
            return true;
        } else if (takeWord("false")) {
            return false;
        } else if (takeWord("null")) {
            return null;
        }
        throw wrong("a value expected");
    }

    private JsonObject readObject(int depth) throws ProtocolException {
        Map<String, Object> members = new LinkedHashMap<>();
        take('{');
        skipSpace();
        if (peek() == '}') {
            take('}');
            return new JsonObject(members);
        }
        while (true) {
            skipSpace();
            String name = readText();
            skipSpace();
            take(':');
            Object value = readValue(depth + 1);
            if (value != null) {
                members.put(name, value);
            }
            skipSpace();
            if (peek() == '}') {
                take('}');
                return new JsonObject(members);
            }
            take(',');
        }
    }

    private List<Object> readList(int depth) throws ProtocolException {
        List<Object> elements = new ArrayList<>();
        take('[');
        skipSpace();
        if (peek() == ']') {
            take(']');
            return elements;
        }
        while (true) {
            Object value = readValue(depth + 1);
            if (value != null) {
                elements.add(value);
            }
            skipSpace();
            if (peek() == ']') {
                take(']');
                return elements;
            }
            take(',');
        }
    }

    private String readText() throws ProtocolException {
        take('"');
        StringBuilder out = new StringBuilder();
        while (true) {
            char c = peek();
            at++;
            if (c == '"') {
                return out.toString();
            } else if (c == '\\') {
                out.append(readEscape());
            } else if (c < 0x20) {
                throw wrong("a control character in a text");
            } else {
                out.append(c);
            }
        }
    }

    private char readEscape() throws ProtocolException {
        char c = peek();
        at++;
        return switch (c) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'u' -> readCodeUnit();
            case '"', '\\', '/' -> c;
            default -> throw wrong("an unknown escape");
        };
    }

    private char readCodeUnit() throws ProtocolException {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(peek(), 16);
            if (digit < 0) {
                throw wrong("four hexadecimal digits expected");
            }
            value = value * 16 + digit;
            at++;
        }
        return (char) value;
    }

    private Long readNumber() throws ProtocolException {
        int start = at;
        at++;
        while (at < text.length() && Character.digit(text.charAt(at), 10) >= 0) {
            at++;
        }
        try {
            return Long.valueOf(text.substring(start, at));
        } catch (NumberFormatException e) {
            throw wrong("a whole number expected");
        }
    }

    private boolean takeWord(String word) {
        boolean found = text.startsWith(word, at);
        at += found ? word.length() : 0;
        return found;
    }

    private void take(char expected) throws ProtocolException {
        if (peek() != expected) {
            throw wrong("'" + expected + "' expected");
        }
        at++;
    }

    private char peek() throws ProtocolException {
        if (at >= text.length()) {
            throw wrong("the text ends too early");
        }
        return text.charAt(at);
    }

    private void skipSpace() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private ProtocolException wrong(String what) {
        return new ProtocolException("not the JSON expected, at character " + at + ": " + what);
    }
}
