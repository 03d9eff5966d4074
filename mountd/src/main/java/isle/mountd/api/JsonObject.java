package isle.mountd.api;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON object that does not change: the form of every line on the daemon's socket. Members are texts, whole numbers,
 * truth values, lists and objects; a member that is {@code null} in the text counts as absent.
 *
 * <p>Written here because the command line starts for every call: this class and its reader are two classes to load, a
 * library's more than a hundred.
 */
public final class JsonObject {

    /** The object without members. */
    public static final JsonObject EMPTY = new JsonObject(Map.of());

    private static final String HEX = "0123456789abcdef";

    private final Map<String, Object> members;

    JsonObject(Map<String, Object> members) {
        this.members = members;
    }

    /** Reads one object; text around it is an error. */
    public static JsonObject parse(String text) throws ProtocolException {
        return new JsonReader(text).readDocument();
    }

    /** This object with one more member. */
    public JsonObject with(String name, String value) {
        return withValue(name, value);
    }

    /** This object with one more member, if there is a value. */
    public JsonObject with(String name, Optional<String> value) {
        return value.isPresent() ? withValue(name, value.get()) : this;
    }

    public JsonObject with(String name, long value) {
        return withValue(name, value);
    }

    public JsonObject with(String name, boolean value) {
        return withValue(name, value);
    }

    public JsonObject with(String name, JsonObject value) {
        return withValue(name, value);
    }

    /** This object with a list; its elements are texts, whole numbers, truth values, lists or objects. */
    public JsonObject with(String name, List<?> value) {
        return withValue(name, List.copyOf(value));
    }

    private JsonObject withValue(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(members);
        more.put(name, value);
        return new JsonObject(more);
    }

    /** Names of the members, in their order. */
    public Iterable<String> names() {
        return Collections.unmodifiableSet(members.keySet());
    }

    /** A text that has to be there. */
    public String text(String name) throws ProtocolException {
        return member(name, String.class).orElseThrow(() -> missing(name));
    }

    public Optional<String> optionalText(String name) throws ProtocolException {
        return member(name, String.class);
    }

    /** A whole number that has to be there. */
    public long number(String name) throws ProtocolException {
        return member(name, Long.class).orElseThrow(() -> missing(name));
    }

    public Optional<Long> optionalNumber(String name) throws ProtocolException {
        return member(name, Long.class);
    }

    /** A truth value; absent means false. */
    public boolean flag(String name) throws ProtocolException {
        return member(name, Boolean.class).orElse(false);
    }

    /** An object; absent means the empty one. */
    public JsonObject object(String name) throws ProtocolException {
        return member(name, JsonObject.class).orElse(EMPTY);
    }

    /** A list of objects; absent means none. */
    public List<JsonObject> objects(String name) throws ProtocolException {
        return elements(name, JsonObject.class);
    }

    /** A list of texts; absent means none. */
    public List<String> texts(String name) throws ProtocolException {
        return elements(name, String.class);
    }

    private <T> List<T> elements(String name, Class<T> type) throws ProtocolException {
        List<T> result = new ArrayList<>();
        for (Object element : member(name, List.class).orElse(List.of())) {
            if (!type.isInstance(element)) {
                throw new ProtocolException("an element of '" + name + "' is no " + type.getSimpleName());
            }
            result.add(type.cast(element));
        }
        return result;
    }

    private <T> Optional<T> member(String name, Class<T> type) throws ProtocolException {
        Object value = members.get(name);
        if (value != null && !type.isInstance(value)) {
            throw new ProtocolException("'" + name + "' is no " + type.getSimpleName());
        }
        return Optional.ofNullable(value).map(type::cast);
    }

    private static ProtocolException missing(String name) {
        return new ProtocolException("'" + name + "' is missing");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JsonObject object && members.equals(object.members);
    }

    @Override
    public int hashCode() {
        return members.hashCode();
    }

    /** JSON on one line, in ASCII. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder(128);
        write(this, out);
        return out.toString();
    }

    /** JSON on several lines, indented by two spaces a level. */
    public String toIndentedString() {
        StringBuilder out = new StringBuilder(512);
        writeIndented(this, "\n", out);
        return out.toString();
    }

    private static void write(Object value, StringBuilder out) {
        if (value instanceof JsonObject object) {
            char before = '{';
            for (Map.Entry<String, Object> member : object.members.entrySet()) {
                out.append(before);
                writeText(member.getKey(), out);
                out.append(':');
                write(member.getValue(), out);
                before = ',';
            }
            out.append(object.members.isEmpty() ? "{}" : "}");
        } else if (value instanceof List<?> list) {
            char before = '[';
            for (Object element : list) {
                out.append(before);
                write(element, out);
                before = ',';
            }
            out.append(list.isEmpty() ? "[]" : "]");
        } else if (value instanceof String text) {
            writeText(text, out);
        } else {
            out.append(value);
        }
    }

    private static void writeIndented(Object value, String lineBreak, StringBuilder out) {
        String inner = lineBreak + "  ";
        if (value instanceof JsonObject object && !object.members.isEmpty()) {
            String before = "{" + inner;
            for (Map.Entry<String, Object> member : object.members.entrySet()) {
                out.append(before);
                writeText(member.getKey(), out);
                out.append(": ");
                writeIndented(member.getValue(), inner, out);
                before = "," + inner;
            }
            out.append(lineBreak).append('}');
        } else if (value instanceof List<?> list && !list.isEmpty()) {
            String before = "[" + inner;
            for (Object element : list) {
                out.append(before);
                writeIndented(element, inner, out);
                before = "," + inner;
            }
            out.append(lineBreak).append(']');
        } else {
            write(value, out);
        }
    }

    private static void writeText(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c == '\n') {
                out.append("\\n");
            } else if (c >= 0x20 && c < 0x7f) {
                out.append(c);
            } else {
                out.append("\\u");
                for (int shift = 12; shift >= 0; shift -= 4) {
                    out.append(HEX.charAt((c >> shift) & 15));
                }
            }
        }
        out.append('"');
    }
}
