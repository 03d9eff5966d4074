package isle.fs.store;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import isle.fs.model.ObjectKey;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What the headers say, once more in one file, so that a start need not open every header. Nothing depends on it: header
 * files never change and their serials are never used again, so a record is right or of no use, and what has no record
 * is read from its header. Hence it is never forced, and no failure of it fails anything else.
 */
final class IndexLog implements Closeable {

    /** "ISLEIDX" and the format version. */
    private static final long MAGIC = 0x49534c4549445801L;

    private static final int MAX_RECORD_BYTES = Entry.BYTES + ObjectKey.MAX_BYTES;
    private static final int MIN_WASTED_RECORDS = 4096;

    /** Up to a tenth of the records may be out of order. */
    private static final int MAX_UNSORTED = 10;

    private static final int MIN_UNSORTED_RECORDS = 1024;
    private static final int READ_BUFFER_BYTES = 1024 * 1024;

    private final Path path;
    private final Disk disk;

    /**
     * Null when it cannot be written: the next start has to look at headers then. A stream, because an interrupt would
     * close a channel for good.
     */
    @GuardedBy("this") private @Nullable OutputStream out;

    @GuardedBy("this") private long records;

    /** Records that are not in the order of keys, because they came since the log was last rewritten. */
    @GuardedBy("this") private long unsorted;

    private IndexLog(Path path, Disk disk) {
        this.path = path;
        this.disk = disk;
    }

    /** A record: an object and its key. */
    record Known(String key, Entry entry) {}

    /**
     * What a log holds.
     *
     * @param known records by serial, outdated ones too, in the order of the log
     * @param records how many records there are
     * @param validBytes how much of the file could be read; 0 when it is none
     */
    record Contents(Map<Long, Known> known, long records, long validBytes) {
        static final Contents NONE = new Contents(Map.of(), 0, 0);
    }

    /** Reads as far as the records are whole. */
    static Contents read(Path path) {
        Map<Long, Known> known = new LinkedHashMap<>();
        long valid = 0;
        long records = 0;
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(path), READ_BUFFER_BYTES))) {
            if (in.readLong() != MAGIC) {
                return Contents.NONE;
            }
            valid = Long.BYTES;
            byte[] record = new byte[MAX_RECORD_BYTES];
            CRC32C crc = new CRC32C();
            while (true) {
                int length = in.readInt();
                int checksum = in.readInt();
                if (length <= Entry.BYTES || length > MAX_RECORD_BYTES) {
                    break;
                }
                in.readFully(record, 0, length);
                crc.reset();
                crc.update(record, 0, length);
                if ((int) crc.getValue() != checksum) {
                    break;
                }
                Entry entry = HeaderCodec.getEntry(ByteBuffer.wrap(record));
                String key = new String(record, Entry.BYTES, length - Entry.BYTES, StandardCharsets.UTF_8);
                known.put(entry.serial(), new Known(key, entry));
                records++;
                valid += 2 * Integer.BYTES + length;
            }
        } catch (EOFException | NoSuchFileException e) {
            // The end, or a record that was being written at the last end.
        } catch (IOException e) {
            // What was read is good all the same.
        }
        return new Contents(known, records, valid);
    }

    /** Goes on writing after what {@link #read} found. */
    static IndexLog resume(Path path, Disk disk, Contents contents) {
        IndexLog log = new IndexLog(path, disk);
        log.reopen(contents.validBytes(), contents.records());
        return log;
    }

    /** A log that is never written: for a store that is open for reading only. */
    static IndexLog none(Path path, Disk disk) {
        return new IndexLog(path, disk);
    }

    private synchronized void reopen(long validBytes, long validRecords) {
        records = validRecords;
        try {
            // Appends go behind the last whole record, not behind a torn one.
            FileOutputStream stream = new FileOutputStream(path.toFile(), true);
            out = stream;
            stream.getChannel().truncate(validBytes);
            if (validBytes == 0) {
                stream.write(ByteBuffer.allocate(Long.BYTES).putLong(MAGIC).array());
            }
        } catch (IOException e) {
            abandon();
        }
    }

    synchronized void append(String key, Entry entry) {
        if (out == null) {
            return;
        }
        try {
            out.write(encode(key, entry));
            records++;
            unsorted++;
        } catch (IOException e) {
            // A disk that is full: half a record ends the log for its readers too.
            abandon();
        }
    }

    /** True when the log has so many outdated records that it should be rewritten. */
    synchronized boolean isWasteful(int objects) {
        return records > 2L * objects + MIN_WASTED_RECORDS;
    }

    /** True when so much was appended that the next start would be faster with a log in order. */
    synchronized boolean isUnsorted(int objects) {
        return unsorted > objects / MAX_UNSORTED + MIN_UNSORTED_RECORDS;
    }

    /** Replaces the log by one that has only these objects, in the order of keys. */
    synchronized void rewrite(Map<String, Entry> objects) {
        abandon();
        long count = 0;
        Path temporary = path.resolveSibling(path.getFileName() + ".new");
        long length = Long.BYTES;
        disk.discard(temporary);
        try (Disk.OpenFile file = disk.create(temporary)) {
            ByteBuffer buffer = ByteBuffer.allocate(READ_BUFFER_BYTES);
            buffer.putLong(MAGIC);
            for (Map.Entry<String, Entry> object : objects.entrySet()) {
                byte[] record = encode(object.getKey(), object.getValue());
                if (buffer.remaining() < record.length) {
                    file.write(buffer.flip());
                    buffer.clear();
                }
                buffer.put(record);
                length += record.length;
                count++;
            }
            file.write(buffer.flip());
            file.force();
            disk.rename(temporary, path);
        } catch (IOException e) {
            disk.discard(temporary);
            return;
        }
        reopen(length, count);
        unsorted = 0;
    }

    private static byte[] encode(String key, Entry entry) {
        HeaderCodec.Writer record = new HeaderCodec.Writer();
        record.putInt(0);
        record.putInt(0);
        HeaderCodec.putEntry(record, entry);
        record.putBytes(key.getBytes(StandardCharsets.UTF_8));
        byte[] bytes = record.toByteArray();
        CRC32C crc = new CRC32C();
        int start = 2 * Integer.BYTES;
        crc.update(bytes, start, bytes.length - start);
        ByteBuffer.wrap(bytes).putInt(bytes.length - start).putInt((int) crc.getValue());
        return bytes;
    }

    private synchronized void abandon() {
        OutputStream stream = out;
        out = null;
        if (stream != null) {
            try {
                stream.close();
            } catch (IOException e) {
                // It is not needed any more.
            }
        }
    }

    @Override
    public synchronized void close() {
        abandon();
    }
}
