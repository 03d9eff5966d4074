package isle.fs.journal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A file of {@link PowerLossDisk}: what can be read, what is on the disk, and the changes between the two. */
final class MemoryFile {

    /** Bytes that grow. */
    static final class Bytes {
        byte[] content = new byte[256];
        int size;

        void put(int at, byte[] from) {
            put(at, from, 0, from.length);
        }

        void put(int at, byte[] from, int start, int length) {
            resize(Math.max(size, at + length));
            System.arraycopy(from, start, content, at, length);
        }

        void resize(int newSize) {
            if (newSize > content.length) {
                content = Arrays.copyOf(content, Math.max(newSize, content.length * 2));
            }
            if (newSize < size) {
                Arrays.fill(content, newSize, size, (byte) 0);
            }
            size = newSize;
        }

        byte[] visible() {
            return Arrays.copyOf(content, size);
        }

        void become(Bytes other) {
            content = other.content.clone();
            size = other.size;
        }
    }

    /** A write of bytes, or a cut when there are none. */
    private static final class Change {
        private final int at;
        private final byte @Nullable [] bytes;

        Change(int at, byte @Nullable [] bytes) {
            this.at = at;
            this.bytes = bytes;
        }
    }

    final Bytes bytes = new Bytes();
    private final Bytes onDisk = new Bytes();
    private final List<Change> pending = new ArrayList<>();

    void write(int at, byte[] written) {
        bytes.put(at, written);
        pending.add(new Change(at, written));
    }

    void truncate(int size) {
        bytes.resize(size);
        pending.add(new Change(size, null));
    }

    /** The changes are on the disk. */
    void makeDurable() {
        int from = Integer.MAX_VALUE;
        for (Change change : pending) {
            from = Math.min(from, change.at);
        }
        pending.clear();
        onDisk.resize(bytes.size);
        if (from < bytes.size) {
            onDisk.put(from, bytes.content, from, bytes.size - from);
        }
    }

    /** The changes will never be on the disk, but can be read until the memory is needed. */
    void loseTrack() {
        pending.clear();
    }

    /** Only for a file without pending changes of its own: shows what is on the disk. */
    void forgetLostPages() {
        bytes.become(onDisk);
        for (Change change : pending) {
            apply(change, bytes);
        }
    }

    void losePower(SplittableRandom random) {
        int mode = random.nextInt(4);
        int whole = random.nextInt(pending.size() + 1);
        int oldSize = onDisk.size;
        for (int i = 0; i < pending.size(); i++) {
            Change change = pending.get(i);
            byte[] written = change.bytes;
            switch (mode) {
                case 0 -> {}
                case 1 -> apply(change, onDisk);
                case 2 -> {
                    if (i < whole) {
                        apply(change, onDisk);
                    } else if (i == whole && written != null) {
                        onDisk.put(change.at, written, 0, random.nextInt(written.length + 1));
                    }
                }
                default -> {
                    if (written != null) {
                        scatter(change.at, written, random);
                    } else if (random.nextBoolean()) {
                        apply(change, onDisk);
                    }
                }
            }
        }
        if (mode == 3 && onDisk.size > oldSize && random.nextInt(3) == 0) {
            onDisk.resize(oldSize + random.nextInt(onDisk.size - oldSize + 1));
        }
        pending.clear();
        bytes.become(onDisk);
    }

    private static void apply(Change change, Bytes to) {
        byte[] written = change.bytes;
        if (written == null) {
            to.resize(change.at);
        } else {
            to.put(change.at, written);
        }
    }

    private void scatter(int at, byte[] written, SplittableRandom random) {
        onDisk.resize(Math.max(onDisk.size, at + written.length));
        int odds = 1 + random.nextInt(8);
        for (int from = at; from < at + written.length; ) {
            int to = Math.min(PowerLossDisk.sectorEnd(from), at + written.length);
            if (random.nextInt(8) < odds) {
                onDisk.put(from, written, from - at, to - from);
            }
            from = to;
        }
    }
}
