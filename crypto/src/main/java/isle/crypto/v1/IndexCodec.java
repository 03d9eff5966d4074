package isle.crypto.v1;

import isle.crypto.seal.Id;
import isle.crypto.seal.Sealer;
import isle.crypto.tree.Dot;
import isle.crypto.tree.DotSet;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.Pack;
import isle.fs.model.ByteSink;
import isle.fs.model.ByteSource;
import isle.fs.model.FsException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The plain bytes of an index section, before they are padded and sealed: {@code FORMAT.md}, "Index section". What many
 * records have in common (incarnations, hosts) is written once.
 */
public final class IndexCodec {

    /** First byte of every index section. */
    static final int FORMAT = 1;

    private static final int HAS_COVER = 1;
    private static final int IS_PART = 2;

    private IndexCodec() {}

    /**
     * What an index section says.
     *
     * @param generation of the vault key that the pack is sealed under
     * @param payloadBytes plain length of the payload section behind it, before padding
     */
    public record Section(Pack pack, int generation, long payloadBytes) {}

    /** The bytes of a section. Equal sections give equal bytes. */
    public static byte[] encode(Section section) {
        Pack pack = section.pack();
        Tables tables = Tables.of(pack);
        ByteSink sink = new ByteSink();
        sink.putByte(FORMAT);
        sink.putByte((pack.cover() == null ? 0 : HAS_COVER) | (pack.root() == null ? 0 : IS_PART));
        sink.putUnsigned(section.payloadBytes());
        putTables(sink, tables);
        Map<Long, Long> seen = new TreeMap<>(Long::compareUnsigned);
        seen.putAll(pack.seen());
        sink.putUnsigned(seen.size());
        seen.forEach((incarnation, counter) -> {
            sink.putUnsigned(tables.number(incarnation));
            sink.putUnsigned(counter);
        });
        if (pack.root() != null) {
            putId(sink, pack.root());
        }
        if (pack.cover() != null) {
            putCover(sink, pack.cover(), tables);
        }
        sink.putUnsigned(pack.records().size());
        RecordCodec records = new RecordCodec(pack.directory(), pack.id(), section.generation());
        pack.records().forEach(each -> records.put(sink, each, tables));
        return sink.toBytes();
    }

    /**
     * What {@link #encode} wrote. Bytes behind it are padding and have to be zero.
     *
     * @param key of the pack that the section is in
     * @throws FsException.Corrupt the bytes were not written by it
     * @throws FsException.Unsupported a later isle has written them
     */
    public static Section decode(byte[] bytes, PackKey key) throws FsException {
        try {
            ByteSource source = new ByteSource(bytes);
            int format = source.getByte();
            if (format > FORMAT) {
                throw new FsException.Unsupported(
                        "an index section of format " + format + "; this isle knows up to " + FORMAT);
            }
            if (format != FORMAT) {
                throw new IllegalArgumentException("another format");
            }
            int flags = source.getByte();
            if ((flags & ~(HAS_COVER | IS_PART)) != 0) {
                throw new IllegalArgumentException("unknown flags");
            }
            long payloadBytes = payloadBytes(source.getUnsigned());
            Tables tables = getTables(source);
            Map<Long, Long> seen = new HashMap<>();
            for (int n = count(source, 2); n > 0; n--) {
                seen.put(tables.incarnation(source.getUnsigned()), positive(source.getUnsigned()));
            }
            Id root = (flags & IS_PART) == 0 ? null : getId(source);
            Pack.Cover cover = (flags & HAS_COVER) == 0 ? null : getCover(source, tables);
            List<EntryRecord> records = new ArrayList<>();
            RecordCodec codec = new RecordCodec(key.directory(), key.pack(), key.generation());
            for (int n = count(source, RecordCodec.LEAST_BYTES); n > 0; n--) {
                records.add(codec.get(source, tables));
            }
            skipPadding(source);
            return new Section(
                    new Pack(key.pack(), key.directory(), records, cover, root, seen), key.generation(), payloadBytes);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new FsException.Corrupt("an index section does not decode", e);
        }
    }

    private static void putCover(ByteSink sink, Pack.Cover cover, Tables tables) {
        putDots(sink, cover.dots(), tables);
        putDots(sink, cover.gone(), tables);
        putDots(sink, cover.ended(), tables);
        sink.putUnsigned(cover.parts().size());
        cover.parts().stream().sorted().forEach(part -> putId(sink, part));
    }

    private static Pack.Cover getCover(ByteSource source, Tables tables) {
        DotSet dots = getDots(source, tables);
        DotSet gone = getDots(source, tables);
        DotSet ended = getDots(source, tables);
        Set<Id> parts = new HashSet<>();
        for (int n = count(source, Id.BYTES); n > 0; n--) {
            parts.add(getId(source));
        }
        return new Pack.Cover(dots, gone, ended, parts);
    }

    /** By incarnation its runs, each as the distance from the run before it and the number of further dots. */
    private static void putDots(ByteSink sink, DotSet dots, Tables tables) {
        Map<Long, List<DotSet.Run>> byIncarnation = new LinkedHashMap<>();
        dots.forEachRun(run -> byIncarnation
                .computeIfAbsent(run.incarnation(), i -> new ArrayList<>())
                .add(run));
        sink.putUnsigned(byIncarnation.size());
        byIncarnation.forEach((incarnation, runs) -> {
            sink.putUnsigned(tables.number(incarnation));
            sink.putUnsigned(runs.size());
            long last = 0;
            for (DotSet.Run run : runs) {
                sink.putUnsigned(run.first() - last - 1);
                sink.putUnsigned(run.last() - run.first());
                last = run.last();
            }
        });
    }

    private static DotSet getDots(ByteSource source, Tables tables) {
        DotSet dots = new DotSet();
        for (int n = count(source, 4); n > 0; n--) {
            long incarnation = tables.incarnation(source.getUnsigned());
            long last = 0;
            for (int runs = count(source, 2); runs > 0; runs--) {
                long first = Math.addExact(Math.addExact(last, 1), natural(source.getUnsigned()));
                last = Math.addExact(first, natural(source.getUnsigned()));
                dots.add(new DotSet.Run(incarnation, first, last));
            }
        }
        return dots;
    }

    /** @throws IllegalArgumentException it is none */
    static void skipPadding(ByteSource source) {
        while (source.remaining() > 0) {
            if (source.getByte() != 0) {
                throw new IllegalArgumentException("padding that is not zero");
            }
        }
    }

    static void putTables(ByteSink sink, Tables tables) {
        sink.putUnsigned(tables.incarnations().size());
        tables.incarnations().forEach(each -> putLong(sink, each));
        sink.putUnsigned(tables.hosts().size());
        tables.hosts().forEach(sink::putText);
    }

    static Tables getTables(ByteSource source) {
        List<Long> incarnations = new ArrayList<>();
        for (int n = count(source, Long.BYTES); n > 0; n--) {
            incarnations.add(getLong(source));
        }
        List<String> hosts = new ArrayList<>();
        for (int n = count(source, 1); n > 0; n--) {
            hosts.add(source.getText());
        }
        return new Tables(incarnations, hosts);
    }

    static void putDot(ByteSink sink, Dot dot, Tables tables) {
        sink.putUnsigned(tables.number(dot.incarnation()));
        sink.putUnsigned(dot.counter());
    }

    static Dot getDot(ByteSource source, Tables tables) {
        return new Dot(tables.incarnation(source.getUnsigned()), source.getUnsigned());
    }

    static void putId(ByteSink sink, Id id) {
        putLong(sink, id.high());
        putLong(sink, id.low());
    }

    static Id getId(ByteSource source) {
        return new Id(getLong(source), getLong(source));
    }

    private static void putLong(ByteSink sink, long value) {
        for (int shift = Long.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            sink.putByte((int) (value >>> shift));
        }
    }

    private static long getLong(ByteSource source) {
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            value = value << Byte.SIZE | source.getByte();
        }
        return value;
    }

    /** A number of things that take at least so many bytes each: nothing is made of a size that cannot be there. */
    static int count(ByteSource source, int bytesEach) {
        long count = source.getUnsigned();
        if (count < 0 || count > source.remaining() / bytesEach) {
            throw new IllegalArgumentException("it ends early");
        }
        return (int) count;
    }

    static long natural(long value) {
        if (value < 0) {
            throw new IllegalArgumentException("a number is out of its range");
        }
        return value;
    }

    /** Of a section that an object has room for. */
    private static long payloadBytes(long value) {
        if (value < 0
                || value > Integer.MAX_VALUE
                || Sealer.sealedSize(Sealer.paddedPlainSize(value)) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a number is out of its range");
        }
        return value;
    }

    private static long positive(long value) {
        return Math.addExact(natural(value - 1), 1);
    }
}
