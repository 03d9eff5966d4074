package isle.fs.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what a segment file holds: by its index if it has a good one, else record by record up to the first bad one. */
final class DiskScan {

    /** @param end where the last record ends */
    record Found(List<Run> runs, long end) {}

    private DiskScan() {}

    /** Null when the file is not one of ours, or of another version. */
    static @Nullable Found scan(Segment segment) throws IOException {
        long size = segment.size();
        ByteBuffer start = read(segment, 0, RecordCodec.FILE_HEADER_BYTES, size);
        if (start == null || !RecordCodec.isFileHeader(start)) {
            return null;
        }
        Found byIndex = byIndex(segment, size);
        return byIndex != null ? byIndex : byRecords(segment, size);
    }

    private static @Nullable Found byIndex(Segment segment, long size) throws IOException {
        ByteBuffer end = read(segment, size - RecordCodec.TRAILER_BYTES, RecordCodec.TRAILER_BYTES, size);
        RecordCodec.Trailer trailer = end == null ? null : RecordCodec.takeTrailer(end);
        if (trailer == null) {
            return null;
        }
        ByteBuffer index = read(segment, trailer.indexOffset(), trailer.indexBytes(), size);
        if (index == null || RecordCodec.checksum(index, 0, index.limit()) != trailer.indexChecksum()) {
            return null;
        }
        List<Run> runs = new ArrayList<>();
        while (index.remaining() > Long.BYTES) {
            long offset = index.getLong();
            RecordCodec.Header header = RecordCodec.takeHeader(index);
            if (header == null || offset < 0 || offset > trailer.indexOffset() - header.dataBytes()) {
                return null;
            }
            runs.add(new Run(segment, offset, header));
        }
        return new Found(runs, trailer.indexOffset());
    }

    private static Found byRecords(Segment segment, long size) throws IOException {
        List<Run> runs = new ArrayList<>();
        long at = RecordCodec.FILE_HEADER_BYTES;
        while (true) {
            int length = (int) Math.min(RecordCodec.LONGEST_HEADER_BYTES, size - at);
            ByteBuffer bytes = read(segment, at, length, size);
            RecordCodec.Header header = bytes == null ? null : RecordCodec.takeHeader(bytes);
            if (header == null || header.recordBytes() > size - at) {
                return new Found(runs, at);
            }
            runs.add(new Run(segment, at + header.headerBytes(), header));
            at += header.recordBytes();
        }
    }

    /** Null when the range is not within the file. */
    private static @Nullable ByteBuffer read(Segment segment, long offset, int length, long size) throws IOException {
        if (offset < 0 || length < 0 || offset > size - length) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.allocate(length);
        return segment.read(offset, bytes) ? bytes.flip() : null;
    }
}
