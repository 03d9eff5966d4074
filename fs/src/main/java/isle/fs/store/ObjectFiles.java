package isle.fs.store;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.zip.CRC32C;

/**
 * An object, or a part of an upload, as files at its {@link Place}: a header file, which has small content too, and
 * content files. A file that is gone is a {@link java.nio.file.NoSuchFileException}: the object was replaced meanwhile.
 */
final class ObjectFiles {

    /** Content up to here lies in the header file: one file to write, one to force, one to read. */
    static final int MAX_INLINE_BYTES = 64 * 1024;

    private static final int BUFFER_BYTES = 128 * 1024;

    /** What the first read asks for beside inline content: headers are seldom longer. */
    private static final int HEADER_GUESS_BYTES = 1024;

    private final Disk disk;
    private final Path temporary;
    private final LongSupplier serials;

    /**
     * Files that are written by way of a directory for temporary files.
     *
     * @param temporary directory on the same file system, for header files that are being written
     * @param serials gives the number of the next file
     */
    ObjectFiles(Disk disk, Path temporary, LongSupplier serials) {
        this.disk = disk;
        this.temporary = temporary;
        this.serials = serials;
    }

    Disk disk() {
        return disk;
    }

    long nextSerial() {
        return serials.getAsLong();
    }

    /** Takes a body to the disk, or into memory when it is small. Nothing refers to it yet. */
    Content spool(Place place, Body body) throws IOException {
        if (body.size() <= MAX_INLINE_BYTES) {
            return Content.inline(BodyReader.readAll(body));
        }
        long serial = nextSerial();
        Path path = place.content(serial, 0);
        boolean written = false;
        try (BodyReader in = BodyReader.open(body);
                ContentFile.Writer out = new ContentFile.Writer(disk, path)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            int n;
            while ((n = in.read(buffer, 0)) > 0) {
                out.write(ByteBuffer.wrap(buffer, 0, n));
            }
            long length = out.finish();
            written = true;
            return Content.files(serial, 1, List.of(new Extent(0, 0, length, length)));
        } finally {
            if (!written) {
                disk.discard(path);
            }
        }
    }

    /** The header of a new version, with a serial of its own. The etag is two numbers. */
    Header describe(
            ObjectKey key, Content content, long etagHigh, long etagLow, long modifiedMillis, ObjectMetadata metadata) {
        Entry entry = new Entry(
                nextSerial(), content.serial(), content.files(), etagHigh, etagLow, modifiedMillis, content.size());
        CRC32C crc = new CRC32C();
        crc.update(content.inline());
        return new Header(key, entry, metadata, (int) crc.getValue(), content.extents());
    }

    /**
     * Makes a header file with its content appear at its place, durably. If this fails, the file may be there or not:
     * {@link #names} says what to remove.
     *
     * @param header has the extents and the sizes of {@code content}
     */
    void publish(Place place, Header header, Content content) throws IOException {
        if (content.files() > 0 && content.isFresh()) {
            // The header must not be seen after a power cut without what it refers to.
            disk.forceDirectory(place.directory());
        }
        Path written = temporary.resolve(Long.toHexString(header.entry().serial()));
        boolean moved = false;
        try (Disk.OpenFile file = disk.create(written)) {
            byte[] bytes = HeaderCodec.encode(header);
            ByteBuffer whole = ByteBuffer.allocate(bytes.length + content.inline().length);
            file.write(whole.put(bytes).put(content.inline()).flip());
            file.force();
            disk.rename(written, place.header(header.entry().serial()));
            moved = true;
        } finally {
            if (!moved) {
                disk.discard(written);
            }
        }
        disk.forceDirectory(place.directory());
    }

    /** The files of an object; those of its content only if {@code content} is true. The header comes first. */
    static List<Path> names(Place place, Entry entry, boolean content) {
        List<Path> names = new ArrayList<>();
        names.add(place.header(entry.serial()));
        if (content) {
            names.addAll(contentNames(place, entry.content(), entry.files()));
        }
        return names;
    }

    static List<Path> contentNames(Place place, long serial, int files) {
        List<Path> names = new ArrayList<>();
        for (int i = 0; i < files; i++) {
            names.add(place.content(serial, i));
        }
        return names;
    }

    /** Removes content that will not become an object. */
    void discard(Place place, Content content) {
        if (content.isFresh()) {
            contentNames(place, content.serial(), content.files()).forEach(disk::discard);
        }
    }

    /** Reads and checks the header file with this serial, whatever it holds. */
    Header readHeader(Place place, long serial) throws IOException {
        Path path = place.header(serial);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            Header header = decode(path, readStart(path, channel, HEADER_GUESS_BYTES));
            if (header.entry().serial() != serial) {
                throw new FsException.Corrupt(path.getFileName() + " is not the file it says");
            }
            return header;
        }
    }

    /**
     * Reads from {@code offset} until the buffer is full or the content ends.
     *
     * @param entry what the index says is there; something else is damage
     */
    Header read(Place place, Entry entry, long offset, ByteBuffer into) throws IOException {
        Path path = place.header(entry.serial());
        Header header;
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            int inline = entry.files() == 0 ? (int) entry.size() : 0;
            ByteBuffer start = readStart(path, channel, HEADER_GUESS_BYTES + inline);
            header = decode(path, start);
            if (!header.entry().equals(entry)) {
                throw new FsException.Corrupt(path.getFileName() + " is not the file that the index knows");
            }
            if (header.isInline()) {
                readInline(path, header, start, offset, into);
            }
        }
        if (!header.isInline()) {
            long end = Math.min(entry.size(), offset + Math.min(into.remaining(), entry.size()));
            readExtents(place, header, offset, end, into);
        }
        return header;
    }

    private static void readInline(Path path, Header header, ByteBuffer start, long offset, ByteBuffer into)
            throws FsException {
        ByteBuffer content = start.duplicate().position(HeaderCodec.length(start));
        CRC32C crc = new CRC32C();
        crc.update(content.duplicate());
        if (content.remaining() != header.entry().size() || (int) crc.getValue() != header.checksum()) {
            throw new FsException.Corrupt(path.getFileName() + " has damaged content");
        }
        if (offset < content.remaining()) {
            content.position(content.position() + (int) offset);
            content.limit(content.position() + Math.min(content.remaining(), into.remaining()));
            into.put(content);
        }
    }

    private static void readExtents(Place place, Header header, long offset, long end, ByteBuffer into)
            throws IOException {
        long start = 0;
        for (Extent extent : header.extents()) {
            long from = Math.max(offset, start);
            long to = Math.min(end, start + extent.length());
            if (from < to) {
                Path path = place.content(header.entry().content(), extent.file());
                ContentFile.read(path, extent.fileLength(), extent.offset() + from - start, (int) (to - from), into);
            }
            start += extent.length();
        }
    }

    private static Header decode(Path path, ByteBuffer start) throws FsException {
        try {
            Header header = HeaderCodec.decode(start, HeaderCodec.length(start));
            long size = header.extents().stream().mapToLong(Extent::length).sum();
            if (!header.isInline() && size != header.entry().size()) {
                throw new FsException.Corrupt("its extents have " + size + " bytes");
            }
            return header;
        } catch (FsException.Corrupt e) {
            throw new FsException.Corrupt("the header " + path.getFileName() + " is damaged: " + e.getMessage(), e);
        }
    }

    /** The beginning of a header file: at least the whole header, and as much more as one read gave. */
    private static ByteBuffer readStart(Path path, FileChannel channel, int guess) throws IOException {
        ByteBuffer start = fill(channel, ByteBuffer.allocate(guess));
        int length;
        try {
            length = HeaderCodec.length(start);
        } catch (FsException.Corrupt e) {
            throw new FsException.Corrupt("the header " + path.getFileName() + " is damaged: " + e.getMessage(), e);
        }
        if (length > start.limit() || start.limit() == guess) {
            // A longer header, or (rare) content behind one: once more with all there is.
            long size = Math.min(channel.size(), (long) length + MAX_INLINE_BYTES + 1);
            start = fill(channel, ByteBuffer.allocate((int) size));
        }
        if (length > start.limit()) {
            throw new FsException.Corrupt("the header " + path.getFileName() + " is cut off");
        }
        return start;
    }

    private static ByteBuffer fill(FileChannel channel, ByteBuffer into) throws IOException {
        while (into.hasRemaining() && channel.read(into, into.position()) >= 0) {
            // Until it is full or the file ends.
        }
        return into.flip();
    }
}
