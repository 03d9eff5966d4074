package isle.fs.journal;

import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An owner as simple as one can be: a set of things with data, changed by numbered steps. It knows all steps that were
 * ever asked for, so it can say whether what a journal recovers is the state after one of them, and after which.
 */
final class ModelOwner {

    private static final int PUT = 1;
    private static final int DROP = 2;
    private static final int STATE = 3;
    private static final int STATE_ENTRY = 4;

    /** A thing put, or dropped when {@code bytes} is negative. */
    private record Step(long id, int bytes) {}

    private final Kept kept;

    /** All steps whose append returned or may have been written nevertheless. */
    private final List<Step> asked = new ArrayList<>();

    /** Steps whose append returned. */
    private int returned;

    /** Steps that were returned before a force that returned. */
    private int forced;

    private long nextId = 1;
    private final TreeMap<Long, DataLocation> live = new TreeMap<>();
    private int stepsApplied;
    private final List<Damage> damages = new ArrayList<>();
    private @Nullable Journal journal;

    ModelOwner(Kept kept) {
        this.kept = kept;
    }

    Journal open(PowerLossDisk disk, JournalSettings settings) throws FsException {
        live.clear();
        stepsApplied = 0;
        damages.clear();
        long[] last = {0};
        Journal opened = kept.open(disk, settings, new Journal.Recovery() {
            @Override
            public void record(long sequence, int type, ByteBuffer body, @Nullable DataLocation data) {
                require(sequence > last[0], "sequence " + sequence + " after " + last[0]);
                last[0] = sequence;
                replay(type, body, data);
            }

            @Override
            public void damaged(Damage damage) {
                damages.add(damage);
            }
        });
        journal = opened;
        return opened;
    }

    private void replay(int type, ByteBuffer body, @Nullable DataLocation data) {
        int step = body.getInt();
        long id = body.getLong();
        switch (type) {
            case STATE -> {
                live.clear();
                stepsApplied = step;
            }
            case STATE_ENTRY -> live.put(id, new DataLocation(body.getLong(), body.getInt(), body.getInt()));
            case PUT -> {
                require(step == stepsApplied + 1, "step " + step + " after " + stepsApplied);
                require(data != null, "a thing without data");
                stepsApplied = step;
                live.put(id, Objects.requireNonNull(data));
            }
            case DROP -> {
                require(step == stepsApplied + 1, "step " + step + " after " + stepsApplied);
                stepsApplied = step;
                live.remove(id);
            }
            default -> throw new AssertionError("type " + type);
        }
    }

    /** What recovered must be the state after some step that is not older than the last force (or, without power loss, the last append). */
    void check(boolean powerWasLost) throws FsException {
        require(damages.isEmpty(), "damage: " + damages);
        int least = powerWasLost ? forced : returned;
        require(stepsApplied >= least, "recovered " + stepsApplied + " steps, promised were " + least);
        require(stepsApplied <= asked.size(), "recovered " + stepsApplied + " steps, asked were " + asked.size());
        Set<Long> expected = new TreeSet<>();
        Map<Long, Integer> sizes = new HashMap<>();
        for (Step step : asked.subList(0, stepsApplied)) {
            if (step.bytes() < 0) {
                expected.remove(step.id());
            } else {
                expected.add(step.id());
                sizes.put(step.id(), step.bytes());
            }
        }
        require(expected.equals(live.keySet()), "things " + live.keySet() + " instead of " + expected);
        for (Map.Entry<Long, DataLocation> entry : live.entrySet()) {
            checkData(entry.getKey(), entry.getValue(), Objects.requireNonNull(sizes.get(entry.getKey())));
        }
        // What was lost with the power never happened.
        asked.subList(stepsApplied, asked.size()).clear();
        returned = stepsApplied;
        forced = stepsApplied;
    }

    private void checkData(long id, DataLocation location, int bytes) throws FsException {
        require(location.length() == bytes, "data of " + id + " has " + location.length() + " bytes");
        ByteBuffer found = Replayed.read(Objects.requireNonNull(journal), location);
        require(found.equals(Replayed.data(id, bytes)), "wrong data of " + id);
    }

    void startAccounting() throws FsException {
        Map<Long, Long> bytes = new HashMap<>();
        live.values().forEach(at -> bytes.merge(at.segment(), (long) at.length(), Long::sum));
        Objects.requireNonNull(journal).startAccounting(bytes);
    }

    void put(Journal j, int bytes) throws FsException {
        Step step = new Step(nextId++, bytes);
        asked.add(step);
        Appended appended =
                attempt(() -> j.append(PUT, body(asked.size(), step.id()), Replayed.data(step.id(), bytes)));
        live.put(step.id(), appended.location());
    }

    void dropSome(Journal j, SplittableRandom random) throws FsException {
        if (live.isEmpty()) {
            return;
        }
        Long chosen = live.ceilingKey(random.nextLong(live.firstKey(), live.lastKey() + 1));
        long id = chosen == null ? live.firstKey() : chosen;
        asked.add(new Step(id, -1));
        attempt(() -> j.append(DROP, body(asked.size(), id)));
        DataLocation gone = live.remove(id);
        if (gone != null) {
            j.release(gone.segment(), gone.length());
        }
    }

    private interface Attempt<T> {
        T run() throws FsException;
    }

    /** A refusal for lack of space leaves nothing; after any other failure the record may be there or not. */
    private <T> T attempt(Attempt<T> attempt) throws FsException {
        try {
            T result = attempt.run();
            returned = asked.size();
            return result;
        } catch (FsException.NoSpace e) {
            asked.remove(asked.size() - 1);
            throw e;
        }
    }

    void force(Journal j) throws FsException {
        int steps = returned;
        j.force();
        forced = Math.max(forced, steps);
    }

    void checkpoint(Journal j) throws FsException {
        j.checkpoint(writer -> {
            writer.append(STATE, body(returned, 0));
            for (Map.Entry<Long, DataLocation> entry : live.entrySet()) {
                DataLocation at = entry.getValue();
                ByteBuffer body = ByteBuffer.allocate(28)
                        .putInt(returned)
                        .putLong(entry.getKey())
                        .putLong(at.segment())
                        .putInt(at.offset())
                        .putInt(at.length());
                writer.append(STATE_ENTRY, body.flip());
            }
        });
        forced = returned;
    }

    private static ByteBuffer body(int step, long id) {
        return ByteBuffer.allocate(12).putInt(step).putLong(id).flip();
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new AssertionError(message);
        }
    }
}
