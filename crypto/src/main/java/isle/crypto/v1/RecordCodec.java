package isle.crypto.v1;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.tree.Dot;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.EntryRecord.Gone;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Origin;
import isle.crypto.tree.EntryRecord.Place;
import isle.crypto.tree.EntryRecord.Placed;
import isle.crypto.tree.EntryRecord.State;
import isle.fs.model.AttributesCodec;
import isle.fs.model.ByteSink;
import isle.fs.model.ByteSource;
import isle.fs.model.FileName;
import isle.fs.model.Timestamp;
import java.util.ArrayList;
import java.util.List;

/**
 * The records of one index section, in their order: {@code FORMAT.md}, "Record". Counters, Lamport times and seconds are
 * written as differences from the record before.
 */
final class RecordCodec {

    /** No record is shorter. */
    static final int LEAST_BYTES = 10;

    /** Nothing that is an object of its own is named in fewer. */
    static final int LEAST_BLOCK_BYTES = Id.BYTES + 2;

    private static final int GONE = 0;
    private static final int GONE_FROM = 1;
    private static final int HERE = 2;
    private static final int MADE_AT = 3;
    private static final int MOVED_TO = 4;
    private static final int STATE = 7;
    private static final int OWN_BIRTH = 8;

    private static final int NO_CONTENT = 0;
    private static final int IN_THIS_PACK = 1;
    private static final int IN_A_PACK = 2;
    private static final int IN_BLOCKS = 3;
    private static final int IN_A_TREE = 4;

    private final Id directory;
    private final Id pack;
    private final int generation;
    private long counter;
    private long lamport;
    private long seconds;

    /** Of the section of this pack, which is sealed under the key of this generation. */
    RecordCodec(Id directory, Id pack, int generation) {
        this.directory = directory;
        this.pack = pack;
        this.generation = generation;
    }

    void put(ByteSink sink, EntryRecord each, Tables tables) {
        boolean ownBirth = each.birth().equals(each.dot());
        sink.putByte(code(each.state()) | (ownBirth ? OWN_BIRTH : 0));
        sink.putUnsigned(tables.number(each.dot().incarnation()));
        sink.putSigned(each.dot().counter() - counter);
        sink.putText(each.name());
        sink.putUnsigned(tables.number(each.made().host()));
        sink.putSigned(each.made().lamport() - lamport);
        sink.putSigned(each.made().time().seconds() - seconds);
        sink.putUnsigned(each.made().time().nanos());
        counter = each.dot().counter();
        lamport = each.made().lamport();
        seconds = each.made().time().seconds();
        if (!ownBirth) {
            IndexCodec.putDot(sink, each.birth(), tables);
        }
        putDots(sink, each.supersedes(), tables);
        putDots(sink, each.ends(), tables);
        putState(sink, each.state());
    }

    EntryRecord get(ByteSource source, Tables tables) {
        int head = source.getByte();
        if (head >= OWN_BIRTH << 1) {
            throw new IllegalArgumentException("unknown flags");
        }
        long incarnation = tables.incarnation(source.getUnsigned());
        counter = Math.addExact(counter, source.getSigned());
        Dot dot = new Dot(incarnation, counter);
        String name = name(source.getText());
        String host = tables.host(source.getUnsigned());
        lamport = IndexCodec.natural(Math.addExact(lamport, source.getSigned()));
        seconds = Math.addExact(seconds, source.getSigned());
        Origin made = new Origin(lamport, host, new Timestamp(seconds, Math.toIntExact(source.getUnsigned())));
        Dot birth = (head & OWN_BIRTH) != 0 ? dot : IndexCodec.getDot(source, tables);
        List<Dot> supersedes = getDots(source, tables);
        List<Dot> ends = getDots(source, tables);
        State state = getState(source, head & STATE);
        if (name.equals(EntryRecord.PLACE) ? state instanceof Here : state instanceof Placed) {
            throw new IllegalArgumentException("a register where an entry should be, or the other way round");
        }
        return new EntryRecord(dot, name, made, state, birth, supersedes, ends);
    }

    private static String name(String raw) {
        return raw.equals(EntryRecord.PLACE) ? raw : new FileName(raw).raw();
    }

    private static int code(State state) {
        if (state instanceof Here) {
            return HERE;
        }
        if (state instanceof Placed placed) {
            return placed.before() == null ? MADE_AT : MOVED_TO;
        }
        return state instanceof Gone gone && gone.last() != null ? GONE_FROM : GONE;
    }

    private void putState(ByteSink sink, State state) {
        if (state instanceof Here here) {
            IndexCodec.putId(sink, here.inode());
            AttributesCodec.put(sink, here.attributes());
            putContent(sink, here.content());
        } else if (state instanceof Placed placed) {
            putPlace(sink, placed.now());
            if (placed.before() != null) {
                putPlace(sink, placed.before());
            }
        } else if (state instanceof Gone gone && gone.last() != null) {
            putPlace(sink, gone.last());
        }
    }

    private State getState(ByteSource source, int code) {
        return switch (code) {
            case GONE -> new Gone(null);
            case GONE_FROM -> new Gone(getPlace(source));
            case HERE -> new Here(IndexCodec.getId(source), AttributesCodec.get(source), getContent(source));
            case MADE_AT -> new Placed(getPlace(source), null);
            case MOVED_TO -> new Placed(getPlace(source), getPlace(source));
            default -> throw new IllegalArgumentException("unknown state");
        };
    }

    private static void putPlace(ByteSink sink, Place place) {
        IndexCodec.putId(sink, place.parent());
        sink.putText(place.name());
    }

    private static Place getPlace(ByteSource source) {
        return new Place(IndexCodec.getId(source), new FileName(source.getText()).raw());
    }

    private static void putDots(ByteSink sink, List<Dot> dots, Tables tables) {
        sink.putUnsigned(dots.size());
        dots.forEach(dot -> IndexCodec.putDot(sink, dot, tables));
    }

    private static List<Dot> getDots(ByteSource source, Tables tables) {
        List<Dot> dots = new ArrayList<>();
        for (int n = IndexCodec.count(source, 2); n > 0; n--) {
            dots.add(IndexCodec.getDot(source, tables));
        }
        return dots;
    }

    private void putContent(ByteSink sink, Content content) {
        if (content instanceof Content.Packed packed) {
            boolean here = packed.pack().equals(pack);
            sink.putByte(here ? IN_THIS_PACK : IN_A_PACK);
            if (!here) {
                IndexCodec.putId(sink, packed.directory());
                IndexCodec.putId(sink, packed.pack());
                sink.putUnsigned(packed.generation());
            }
            sink.putUnsigned(packed.offset());
            sink.putUnsigned(packed.length());
        } else if (content instanceof Content.Blocks blocks) {
            sink.putByte(IN_BLOCKS);
            sink.putUnsigned(blocks.blocks().size());
            blocks.blocks().forEach(block -> putBlock(sink, block));
        } else if (content instanceof Content.Tree tree) {
            sink.putByte(IN_A_TREE);
            putBlock(sink, tree.root());
            sink.putUnsigned(tree.length());
        } else {
            sink.putByte(NO_CONTENT);
        }
    }

    private Content getContent(ByteSource source) {
        return switch (source.getByte()) {
            case NO_CONTENT -> Content.NONE;
            case IN_THIS_PACK -> packed(source, directory, pack, generation);
            case IN_A_PACK -> packed(source, IndexCodec.getId(source), IndexCodec.getId(source), generation(source));
            case IN_BLOCKS -> {
                List<Content.Block> blocks = new ArrayList<>();
                for (int n = IndexCodec.count(source, LEAST_BLOCK_BYTES); n > 0; n--) {
                    blocks.add(getBlock(source));
                }
                yield new Content.Blocks(blocks);
            }
            case IN_A_TREE -> new Content.Tree(getBlock(source), IndexCodec.natural(source.getUnsigned()));
            default -> throw new IllegalArgumentException("unknown content");
        };
    }

    static void putBlock(ByteSink sink, Content.Block block) {
        IndexCodec.putId(sink, block.object());
        sink.putUnsigned(block.generation());
        sink.putUnsigned(block.length());
    }

    static Content.Block getBlock(ByteSource source) {
        return new Content.Block(IndexCodec.getId(source), generation(source), length(source));
    }

    private static Content packed(ByteSource source, Id directory, Id pack, int generation) {
        return new Content.Packed(
                directory, pack, generation, IndexCodec.natural(source.getUnsigned()), length(source));
    }

    private static int generation(ByteSource source) {
        int generation = length(source);
        if (generation == 0) {
            throw new IllegalArgumentException("a number is out of its range");
        }
        return generation;
    }

    private static int length(ByteSource source) {
        int length = Math.toIntExact(source.getUnsigned());
        if (length < 0) {
            throw new IllegalArgumentException("a number is out of its range");
        }
        return length;
    }
}
