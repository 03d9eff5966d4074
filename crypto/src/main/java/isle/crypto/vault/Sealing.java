package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.tree.Dot;
import isle.crypto.tree.Draft;
import isle.crypto.tree.Drafts;
import isle.crypto.tree.EntryRecord.Gone;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Origin;
import isle.crypto.tree.Shown.VersionId;
import isle.crypto.v1.PackCodec.SealedPack;
import isle.crypto.vault.Commit.Item;
import isle.crypto.vault.Publisher.Drafted;
import isle.crypto.vault.Publisher.Parts;
import isle.crypto.vault.Publisher.Writing;
import isle.fs.model.Attributes;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import isle.fs.spi.Volume.Change.Put;
import isle.fs.spi.Volume.Source;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Draws the dots of a commit and seals its packs. */
final class Sealing {
    private final Drafted drafted;
    private final Map<Id, Timestamp> touched;
    private final Parts parts;
    private final Refs refs;
    private final Writing writing;
    private final Kept kept;
    private final Map<Id, Long> counters = new HashMap<>();
    private final int generation;
    private long lamport;

    /** Records of files by their change, and of directories by their ids. */
    private final IdentityHashMap<Item, VersionId> files = new IdentityHashMap<>();

    private final IdentityHashMap<Item, Here> states = new IdentityHashMap<>();
    private final Map<Id, List<VersionId>> directories = new HashMap<>();

    /** @param touched when directories were changed here, if that is known */
    Sealing(Drafted drafted, Map<Id, Timestamp> touched, Parts parts, Refs refs, Writing writing, Kept kept) {
        this.drafted = drafted;
        this.touched = touched;
        this.parts = parts;
        this.refs = refs;
        this.writing = writing;
        this.kept = kept;
        this.generation = writing.generation().getAsInt();
        this.lamport = parts.state().nextLamport();
    }

    /** All packs: what comes, then what goes. */
    List<List<SealedPack>> phases() throws FsException {
        List<SealedPack> coming = new ArrayList<>();
        List<SealedPack> going = new ArrayList<>();
        for (Drafts each : drafted.packs()) {
            boolean goes = each.records().stream().allMatch(draft -> draft.state() instanceof Gone);
            (goes ? going : coming).addAll(seal(each));
        }
        return Stream.of(coming, going).filter(each -> !each.isEmpty()).toList();
    }

    private List<SealedPack> seal(Drafts drafts) throws FsException {
        Id directory = drafts.directory();
        Timestamp now = Timestamp.of(writing.clock().instant());
        Timestamp named = earlier(now, touched.get(directory));
        PackBuilder builder = new PackBuilder(directory, generation, parts.packs(), () -> Id.random(writing.random()));
        Map<Long, Long> seen = new HashMap<>(parts.state().seen(directory));
        Long drawn = counters.get(directory);
        if (drawn != null) {
            seen.put(parts.state().incarnation(), drawn);
        }
        for (Draft draft : drafts.records()) {
            long counter = counters.compute(
                    directory, (id, last) -> last == null ? parts.state().nextCounter(id) : last + 1);
            Dot dot = new Dot(parts.state().incarnation(), counter);
            Draft whole = withContent(draft, builder);
            builder.add(whole.record(dot, new Origin(lamport, writing.host(), draft.isNaming() ? named : now)));
            lamport++;
            note(draft, whole, new VersionId(directory, dot));
        }
        return builder.seal(seen);
    }

    private Draft withContent(Draft draft, PackBuilder builder) {
        Item item = drafted.files().get(draft.state());
        if (item == null || item.small() == null || !(draft.state() instanceof Here here)) {
            return draft;
        }
        Here whole = new Here(here.inode(), here.attributes(), builder.content(item.small()));
        return new Draft(draft.name(), whole, draft.same(), draft.contentStays(), draft.replaced(), draft.isKeeping());
    }

    private void note(Draft draft, Draft whole, VersionId id) {
        Item item = drafted.files().get(draft.state());
        kept.note(draft, id);
        if (whole.state() instanceof Here here) {
            if (item != null) {
                files.put(item, id);
                states.put(item, here);
            } else {
                directories
                        .computeIfAbsent(here.inode(), d -> new ArrayList<>())
                        .add(id);
            }
        }
    }

    /** What a put has come to; null if no record was drawn for it, or it is a removal. */
    @Nullable Source stored(Item item) {
        Id inode = item.inode();
        if (!(item.change() instanceof Put put) || inode == null) {
            return null;
        }
        Here state = states.get(item);
        VersionId file = files.get(item);
        if (state != null && file != null) {
            return new Source(refs.of(inode), Versions.of(List.of(file), state.content(), state.attributes()));
        }
        Source source = put.source();
        List<Id> ids = source == null ? List.of(inode) : refs.directories(source.ref());
        List<VersionId> behind = new ArrayList<>();
        ids.forEach(id -> behind.addAll(directories.getOrDefault(id, List.of())));
        Attributes attributes = put.attributes();
        return behind.isEmpty() || attributes == null
                ? null
                : new Source(refs.of(ids), Versions.of(behind, Content.NONE, attributes));
    }

    private static Timestamp earlier(Timestamp now, @Nullable Timestamp time) {
        return time == null || time.compareTo(now) > 0 ? now : time;
    }
}
