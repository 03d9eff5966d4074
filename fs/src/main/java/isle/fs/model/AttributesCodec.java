package isle.fs.model;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** The bytes of attributes and times in formats on disk and in vaults. */
public final class AttributesCodec {

    private AttributesCodec() {}

    public static void put(ByteSink sink, Attributes attributes) {
        sink.putByte(attributes.kind().code());
        sink.putUnsigned(attributes.permissions());
        sink.putSigned(attributes.uid());
        sink.putSigned(attributes.gid());
        sink.putUnsigned(attributes.size());
        put(sink, attributes.mtime());
        put(sink, attributes.ctime());
        sink.putSigned(attributes.device());
        sink.putText(attributes.symlinkTarget());
        sink.putUnsigned(attributes.xattrs().size());
        attributes.xattrs().forEach((name, value) -> {
            sink.putText(name);
            sink.putText(value);
        });
    }

    /**
     * Reads what {@link #put(ByteSink, Attributes)} wrote.
     *
     * @throws IllegalArgumentException it cannot have written these bytes; so does an {@link ArithmeticException}
     */
    public static Attributes get(ByteSource source) {
        return new Attributes(
                FileKind.ofCode(source.getByte()),
                Math.toIntExact(source.getUnsigned()),
                source.getSignedInt(),
                source.getSignedInt(),
                source.getUnsigned(),
                getTime(source),
                getTime(source),
                source.getSigned(),
                source.getText(),
                getXattrs(source));
    }

    private static SortedMap<String, String> getXattrs(ByteSource source) {
        long count = source.getUnsigned();
        if (count == 0) {
            return Collections.emptySortedMap();
        }
        SortedMap<String, String> xattrs = new TreeMap<>();
        for (long i = 0; i < count; i++) {
            xattrs.put(source.getText(), source.getText());
        }
        return xattrs;
    }

    public static void put(ByteSink sink, Timestamp time) {
        sink.putSigned(time.seconds());
        sink.putUnsigned(time.nanos());
    }

    public static Timestamp getTime(ByteSource source) {
        return new Timestamp(source.getSigned(), Math.toIntExact(source.getUnsigned()));
    }
}
