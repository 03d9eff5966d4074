package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.tree.Directory;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.Shown.VersionId;
import isle.crypto.v1.TreeStore;
import isle.fs.model.FsException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Which objects the records of a vault name, of versions that hold and of those that are history. */
final class Contents {

    /** By content: a file that it is the content of, and all records that name it. */
    private final Map<Content, Use> uses = new LinkedHashMap<>();

    private final Set<Id> packs = new HashSet<>();
    private final Set<Id> blocks = new HashSet<>();
    private final Set<Id> lists = new HashSet<>();
    private KnownTrees trees = KnownTrees.NONE;

    /** @param live whether a version that holds has it */
    record Use(Id inode, List<VersionId> versions, boolean live) {}

    /** @param past what compactions have dropped */
    static Contents of(Map<Id, Directory> directories, Map<Id, Collection<EntryRecord>> past) {
        Contents contents = new Contents();
        directories.forEach(contents::add);
        past.forEach((id, records) -> records.forEach(each -> contents.add(id, each, false)));
        return contents;
    }

    private void add(Id id, Directory directory) {
        Set<EntryRecord> live = new HashSet<>(directory.live());
        for (EntryRecord each : directory.all()) {
            add(id, each, live.contains(each));
        }
        directory.packs().forEach(pack -> packs.add(pack.id()));
    }

    private void add(Id id, EntryRecord each, boolean isLive) {
        if (each.state() instanceof Here here && !here.content().equals(Content.NONE)) {
            add(here, new VersionId(id, each.dot()), isLive);
        }
    }

    private void add(Here here, VersionId id, boolean isLive) {
        Content content = here.content();
        uses.compute(content, (key, old) -> {
            List<VersionId> versions = old == null ? new ArrayList<>(1) : old.versions();
            versions.add(isLive ? 0 : versions.size(), id);
            return new Use(here.inode(), versions, isLive || (old != null && old.live()));
        });
        if (content instanceof Content.Packed packed) {
            packs.add(packed.pack());
        }
    }

    /**
     * Reads the trees among them, and so comes to know their blocks, as far as it can; before it knows of no block.
     *
     * @throws FsException the store is away
     */
    Contents withBlocks(TreeStore store, Parallel parallel) throws FsException {
        Map<Content.Tree, Id> inodes = new LinkedHashMap<>();
        uses.forEach((content, use) -> {
            if (content instanceof Content.Tree tree) {
                inodes.put(tree, use.inode());
                lists.add(tree.root().object());
            }
        });
        trees = KnownTrees.read(store, inodes, parallel);
        lists.addAll(trees.leaves());
        uses.keySet()
                .forEach(each -> forEachPiece(each, piece -> {
                    if (piece.isBlock()) {
                        blocks.add(piece.object().object());
                    }
                }));
        return this;
    }

    /** The pieces of a content that is in objects of its own, in their order. */
    void forEachPiece(Content content, Consumer<KnownTrees.Piece> sink) {
        trees.forEach(content, sink);
    }

    /** Objects that name blocks: roots and leaves of trees. */
    Set<Id> lists() {
        return lists;
    }

    Set<Id> blocks() {
        return blocks;
    }

    Map<Content, Use> uses() {
        return uses;
    }

    /** Whether an object of {@code b/} is named by something: itself, or the pack whose payload it is. */
    boolean name(Id object) {
        return blocks.contains(object) || lists.contains(object) || packs.contains(object);
    }

    /** Plain bytes. */
    long bytes(boolean live) {
        long bytes = 0;
        Set<Id> counted = new HashSet<>();
        for (Map.Entry<Content, Use> each : uses.entrySet()) {
            if (each.getValue().live() && live) {
                bytes += fresh(each.getKey(), counted);
            } else if (each.getValue().live()) {
                fresh(each.getKey(), counted);
            }
        }
        for (Map.Entry<Content, Use> each : uses.entrySet()) {
            if (!each.getValue().live() && !live) {
                bytes += fresh(each.getKey(), counted);
            }
        }
        return bytes;
    }

    /** Of blocks that several versions have only once. */
    private long fresh(Content content, Set<Id> counted) {
        if (content instanceof Content.Packed packed) {
            return packed.length();
        }
        long[] bytes = {0};
        forEachPiece(content, piece -> bytes[0] += counted.add(piece.object().object()) ? piece.length() : 0);
        return bytes[0];
    }
}
