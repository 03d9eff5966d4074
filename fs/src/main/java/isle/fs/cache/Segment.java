package isle.fs.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One file of the disk tier: records that were appended, and in the end an index of them. Reading and writing at an
 * offset may be done by any thread; the rest is guarded by the lock of the disk tier.
 */
final class Segment {

    private final CacheFiles files;
    private final OpenFiles openFiles;
    private final Object channelLock = new Object();

    // Guarded by channelLock.
    private Path path;
    private @Nullable FileChannel channel;
    private volatile boolean gone;

    private volatile boolean pinned;

    // Guarded by the disk tier's lock.
    private final List<Run> runs = new ArrayList<>();
    private long end;
    private long indexBytes;
    private long charge;
    private int writers;
    private boolean full;

    Segment(CacheFiles files, OpenFiles openFiles, Path path, boolean pinned) {
        this.files = files;
        this.openFiles = openFiles;
        this.path = path;
        this.pinned = pinned;
    }

    /** Whether it is kept whatever the cap says. */
    boolean pinned() {
        return pinned;
    }

    /** Whether its file is deleted or about to be, or the cache is closed. */
    boolean isGone() {
        return gone;
    }

    /** The runs that were written here and may still be in the index, in order of their writing. */
    List<Run> runs() {
        return runs;
    }

    /** Where the next record goes. */
    long end() {
        return end;
    }

    void setEnd(long end) {
        this.end = end;
    }

    /** Bytes that it counts as. */
    long charge() {
        return charge;
    }

    void setCharge(long charge) {
        this.charge = charge;
    }

    /** Whether a record fits, with everything that has to follow it. */
    boolean hasRoom(RecordCodec.Header header, long capacity) {
        long total = end + header.recordBytes() + indexBytes + header.indexEntryBytes() + RecordCodec.TRAILER_BYTES;
        return !full && total <= capacity;
    }

    /** Takes the place for a record; {@link #written} follows. */
    long reserve(RecordCodec.Header header) {
        long offset = end;
        end += header.recordBytes();
        indexBytes += header.indexEntryBytes();
        writers++;
        return offset;
    }

    /** The run is null when the record could not be written. Returns true when the index has to be written now. */
    boolean written(@Nullable Run run) {
        if (run != null) {
            runs.add(run);
        }
        writers--;
        return full && writers == 0;
    }

    /** A record that was there already when the daemon started. */
    void found(Run run) {
        runs.add(run);
        indexBytes += run.header().indexEntryBytes();
    }

    /** Takes no more records. Returns true when the index has to be written now. */
    boolean setFull() {
        full = true;
        return writers == 0;
    }

    /** Takes records again, behind those that were found. */
    void setOpenEnded() {
        full = false;
    }

    /** Reads until {@code into} is full. False when the file is shorter, or is gone. */
    boolean read(long offset, ByteBuffer into) throws IOException {
        long at = offset;
        while (into.hasRemaining()) {
            int count = uninterrupted(at, into, false);
            if (count <= 0) {
                return false;
            }
            at += count;
        }
        return true;
    }

    void write(long offset, ByteBuffer from) throws IOException {
        long at = offset;
        while (from.hasRemaining()) {
            int count = uninterrupted(at, from, true);
            if (count < 0) {
                throw new ClosedChannelException();
            }
            at += count;
        }
    }

    /**
     * A thread that is interrupted closes the channel it uses, for all others too: so the interrupt is put aside, and a
     * channel that was closed all the same is opened again.
     *
     * @return -1 when the segment is gone
     */
    private int uninterrupted(long at, ByteBuffer bytes, boolean write) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                FileChannel open = open();
                if (open == null) {
                    return -1;
                }
                int position = bytes.position();
                int limit = bytes.limit();
                try {
                    if (!bytes.isDirect()) {
                        // The JDK keeps a copy outside the heap for each thread, as long as the longest transfer.
                        bytes.limit(Math.min(limit, position + Grid.UNIT_BYTES));
                    }
                    return write ? open.write(bytes, at) : open.read(bytes, at);
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                    bytes.position(position);
                } catch (ClosedChannelException e) {
                    // By an interrupt of another thread, or because the segment was dropped: the next turn tells.
                    bytes.position(position);
                } finally {
                    bytes.limit(limit);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private @Nullable FileChannel open() throws IOException {
        FileChannel opened;
        synchronized (channelLock) {
            if (gone || (channel != null && channel.isOpen())) {
                return gone ? null : channel;
            }
            opened = files.open(path, false);
            channel = opened;
        }
        // Not under the lock: this may close the channel of another segment.
        openFiles.opened(this);
        return opened;
    }

    /** Closes the file until it is needed again, also under those who use it. */
    void closeFile() throws IOException {
        synchronized (channelLock) {
            if (channel != null) {
                channel.close();
            }
        }
    }

    long size() throws IOException {
        synchronized (channelLock) {
            return gone ? 0 : files.size(path);
        }
    }

    /** Cuts off what is behind the last record. */
    void truncate() throws IOException {
        FileChannel file = open();
        if (file != null) {
            file.truncate(end);
        }
    }

    /** Writes the index behind the last record, unless it would pass the capacity: a scan of all records does too. */
    void writeIndex(long capacity) throws IOException {
        List<Run> live = runs.stream().filter(Run::isLive).toList();
        int length =
                live.stream().mapToInt(run -> run.header().indexEntryBytes()).sum();
        if (end + length + RecordCodec.TRAILER_BYTES > capacity) {
            return;
        }
        ByteBuffer index = ByteBuffer.allocate(length);
        for (Run run : live) {
            index.putLong(run.offset());
            RecordCodec.putHeader(run.header(), index);
        }
        int checksum = RecordCodec.checksum(index, 0, length);
        write(end, index.flip());
        write(end + length, RecordCodec.trailer(new RecordCodec.Trailer(end, length, checksum)));
    }

    /** Is no longer pinned, and has another name. */
    void becomeOrdinary(Path newPath) throws IOException {
        synchronized (channelLock) {
            files.rename(path, newPath);
            path = newPath;
        }
        pinned = false;
    }

    /** Ends its use. Who reads from it meanwhile finds nothing. */
    void close() throws IOException {
        gone = true;
        closeFile();
    }

    void delete() throws IOException {
        close();
        synchronized (channelLock) {
            files.delete(path);
        }
    }
}
