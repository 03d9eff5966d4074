package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.seal.Sealer;
import isle.crypto.tree.Content;
import isle.crypto.tree.Content.Block;
import isle.crypto.v1.IndexCodec.Section;
import isle.crypto.v1.PackKey;
import isle.crypto.v1.PackStore;
import isle.crypto.v1.PackStore.Kept;
import isle.crypto.v1.TreeStore;
import isle.crypto.vault.DamagedContent.Damage;
import isle.crypto.vault.Problem.Kind;
import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore.ObjectSummary;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a vault whole out of the store: every pack, with all that it carries, history packs among them, and every block
 * that a version names, by itself or in a tree. What it finds damaged in files that are shown is told to health as well.
 */
final class Examination {

    private final VaultState state;
    private final PackStore packs;
    private final VaultContent reader;
    private final Parallel parallel;
    private final DamagedContent damages;
    private final Examined examined;
    private final InstantSource clock;
    private final PastReader past;
    private final Consumer<String> progress;

    private final ConcurrentLinkedQueue<Problem> problems = new ConcurrentLinkedQueue<>();
    private final Set<Id> damagedPayloads = ConcurrentHashMap.newKeySet();
    private final Set<Id> goodPayloads = ConcurrentHashMap.newKeySet();
    private final Map<Id, Boolean> blocks = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong packCount = new AtomicLong();
    private long earlier;

    /**
     * What an examination has found.
     *
     * @param packs that were read
     * @param blocks that were read, and what names them in trees
     * @param bytes that were read, as they are in the store
     * @param problems of packs; of files they are among the alarms of health
     * @param earlier how many versions that are history cannot be read
     * @param orphans objects that nothing names, and their bytes: of work that was broken off, mostly. They do no harm.
     *     Blocks of a tree that cannot be read are among them
     * @param before how many objects of these an examination that was broken off had read
     */
    record Result(
            long packs,
            long blocks,
            long bytes,
            List<Problem> problems,
            long earlier,
            long orphans,
            long orphanBytes,
            long before) {}

    /** @param progress is told how it goes; what it throws ends the examination, and the next one goes on from there */
    Examination(VaultCare.Parts parts, Consumer<String> progress) {
        this.state = parts.state();
        this.packs = parts.packs();
        this.reader = parts.content();
        this.parallel = parts.parallel();
        this.damages = parts.damages();
        this.examined = parts.examined();
        this.clock = parts.clock();
        this.past = parts.past();
        this.progress = progress;
    }

    /** What the store has, and what is named in it. */
    private record Plan(
            PackStore.Listed listed,
            Map<Id, ObjectSummary> objects,
            Contents contents,
            List<Map.Entry<Content, Contents.Use>> uses,
            Advance advance) {
        /** How large an object outside of packs is; 0 if it is not there. */
        long size(Id id) {
            ObjectSummary object = objects.get(id);
            return object == null ? 0 : object.size();
        }
    }

    Result run() throws FsException {
        progress.accept("Listing");
        state.tryAllAgain();
        state.loadAll(() -> false);
        examined.begin();
        Plan plan = plan();
        boolean done = false;
        try {
            List<PackKey> keys = plan.listed().packs();
            parallel.run(keys.size(), index -> examine(keys.get(index), plan));
            Set<Id> there = new HashSet<>();
            keys.forEach(key -> there.add(key.pack()));
            for (Map.Entry<Content, Contents.Use> use : plan.uses()) {
                if (use.getKey() instanceof Content.Packed packed && !there.contains(packed.pack())) {
                    examineApart(packed, plan);
                }
            }
            List<Sealed> sealed = sealed(plan);
            parallel.run(sealed.size(), index -> {
                Sealed each = sealed.get(index);
                blocks.put(each.block().object(), opens(each, plan));
            });
            done = true;
        } finally {
            if (!done) {
                examined.keep();
            }
        }
        examined.end();
        for (Map.Entry<Content, Contents.Use> use : plan.uses()) {
            judge(use.getKey(), use.getValue(), plan.contents());
        }
        long orphans = 0;
        long orphanBytes = 0;
        for (Map.Entry<Id, ObjectSummary> each : plan.objects().entrySet()) {
            if (!plan.contents().name(each.getKey())) {
                orphans++;
                orphanBytes += each.getValue().size();
            }
        }
        return new Result(
                packCount.get(),
                blocks.size() + plan.contents().lists().size(),
                bytes.get(),
                List.copyOf(problems),
                earlier,
                orphans,
                orphanBytes,
                plan.advance().skippedObjects());
    }

    private Plan plan() throws FsException {
        PackStore.Listed listed = packs.listAll();
        Map<Id, ObjectSummary> objects = packs.objects();
        PastReader.All history = past.all();
        packCount.addAndGet(history.objects().size());
        bytes.addAndGet(history.bytes());
        reader.forgetTrees();
        Contents contents = state.ask((all, tree) -> Contents.of(all, history.records()))
                .withBlocks(new TreeStore(packs), parallel);
        List<Map.Entry<Content, Contents.Use>> uses =
                new ArrayList<>(contents.uses().entrySet());
        Set<Id> there = new HashSet<>();
        long size = 0;
        for (PackKey each : listed.packs()) {
            there.add(each.pack());
            ObjectSummary object = listed.objects().get(each);
            size += object == null ? 0 : object.size();
        }
        Set<Id> named = new HashSet<>();
        for (Map.Entry<Content, Contents.Use> use : uses) {
            if (use.getKey() instanceof Content.Packed packed && !there.contains(packed.pack())) {
                named.add(packed.pack());
            }
        }
        named.addAll(contents.blocks());
        for (Id each : named) {
            ObjectSummary object = objects.get(each);
            size += object == null ? 0 : object.size();
        }
        for (Id each : contents.lists()) {
            ObjectSummary object = objects.get(each);
            bytes.addAndGet(object == null ? 0 : object.size());
        }
        Advance advance = new Advance(clock, progress, listed.packs().size() + named.size(), size);
        return new Plan(listed, objects, contents, uses, advance);
    }

    private static @Nullable String etag(@Nullable ObjectSummary object) {
        return object == null ? null : object.etag();
    }

    private void examine(PackKey key, Plan plan) throws FsException {
        ObjectSummary object = plan.listed().objects().get(key);
        long size = object == null ? 0 : object.size();
        packCount.incrementAndGet();
        bytes.addAndGet(size);
        if (examined.has(key.pack(), etag(object))) {
            goodPayloads.add(key.pack());
            plan.advance().skipped(size);
            return;
        }
        if (isRight(key, object)) {
            examined.add(key.pack(), etag(object));
        }
        plan.advance().done(size);
    }

    private boolean isRight(PackKey key, @Nullable ObjectSummary object) throws FsException {
        try {
            Section section = packs.read(key);
            long payload = section.payloadBytes();
            long sealed = payload == 0 ? 0 : Sealer.sealedSize(Sealer.paddedPlainSize(payload));
            boolean right = payload == 0 || payloadOpens(key, payload);
            if (payload > 0) {
                (right ? goodPayloads : damagedPayloads).add(key.pack());
            }
            if (object != null && object.size() != key.indexBytes() + sealed) {
                problems.add(new Problem(Kind.UNREADABLE, key.directory(), key.pack()));
                right = false;
            }
            return right;
        } catch (FsException.Corrupt e) {
            problems.add(new Problem(Kind.UNREADABLE, key.directory(), key.pack()));
        } catch (FsException.Unsupported e) {
            problems.add(new Problem(Kind.LATER_FORMAT, key.directory(), key.pack()));
        } catch (FsException.AccessDenied e) {
            problems.add(new Problem(Kind.KEY_UNKNOWN, key.directory(), key.pack()));
        } catch (FsException.NotFound e) {
            // a compaction has taken it in since the list, or it is told as lost
        }
        return false;
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

    /** A block, and the file that it is sealed for. */
    private record Sealed(Id inode, Block block) {}

    /** Each block once. */
    private static List<Sealed> sealed(Plan plan) {
        Map<Id, Sealed> all = new LinkedHashMap<>();
        for (Map.Entry<Content, Contents.Use> use : plan.uses()) {
            plan.contents().forEachPiece(use.getKey(), piece -> {
                if (piece.isBlock()) {
                    Block block = piece.object();
                    all.putIfAbsent(block.object(), new Sealed(use.getValue().inode(), block));
                }
            });
        }
        return List.copyOf(all.values());
    }

    private void examineApart(Content.Packed packed, Plan plan) throws FsException {
        if (goodPayloads.contains(packed.pack()) || damagedPayloads.contains(packed.pack())) {
            return;
        }
        long size = plan.size(packed.pack());
        String etag = etag(plan.objects().get(packed.pack()));
        boolean before = examined.has(packed.pack(), etag);
        bytes.addAndGet(size);
        if (before || (etag != null && apartOpens(packed))) {
            goodPayloads.add(packed.pack());
            examined.add(packed.pack(), etag);
        } else {
            damagedPayloads.add(packed.pack());
        }
        if (before) {
            plan.advance().skipped(size);
        } else {
            plan.advance().done(size);
        }
    }

    private boolean apartOpens(Content.Packed packed) throws FsException {
        try {
            Kept kept = packs.kept(packed.pack());
            int size = Math.toIntExact(kept.payloadBytes());
            packs.open(packed, size, packs.payload(kept), 0, size);
            return true;
        } catch (FsException.Corrupt | FsException.NotFound | ArithmeticException e) {
            return false;
        }
    }

    private boolean opens(Sealed sealed, Plan plan) throws FsException {
        Block block = sealed.block();
        ObjectSummary object = plan.objects().get(block.object());
        long size = plan.size(block.object());
        bytes.addAndGet(size);
        if (examined.has(block.object(), etag(object))) {
            plan.advance().skipped(size);
            return true;
        }
        boolean right = false;
        try {
            packs.read(sealed.inode(), block);
            right = object == null || size == Sealer.sealedSize(Sealer.paddedPlainSize(block.length()));
        } catch (FsException.Corrupt | FsException.NotFound e) {
            // told where it is judged
        }
        if (right) {
            examined.add(block.object(), etag(object));
        }
        plan.advance().done(size);
        return right;
    }

    /** Whether a content can be read, by what was found of its objects. */
    private void judge(Content content, Contents.Use use, Contents contents) {
        Damage damage = damage(content, use, contents);
        if (damage == null) {
            damages.readable(content, 0, Long.MAX_VALUE);
        } else if (use.live()) {
            damages.note(damage);
        } else {
            earlier++;
        }
    }

    /** The first part of a content that cannot be read; null if there is none. */
    private @Nullable Damage damage(Content content, Contents.Use use, Contents contents) {
        if (content instanceof Content.Packed packed) {
            return damagedPayloads.contains(packed.pack())
                    ? new Damage(use.versions(), use.inode(), content, 0, packed.length())
                    : null;
        }
        List<Damage> found = new ArrayList<>(1);
        long[] at = {0};
        contents.forEachPiece(content, piece -> {
            boolean good = piece.isBlock() && blocks.getOrDefault(piece.object().object(), true);
            if (!good && found.isEmpty()) {
                // of what would name blocks one byte tells whether it can be read again
                int length = piece.isBlock() ? Math.min(piece.object().length(), VaultContent.BLOCK_BYTES) : 1;
                found.add(new Damage(use.versions(), use.inode(), content, at[0], length));
            }
            at[0] += piece.length();
        });
        return found.isEmpty() ? null : found.get(0);
    }
}
