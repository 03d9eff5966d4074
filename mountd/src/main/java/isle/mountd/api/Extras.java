package isle.mountd.api;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What few files have, and who copies a file whole needs to know.
 *
 * @param device number of a device node, as {@code st_rdev}; else 0
 * @param xattrs extended attributes by name; names and values are raw bytes, one char each
 */
public record Extras(long device, Map<String, String> xattrs) {

    /** Of most files. */
    static final Extras NONE = new Extras(0, Map.of());

    public Extras {
        xattrs = Map.copyOf(xattrs);
    }

    JsonObject toJson() {
        List<JsonObject> list = new ArrayList<>();
        new TreeMap<>(xattrs)
                .forEach((name, value) -> list.add(JsonObject.EMPTY
                        .with("name", PathText.ofRaw(name))
                        .with(
                                "value",
                                Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.ISO_8859_1)))));
        return JsonObject.EMPTY.with("device", device).with("xattrs", list);
    }

    static Extras ofJson(JsonObject json) throws ProtocolException {
        Map<String, String> xattrs = new TreeMap<>();
        for (JsonObject each : json.objects("xattrs")) {
            try {
                byte[] value = Base64.getDecoder().decode(each.text("value"));
                xattrs.put(PathText.toRaw(each.text("name")), new String(value, StandardCharsets.ISO_8859_1));
            } catch (IllegalArgumentException e) {
                throw new ProtocolException("the value of an attribute is not base64");
            }
        }
        return new Extras(json.optionalNumber("device").orElse(0L), xattrs);
    }
}
