package isle.fs.cache;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Where on disk each block lies, in memory: about 200 bytes for each run. Runs of one group are a chain; the newest is
 * its head. Thread-safe; looking up takes no lock.
 */
final class RunIndex {

    private record Group(ContentKey content, long number) {
        @Override
        public int hashCode() {
            return content.hashCode() + Long.hashCode(number) * 0x9E3779B9;
        }
    }

    private final ConcurrentHashMap<Group, Run> groups = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Integer, LongAdder> bytesByVolume = new ConcurrentHashMap<>();
    private final AtomicInteger runs = new AtomicInteger();

    int size() {
        return runs.get();
    }

    /** Sealed bytes of a volume's blocks. */
    long bytesOf(int volume) {
        LongAdder bytes = bytesByVolume.get(volume);
        return bytes == null ? 0 : bytes.sum();
    }

    private static Group groupOf(ContentKey content, long block) {
        return new Group(content, block / Grid.BLOCKS_PER_GROUP);
    }

    /** A run that has the block; a pinned one if there is one. */
    @Nullable Run find(ContentKey content, long block) {
        Run found = null;
        for (Run run = groups.get(groupOf(content, block)); run != null; run = run.next) {
            if (run.has(block) && (found == null || run.segment().pinned())) {
                found = run;
            }
        }
        return found;
    }

    /** Which blocks of a unit are here, a bit each. */
    int mask(ContentKey content, long unit, boolean pinnedOnly) {
        int mask = 0;
        Run run = groups.get(new Group(content, unit / Grid.UNITS_PER_GROUP));
        for (; run != null; run = run.next) {
            if (!pinnedOnly || run.segment().pinned()) {
                mask |= Grid.maskOf(run.header().first(), run.header().end(), unit);
            }
        }
        return mask;
    }

    void add(Run run) {
        groups.compute(groupOf(run.header().key(), run.header().first()), (group, head) -> {
            run.next = head;
            return run;
        });
        runs.incrementAndGet();
        count(run, run.header().dataBytes());
    }

    /** False when it was not there any more. */
    boolean remove(Run run) {
        boolean[] removed = new boolean[1];
        groups.computeIfPresent(groupOf(run.header().key(), run.header().first()), (group, head) -> {
            if (head == run) {
                removed[0] = true;
                return run.next;
            }
            for (Run before = head; before != null; before = before.next) {
                if (before.next == run) {
                    // Who stands on the run just now goes on from it to those behind it.
                    before.next = run.next;
                    removed[0] = true;
                    break;
                }
            }
            return head;
        });
        if (removed[0]) {
            run.setDead();
            runs.decrementAndGet();
            count(run, -run.header().dataBytes());
        }
        return removed[0];
    }

    private void count(Run run, long bytes) {
        bytesByVolume
                .computeIfAbsent(run.header().key().volume(), volume -> new LongAdder())
                .add(bytes);
    }
}
