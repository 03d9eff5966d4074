package isle.fs.store;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes new content out of ranges of objects and parts that are there, by giving their content files second names: a
 * copy, a part taken from an object, an upload completed. Bytes are copied only where sharing would waste.
 */
final class Assembler {

    /** Shorter ranges are copied, so that an object does not fall into ever more and smaller pieces. */
    private static final long MIN_SHARED_BYTES = 64 * 1024;

    /** A range shares its file when it is at least this part of it: else a few bytes might keep a large file alive. */
    private static final int MAX_WASTE = 2;

    private static final int BUFFER_BYTES = 128 * 1024;

    private final ObjectFiles files;
    private final Place target;
    private final long serial;
    private final List<Path> made = new ArrayList<>();
    private final List<Extent> extents = new ArrayList<>();

    private Assembler(ObjectFiles files, Place target) {
        this.files = files;
        this.target = target;
        this.serial = files.nextSerial();
    }

    /** A range of the content of an object or a part. */
    record Piece(Place place, Header header, long offset, long length) {

        static Piece whole(Place place, Header header) {
            return new Piece(place, header, 0, header.entry().size());
        }
    }

    /**
     * The pieces one after the other as content at the target, which nothing refers to yet.
     *
     * @throws NoSuchFileException a source was replaced meanwhile; nothing is left behind
     */
    static Content assemble(ObjectFiles files, List<Piece> pieces, Place target) throws IOException {
        long total = pieces.stream().mapToLong(Piece::length).sum();
        if (total <= ObjectFiles.MAX_INLINE_BYTES) {
            ByteBuffer whole = ByteBuffer.allocate((int) total);
            for (Piece piece : pieces) {
                whole.limit(whole.position() + (int) piece.length());
                files.read(piece.place(), piece.header().entry(), piece.offset(), whole);
            }
            return Content.inline(whole.array());
        }
        Assembler assembler = new Assembler(files, target);
        boolean done = false;
        try {
            assembler.add(pieces);
            done = true;
            return Content.files(assembler.serial, assembler.made.size(), assembler.extents);
        } finally {
            if (!done) {
                assembler.made.forEach(files.disk()::discard);
            }
        }
    }

    private void add(List<Piece> pieces) throws IOException {
        List<Piece> run = new ArrayList<>();
        for (Piece piece : pieces) {
            for (Slice slice : slices(piece)) {
                if (slice.isWorthSharing()) {
                    copy(run);
                    run.clear();
                    if (share(slice)) {
                        continue;
                    }
                }
                run.add(slice.piece());
            }
        }
        copy(run);
    }

    /** A range of a piece that lies in one extent; the extent is null when the content lies in the header file. */
    private record Slice(Piece piece, @Nullable Extent extent) {

        boolean isWorthSharing() {
            return extent != null
                    && extent.length() >= MIN_SHARED_BYTES
                    && extent.length() >= extent.fileLength() / MAX_WASTE;
        }
    }

    private static List<Slice> slices(Piece piece) {
        Header header = piece.header();
        if (header.isInline()) {
            return piece.length() == 0 ? List.of() : List.of(new Slice(piece, null));
        }
        List<Slice> slices = new ArrayList<>();
        long start = 0;
        for (Extent extent : header.extents()) {
            long from = Math.max(piece.offset(), start);
            long to = Math.min(piece.offset() + piece.length(), start + extent.length());
            if (from < to) {
                long offset = extent.offset() + from - start;
                Extent part = new Extent(extent.file(), offset, to - from, extent.fileLength());
                slices.add(new Slice(new Piece(piece.place(), header, from, to - from), part));
            }
            start += extent.length();
        }
        return slices;
    }

    /** False when the file system cannot give this file another name. */
    private boolean share(Slice slice) throws IOException {
        Extent of = requireNonNull(slice.extent());
        Piece piece = slice.piece();
        Path file = piece.place().content(piece.header().entry().content(), of.file());
        Path link = target.content(serial, made.size());
        try {
            files.disk().link(file, link);
        } catch (NoSuchFileException | FileAlreadyExistsException e) {
            throw e;
        } catch (UnsupportedOperationException | FileSystemException e) {
            // No hard links here, or too many of this file. If the disk has failed, copying will say so.
            return false;
        }
        extents.add(new Extent(made.size(), of.offset(), of.length(), of.fileLength()));
        made.add(link);
        return true;
    }

    /** Copies the pieces of a run into one file. */
    private void copy(List<Piece> run) throws IOException {
        if (run.isEmpty()) {
            return;
        }
        Path path = target.content(serial, made.size());
        made.add(path);
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        try (ContentFile.Writer out = new ContentFile.Writer(files.disk(), path)) {
            for (Piece piece : run) {
                long end = piece.offset() + piece.length();
                for (long at = piece.offset(); at < end; at += buffer.limit()) {
                    buffer.clear().limit((int) Math.min(buffer.capacity(), end - at));
                    files.read(piece.place(), piece.header().entry(), at, buffer);
                    out.write(buffer.flip());
                }
            }
            long length = out.finish();
            extents.add(new Extent(made.size() - 1, 0, length, length));
        }
    }
}
