package isle.fs.journal;

import isle.fs.model.Attributes;
import isle.fs.model.EntryVersion;
import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import isle.fs.spi.Volume;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of the bodies of {@link JournalRecord}s, format 1. Integers are big-endian; a text is a 4-byte length and that
 * many bytes (names and values with raw bytes: one byte a char; refs and tokens: UTF-8); an optional value has a byte 0
 * or 1 before it. The type of a record is its number in the journal's record header.
 */
public final class JournalRecordCodec {
    /** An operation as it was written before it said which places a directory has left; only read. */
    private static final int OLD_OPERATION = 1;

    private static final int WRITE = 2;
    private static final int RESIZE = 3;
    private static final int ZERO = 4;
    private static final int PLACE = 5;
    private static final int ATTEMPT = 6;
    private static final int COMMITTED = 7;
    private static final int EXTENT = 8;
    private static final int BASE = 9;
    private static final int STAGED = 10;
    private static final int REMOVED = 11;
    private static final int OPERATION = 12;

    /** What an extent is made of. */
    private static final int ZEROS_OR_DATA = 0;

    private static final int JOURNALED = 1;
    private static final int IN_OBJECT = 2;

    private JournalRecordCodec() {}

    /** The number that stands for this kind of record in a record header. */
    public static int typeOf(JournalRecord record) {
        if (record instanceof JournalRecord.Operation) {
            return OPERATION;
        } else if (record instanceof JournalRecord.Write) {
            return WRITE;
        } else if (record instanceof JournalRecord.Resize) {
            return RESIZE;
        } else if (record instanceof JournalRecord.Zero) {
            return ZERO;
        } else if (record instanceof JournalRecord.Place) {
            return PLACE;
        } else if (record instanceof JournalRecord.Attempt) {
            return ATTEMPT;
        } else if (record instanceof JournalRecord.Committed) {
            return COMMITTED;
        } else if (record instanceof JournalRecord.Extent) {
            return EXTENT;
        } else if (record instanceof JournalRecord.Staged) {
            return STAGED;
        } else if (record instanceof JournalRecord.Removed) {
            return REMOVED;
        }
        return BASE;
    }

    /** The body of a record. */
    public static ByteBuffer encode(JournalRecord record) {
        Bytes bytes = new Bytes();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            write(out, record);
        } catch (IOException e) {
            throw new AssertionError("writing to memory", e);
        }
        return bytes.buffer();
    }

    private static void write(DataOutputStream out, JournalRecord record) throws IOException {
        if (record instanceof JournalRecord.Operation op) {
            out.writeInt(op.inodes().size());
            for (JournalRecord.InodeState state : op.inodes()) {
                writeInode(out, state);
            }
            out.writeInt(op.links().size());
            for (JournalRecord.LinkState link : op.links()) {
                out.writeLong(link.parent());
                writeRaw(out, link.name().raw());
                out.writeLong(link.inode());
                writeSource(out, link.storedHere());
                out.writeLong(link.changedAt());
            }
        } else if (record instanceof JournalRecord.Write w) {
            out.writeLong(w.inode());
            out.writeLong(w.offset());
            writeTime(out, w.time());
        } else if (record instanceof JournalRecord.Resize r) {
            out.writeLong(r.inode());
            out.writeLong(r.size());
            writeTime(out, r.time());
        } else if (record instanceof JournalRecord.Zero z) {
            out.writeLong(z.inode());
            out.writeLong(z.offset());
            out.writeLong(z.length());
            writeTime(out, z.time());
        } else {
            writeCommit(out, record);
        }
    }

    private static void writeCommit(DataOutputStream out, JournalRecord record) throws IOException {
        if (record instanceof JournalRecord.Place p) {
            out.writeLong(p.inode());
            writeText(out, p.ref());
        } else if (record instanceof JournalRecord.Removed r) {
            out.writeLong(r.inode());
        } else if (record instanceof JournalRecord.Attempt a) {
            out.writeLong(a.parent());
            writeRaw(out, a.name().raw());
            out.writeLong(a.inode());
            writeText(out, a.ref());
            writeText(out, a.token());
        } else if (record instanceof JournalRecord.Committed c) {
            out.writeLong(c.parent());
            writeRaw(out, c.name().raw());
            out.writeLong(c.inode());
            out.writeLong(c.upTo());
            out.writeLong(c.linkUpTo());
            writeSource(out, c.stored());
            out.writeBoolean(c.attributes() != null);
            if (c.attributes() != null) {
                writeAttributes(out, c.attributes());
            }
            out.writeBoolean(c.cleared() != null);
            if (c.cleared() != null) {
                writeText(out, c.cleared());
            }
        } else if (record instanceof JournalRecord.Extent e) {
            out.writeLong(e.inode());
            out.writeLong(e.sequence());
            out.writeLong(e.offset());
            out.writeLong(e.length());
            writeOrigin(out, e);
            out.writeInt(e.skip());
        } else if (record instanceof JournalRecord.Staged s) {
            out.writeLong(s.inode());
            out.writeLong(s.upTo());
            out.writeLong(s.offset());
            out.writeLong(s.length());
            writeSource(out, s.object());
        } else if (record instanceof JournalRecord.Base b) {
            out.writeLong(b.inode());
            out.writeLong(b.limit());
            out.writeInt(b.shrinks().size());
            for (JournalRecord.Shrink shrink : b.shrinks()) {
                out.writeLong(shrink.sequence());
                out.writeLong(shrink.size());
            }
        }
    }

    private static void writeOrigin(DataOutputStream out, JournalRecord.Extent extent) throws IOException {
        DataLocation location = extent.location();
        if (location != null) {
            out.writeByte(JOURNALED);
            out.writeLong(location.segment());
            out.writeInt(location.offset());
            out.writeInt(location.length());
        } else if (extent.staged() != null) {
            out.writeByte(IN_OBJECT);
            writeSource(out, extent.staged());
        } else {
            out.writeByte(ZEROS_OR_DATA);
        }
    }

    private static JournalRecord.Extent readExtent(DataInputStream in) throws IOException {
        long inode = in.readLong();
        long sequence = in.readLong();
        long offset = in.readLong();
        long length = in.readLong();
        int origin = in.readByte();
        return new JournalRecord.Extent(
                inode,
                sequence,
                offset,
                length,
                origin == JOURNALED ? new DataLocation(in.readLong(), in.readInt(), in.readInt()) : null,
                origin == IN_OBJECT ? readSource(in) : null,
                in.readInt());
    }

    private static JournalRecord.Staged readStaged(DataInputStream in) throws IOException {
        long inode = in.readLong();
        long upTo = in.readLong();
        long offset = in.readLong();
        long length = in.readLong();
        Volume.Source object = readSource(in);
        if (object == null) {
            throw new IOException("no object");
        }
        return new JournalRecord.Staged(inode, upTo, offset, length, object);
    }

    /**
     * Reads a body.
     *
     * @throws FsException.Corrupt it is not one of this format
     */
    public static JournalRecord decode(int type, ByteBuffer body) throws FsException {
        byte[] bytes = new byte[body.remaining()];
        body.duplicate().get(bytes);
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            return read(type, in);
        } catch (IOException | IllegalArgumentException e) {
            throw new FsException.Corrupt("journal record of type " + type + " cannot be read", e);
        }
    }

    private static JournalRecord read(int type, DataInputStream in) throws IOException {
        return switch (type) {
            case OLD_OPERATION -> readOperation(in, true);
            case OPERATION -> readOperation(in, false);
            case WRITE -> new JournalRecord.Write(in.readLong(), in.readLong(), readTime(in));
            case RESIZE -> new JournalRecord.Resize(in.readLong(), in.readLong(), readTime(in));
            case ZERO -> new JournalRecord.Zero(in.readLong(), in.readLong(), in.readLong(), readTime(in));
            case PLACE -> new JournalRecord.Place(in.readLong(), readText(in));
            case REMOVED -> new JournalRecord.Removed(in.readLong());
            case ATTEMPT ->
                new JournalRecord.Attempt(
                        in.readLong(), new FileName(readRaw(in)), in.readLong(), readText(in), readText(in));
            case COMMITTED ->
                new JournalRecord.Committed(
                        in.readLong(),
                        new FileName(readRaw(in)),
                        in.readLong(),
                        in.readLong(),
                        in.readLong(),
                        readSource(in),
                        in.readBoolean() ? readAttributes(in) : null,
                        in.readBoolean() ? readText(in) : null);
            case EXTENT -> readExtent(in);
            case STAGED -> readStaged(in);
            case BASE -> new JournalRecord.Base(in.readLong(), in.readLong(), readShrinks(in));
            default -> throw new IOException("unknown type");
        };
    }

    private static JournalRecord readOperation(DataInputStream in, boolean old) throws IOException {
        List<JournalRecord.InodeState> inodes = new ArrayList<>();
        for (int n = in.readInt(); n > 0; n--) {
            long inode = in.readLong();
            Attributes attributes = readAttributes(in);
            Volume.Source stored = readSource(in);
            List<String> left = old ? oldLeft(in.readBoolean(), stored) : readTexts(in);
            inodes.add(new JournalRecord.InodeState(inode, attributes, stored, left, in.readLong()));
        }
        List<JournalRecord.LinkState> links = new ArrayList<>();
        for (int n = in.readInt(); n > 0; n--) {
            links.add(new JournalRecord.LinkState(
                    in.readLong(), new FileName(readRaw(in)), in.readLong(), readSource(in), in.readLong()));
        }
        return new JournalRecord.Operation(inodes, links);
    }

    /** That something is still at an old place was known, but not at which: enough to look for it. */
    private static List<String> oldLeft(boolean relocating, Volume.@Nullable Source stored) {
        return relocating && stored != null ? List.of(stored.ref()) : List.of();
    }

    private static List<String> readTexts(DataInputStream in) throws IOException {
        List<String> texts = new ArrayList<>();
        for (int n = in.readInt(); n > 0; n--) {
            texts.add(readText(in));
        }
        return texts;
    }

    private static List<JournalRecord.Shrink> readShrinks(DataInputStream in) throws IOException {
        List<JournalRecord.Shrink> shrinks = new ArrayList<>();
        for (int n = in.readInt(); n > 0; n--) {
            shrinks.add(new JournalRecord.Shrink(in.readLong(), in.readLong()));
        }
        return shrinks;
    }

    private static void writeInode(DataOutputStream out, JournalRecord.InodeState state) throws IOException {
        out.writeLong(state.inode());
        writeAttributes(out, state.attributes());
        writeSource(out, state.stored());
        out.writeInt(state.left().size());
        for (String ref : state.left()) {
            writeText(out, ref);
        }
        out.writeLong(state.changedAt());
    }

    private static void writeAttributes(DataOutputStream out, Attributes a) throws IOException {
        out.writeByte(a.kind().code());
        out.writeInt(a.permissions());
        out.writeInt(a.uid());
        out.writeInt(a.gid());
        out.writeLong(a.size());
        writeTime(out, a.mtime());
        writeTime(out, a.ctime());
        out.writeLong(a.device());
        writeRaw(out, a.symlinkTarget());
        out.writeInt(a.xattrs().size());
        for (var xattr : a.xattrs().entrySet()) {
            writeRaw(out, xattr.getKey());
            writeRaw(out, xattr.getValue());
        }
    }

    private static Attributes readAttributes(DataInputStream in) throws IOException {
        FileKind kind = FileKind.ofCode(in.readByte());
        int permissions = in.readInt();
        int uid = in.readInt();
        int gid = in.readInt();
        long size = in.readLong();
        Timestamp mtime = readTime(in);
        Timestamp ctime = readTime(in);
        long device = in.readLong();
        String target = readRaw(in);
        SortedMap<String, String> xattrs = new TreeMap<>();
        for (int n = in.readInt(); n > 0; n--) {
            xattrs.put(readRaw(in), readRaw(in));
        }
        return new Attributes(kind, permissions, uid, gid, size, mtime, ctime, device, target, xattrs);
    }

    private static void writeSource(DataOutputStream out, Volume.@Nullable Source source) throws IOException {
        out.writeBoolean(source != null);
        if (source == null) {
            return;
        }
        writeText(out, source.ref());
        EntryVersion version = source.version();
        out.writeBoolean(version != null);
        if (version != null) {
            writeText(out, version.token());
            writeText(out, version.contentId());
            out.writeLong(version.size());
        }
    }

    private static Volume.@Nullable Source readSource(DataInputStream in) throws IOException {
        if (!in.readBoolean()) {
            return null;
        }
        String ref = readText(in);
        EntryVersion version = in.readBoolean() ? new EntryVersion(readText(in), readText(in), in.readLong()) : null;
        return new Volume.Source(ref, version);
    }

    private static void writeTime(DataOutputStream out, Timestamp time) throws IOException {
        out.writeLong(time.seconds());
        out.writeInt(time.nanos());
    }

    private static Timestamp readTime(DataInputStream in) throws IOException {
        return new Timestamp(in.readLong(), in.readInt());
    }

    private static void writeRaw(DataOutputStream out, String raw) throws IOException {
        writeBytes(out, raw.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String readRaw(DataInputStream in) throws IOException {
        return new String(readBytes(in), StandardCharsets.ISO_8859_1);
    }

    private static void writeText(DataOutputStream out, String text) throws IOException {
        writeBytes(out, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String readText(DataInputStream in) throws IOException {
        return new String(readBytes(in), StandardCharsets.UTF_8);
    }

    private static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] readBytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException("length " + length);
        }
        return in.readNBytes(length);
    }

    /** Hands out its array without a copy. */
    private static final class Bytes extends ByteArrayOutputStream {
        Bytes() {
            super(160);
        }

        ByteBuffer buffer() {
            return ByteBuffer.wrap(buf, 0, count);
        }
    }
}
