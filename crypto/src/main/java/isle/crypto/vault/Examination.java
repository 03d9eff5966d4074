package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.seal.Sealer;
import isle.crypto.tree.Content;
import isle.crypto.tree.Content.Block;
import isle.crypto.v1.IndexCodec.Section;
import isle.crypto.v1.PackKey;
import isle.crypto.v1.PackStore;
import isle.crypto.v1.PackStore.Kept;
import isle.crypto.vault.DamagedContent.Damage;
import isle.crypto.vault.Problem.Kind;
import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore.ObjectSummary;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a vault whole out of the store: every pack, with all that it carries, and every block that a version names. What
 * it finds damaged in files that are shown is told to health as well.
 */
final class Examination {

    /** So many objects are read between two words of progress. */
    private static final int ROUND = 32;

    private final VaultState state;
    private final PackStore packs;
    private final Parallel parallel;
    private final DamagedContent damages;
    private final Consumer<String> progress;

    private final ConcurrentLinkedQueue<Problem> problems = new ConcurrentLinkedQueue<>();
    private final Set<Id> damagedPayloads = ConcurrentHashMap.newKeySet();
    private final Set<Id> goodPayloads = ConcurrentHashMap.newKeySet();
    private final Map<Id, Boolean> blocks = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();
    private long packCount;
    private long earlier;

    /**
     * What an examination has found.
     *
     * @param packs that were read
     * @param blocks that were read
     * @param bytes that were read
     * @param problems of packs; of files they are among the alarms of health
     * @param earlier how many versions that are history cannot be read
     * @param orphans objects that nothing names, and their bytes: of work that was broken off, mostly. They do no harm
     */
    record Result(
            long packs,
            long blocks,
            long bytes,
            List<Problem> problems,
            long earlier,
            long orphans,
            long orphanBytes) {}

    /** @param progress is told how it goes; what it throws ends the examination */
    Examination(
            VaultState state, PackStore packs, Parallel parallel, DamagedContent damages, Consumer<String> progress) {
        this.state = state;
        this.packs = packs;
        this.parallel = parallel;
        this.damages = damages;
        this.progress = progress;
    }

    /** Of a pack or a block. */
    private interface Step<T> {
        void at(T each) throws FsException;
    }

    private <T> void all(String what, List<T> things, Step<T> step) throws FsException {
        for (int from = 0; from < things.size(); from += ROUND) {
            List<T> round = things.subList(from, Math.min(things.size(), from + ROUND));
            parallel.run(round.size(), index -> step.at(round.get(index)));
            progress.accept(what + " " + (from + round.size()) + " of " + things.size() + ", " + (bytes.get() >> 20)
                    + " MiB read");
        }
    }

    Result run() throws FsException {
        progress.accept("Listing");
        state.tryAllAgain();
        state.loadAll(() -> false);
        PackStore.Listed listed = packs.listAll();
        Map<Id, ObjectSummary> objects = packs.objects();
        all("Packs:", listed.packs(), key -> examine(key, listed.objects().get(key)));
        Contents contents = state.ask((all, tree) -> Contents.of(all));
        List<Map.Entry<Content, Contents.Use>> uses =
                new ArrayList<>(contents.uses().entrySet());
        Set<Id> there = new HashSet<>();
        listed.packs().forEach(key -> there.add(key.pack()));
        all("Contents:", uses, use -> examine(use.getKey(), use.getValue(), there, objects));
        for (Map.Entry<Content, Contents.Use> use : uses) {
            judge(use.getKey(), use.getValue());
        }
        long orphans = 0;
        long orphanBytes = 0;
        for (Map.Entry<Id, ObjectSummary> each : objects.entrySet()) {
            if (!contents.name(each.getKey())) {
                orphans++;
                orphanBytes += each.getValue().size();
            }
        }
        return new Result(packCount, blocks.size(), bytes.get(), List.copyOf(problems), earlier, orphans, orphanBytes);
    }

    private void examine(PackKey key, @Nullable ObjectSummary object) throws FsException {
        synchronized (this) {
            packCount++;
        }
        try {
            Section section = packs.read(key);
            long payload = section.payloadBytes();
            long sealed = payload == 0 ? 0 : Sealer.sealedSize(Sealer.paddedPlainSize(payload));
            bytes.addAndGet(key.indexBytes() + sealed);
            if (payload > 0 && !payloadOpens(key, payload)) {
                damagedPayloads.add(key.pack());
            } else if (payload > 0) {
                goodPayloads.add(key.pack());
            }
            if (object != null && object.size() != key.indexBytes() + sealed) {
                problems.add(new Problem(Kind.UNREADABLE, key.directory(), key.pack()));
            }
        } catch (FsException.Corrupt e) {
            problems.add(new Problem(Kind.UNREADABLE, key.directory(), key.pack()));
        } catch (FsException.AccessDenied e) {
            problems.add(new Problem(Kind.KEY_UNKNOWN, key.directory(), key.pack()));
        } catch (FsException.NotFound e) {
            // a compaction has taken it in since the list, or it is told as lost
        }
    }

    /** All of it, padding included. */
    private boolean payloadOpens(PackKey key, long payload) throws FsException {
        try {
            int whole = Math.toIntExact(Sealer.paddedPlainSize(payload));
            Content.Packed any = new Content.Packed(key.directory(), key.pack(), key.generation(), 0, 0);
            packs.open(any, whole, packs.payload(key), 0, whole);
            return true;
        } catch (FsException.Corrupt e) {
            return false;
        }
    }

    private void examine(Content content, Contents.Use use, Set<Id> there, Map<Id, ObjectSummary> objects)
            throws FsException {
        if (content instanceof Content.Blocks all) {
            for (Block each : all.blocks()) {
                if (!blocks.containsKey(each.object())) {
                    blocks.put(each.object(), opens(use.inode(), each, objects.get(each.object())));
                }
            }
        } else if (content instanceof Content.Packed packed
                && !goodPayloads.contains(packed.pack())
                && !there.contains(packed.pack())) {
            if (objects.containsKey(packed.pack()) && apartOpens(packed)) {
                goodPayloads.add(packed.pack());
            } else {
                damagedPayloads.add(packed.pack());
            }
        }
    }

    private boolean apartOpens(Content.Packed packed) throws FsException {
        try {
            Kept kept = packs.kept(packed.pack());
            int size = Math.toIntExact(kept.payloadBytes());
            packs.open(packed, size, packs.payload(kept), 0, size);
            bytes.addAndGet(size);
            return true;
        } catch (FsException.Corrupt | FsException.NotFound | ArithmeticException e) {
            return false;
        }
    }

    private boolean opens(Id inode, Block block, @Nullable ObjectSummary object) throws FsException {
        try {
            packs.open(inode, block, packs.bytes(block.object()), 0, block.length());
            bytes.addAndGet(block.length());
            return object == null || object.size() == Sealer.sealedSize(Sealer.paddedPlainSize(block.length()));
        } catch (FsException.Corrupt | FsException.NotFound e) {
            return false;
        }
    }

    /** Whether a content can be read, by what was found of its objects. */
    private void judge(Content content, Contents.Use use) {
        long at = 0;
        boolean good = true;
        int length = 1;
        if (content instanceof Content.Packed packed) {
            good = !damagedPayloads.contains(packed.pack());
            length = packed.length();
        } else if (content instanceof Content.Blocks all) {
            for (Block each : all.blocks()) {
                if (!blocks.getOrDefault(each.object(), true)) {
                    good = false;
                    length = each.length();
                    break;
                }
                at += each.length();
            }
        }
        if (good) {
            damages.readable(content, 0, Long.MAX_VALUE);
        } else if (use.live()) {
            damages.note(new Damage(use.versions(), use.inode(), content, at, length));
        } else {
            earlier++;
        }
    }
}
