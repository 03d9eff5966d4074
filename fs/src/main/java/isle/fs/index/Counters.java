package isle.fs.index;

import isle.fs.model.ByteSink;
import isle.fs.model.ByteSource;
import isle.fs.model.FsException;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * The one row that is written in every transaction: what is counted per volume, and the fingerprints of all tables. A
 * transaction works on a copy.
 */
final class Counters {

    private static final int CLEAN = 1;

    /** Rows of the entry table. */
    Fingerprint entries = Fingerprint.EMPTY;

    /** Sum over all entries of the low 32 bits of their inodes, modulo 2^64: the fingerprint of the index by inode. */
    long inodeSum;

    /** Rows of the directory table. */
    Fingerprint directories = Fingerprint.EMPTY;

    /** Rows of the meta table. */
    Fingerprint meta = Fingerprint.EMPTY;

    /** Whether the file was closed in good order and not opened since. */
    boolean clean;

    private final Map<Long, VolumeCounters> volumes = new TreeMap<>();

    /**
     * @param next lowest counter of inode numbers that was not given yet
     * @param entries see {@link Totals}
     * @param bytes see {@link Totals}
     */
    record VolumeCounters(long next, long entries, long bytes) {
        Totals totals() {
            return new Totals(entries, bytes);
        }
    }

    Counters copy() {
        Counters copy = new Counters();
        copy.entries = entries;
        copy.inodeSum = inodeSum;
        copy.directories = directories;
        copy.meta = meta;
        copy.clean = clean;
        copy.volumes.putAll(volumes);
        return copy;
    }

    Map<Long, VolumeCounters> volumes() {
        return volumes;
    }

    Totals totals(long volume) {
        VolumeCounters counters = volumes.get(volume);
        return counters == null ? new Totals(0, 0) : counters.totals();
    }

    /** The counters of a volume; one that was never met starts at a counter that {@code freshFloor} gives. */
    VolumeCounters volume(long volume, LongSupplier freshFloor) {
        VolumeCounters known = volumes.get(volume);
        if (known != null) {
            return known;
        }
        long floor = freshFloor.getAsLong();
        if (floor < 0 || floor > InodeNumbers.MAX_COUNTER) {
            throw new IllegalArgumentException("floor of inode counters " + floor);
        }
        VolumeCounters fresh = new VolumeCounters(Math.max(floor, InodeNumbers.FIRST + 1), 0, 0);
        volumes.put(volume, fresh);
        return fresh;
    }

    /** No number with this counter or a lower one will be given. */
    void raise(long volume, long counter, LongSupplier freshFloor) {
        VolumeCounters now = volume(volume, freshFloor);
        if (counter >= now.next) {
            volumes.put(volume, new VolumeCounters(counter + 1, now.entries, now.bytes));
        }
    }

    /** Skips so many numbers in every volume. */
    void skip(long count) {
        long most = InodeNumbers.MAX_COUNTER + 1;
        volumes.replaceAll(
                (volume, now) -> new VolumeCounters(Math.min(now.next + count, most), now.entries, now.bytes));
    }

    /** Counts an entry in, or out when {@code sign} is -1. */
    void count(IndexEntry entry, long crc, int sign) {
        entries = sign > 0 ? entries.with(crc) : entries.without(crc);
        inodeSum += sign * sumOf(entry.inode());
        if (!InodeNumbers.isRoot(entry.inode())) {
            volumes.computeIfPresent(
                    InodeNumbers.volumeOf(entry.inode()),
                    (volume, now) ->
                            new VolumeCounters(now.next, now.entries + sign, now.bytes + sign * entry.contentBytes()));
        }
    }

    /** What an inode adds to {@link #inodeSum}. */
    static long sumOf(long inode) {
        return inode & 0xffff_ffffL;
    }

    byte[] encode() {
        ByteSink sink = new ByteSink();
        sink.putByte(clean ? CLEAN : 0);
        entries.write(sink);
        sink.putSigned(inodeSum);
        directories.write(sink);
        meta.write(sink);
        sink.putUnsigned(volumes.size());
        volumes.forEach((volume, v) -> {
            sink.putUnsigned(volume);
            sink.putUnsigned(v.next);
            sink.putUnsigned(v.entries);
            sink.putUnsigned(v.bytes);
        });
        return sink.toBytes();
    }

    static Counters decode(long crc, byte[] data) throws FsException {
        RowCodec.check(crc, RowCodec.crc(0, data));
        try {
            Counters counters = new Counters();
            ByteSource source = new ByteSource(data);
            counters.clean = (source.getByte() & CLEAN) != 0;
            counters.entries = Fingerprint.read(source);
            counters.inodeSum = source.getSigned();
            counters.directories = Fingerprint.read(source);
            counters.meta = Fingerprint.read(source);
            long count = source.getUnsigned();
            for (long i = 0; i < count; i++) {
                counters.volumes.put(
                        source.getUnsigned(),
                        new VolumeCounters(source.getUnsigned(), source.getUnsigned(), source.getUnsigned()));
            }
            source.expectEnd();
            return counters;
        } catch (IllegalArgumentException e) {
            throw new FsException.Corrupt("the index has counters that do not decode", e);
        }
    }
}
