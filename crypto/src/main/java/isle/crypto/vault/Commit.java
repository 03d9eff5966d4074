package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.tree.Directory;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Place;
import isle.crypto.tree.Shown;
import isle.crypto.tree.Shown.Version;
import isle.crypto.tree.Shown.VersionId;
import isle.crypto.tree.Tree;
import isle.crypto.tree.Writer;
import isle.fs.model.Attributes;
import isle.fs.model.EntryVersion;
import isle.fs.model.FileKind;
import isle.fs.model.FsException;
import isle.fs.spi.Volume.After;
import isle.fs.spi.Volume.Change;
import isle.fs.spi.Volume.Change.Put;
import isle.fs.spi.Volume.Change.Unname;
import isle.fs.spi.Volume.Prepared;
import isle.fs.spi.Volume.Source;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Tells a {@link Writer} what the changes of one publication are about. For one commit, while nothing is joined. */
final class Commit {
    private final Tree tree;
    private final Refs refs;
    private final String host;
    private final Kept kept;
    private final Set<Id> occupied;
    private final Writer writer;

    /** Versions that changes of this commit take the name from. */
    private final Set<VersionId> replaced = new HashSet<>();

    /** Directories that it removes. */
    private final Set<Id> retired = new HashSet<>();

    /**
     * One change, with what of it was read or sent before.
     *
     * @param inode of what is put; a directory's first id
     * @param small bytes of a content that goes into a pack
     * @param sent where a larger content is; null with {@code small}, or where the content stays what it is
     */
    record Item(
            Prepared prepared,
            @Nullable Id inode,
            @Nullable ByteBuffer small,
            @Nullable Content sent) {
        Change change() {
            return prepared.change();
        }
    }

    /**
     * @param occupied directories in which something stays that was to go from them in this publication
     * @param host its name, as records have it
     */
    Commit(Tree tree, Refs refs, Kept kept, Set<Id> occupied, String host) {
        this.tree = tree;
        this.host = host;
        this.refs = refs;
        this.kept = kept;
        this.occupied = Set.copyOf(occupied);
        this.writer = new Writer(tree);
    }

    /** What a change takes the name from; told of all changes before the first one is added. */
    void replaces(Item item) throws FsException {
        EntryVersion version = item.change().expected();
        if (version != null) {
            replaced.addAll(Versions.behind(version));
        }
    }

    Writer writer() {
        return writer;
    }

    /**
     * Adds a change.
     *
     * @return the state by which its record is found among the drafts; null for a directory, or if there is none
     * @throws FsException.Stale the content that it is to keep is no longer known
     */
    @Nullable Here add(Item item) throws FsException {
        if (item.change() instanceof Unname unname) {
            unname(unname);
            return null;
        }
        if (!(item.change() instanceof Put put)) {
            throw new IllegalArgumentException("a change of volumes by place");
        }
        Attributes attributes = put.attributes();
        Id inode = item.inode();
        if (attributes == null || inode == null) {
            throw new IllegalArgumentException("a vault describes everything");
        }
        leave(put);
        List<Id> group = refs.directories(put.directory());
        String name = put.name().raw();
        Shown there = shown(name, put.expected());
        if (attributes.kind() == FileKind.DIRECTORY) {
            putDirectory(put, group, name, there, inode);
            return null;
        }
        retire(there, group, put.expectedLivesOn());
        Content content = contentOf(item, put.source());
        boolean same = item.small() == null
                && item.sent() == null
                && there != null
                && !there.isDirectory()
                && there.state().inode().equals(inode)
                && there.state().content().equals(content)
                && !isTakenAway(there);
        Here state = new Here(inode, attributes, content);
        writer.put(group, name, there, state, same);
        return state;
    }

    /** What is put goes from where it is, which no other change of the commit is about. */
    private void leave(Put put) throws FsException {
        Source source = put.source();
        EntryVersion version = source == null ? null : source.version();
        if (put.after() == After.SOURCE_GOES && version != null) {
            Shown there = shown("", version);
            if (there != null) {
                writer.remove(
                        there.versions().stream()
                                .map(Version::directory)
                                .distinct()
                                .toList(),
                        there);
            }
        }
    }

    private Content contentOf(Item item, @Nullable Source source) throws FsException {
        if (item.sent() != null) {
            return item.sent();
        }
        EntryVersion version = source == null ? null : source.version();
        if (item.small() != null || version == null) {
            return Content.NONE;
        }
        EntryRecord record = find(tree, version);
        if (record != null && record.state() instanceof Here here) {
            return here.content();
        }
        throw new FsException.Stale("the version whose content is to stay is no longer known");
    }

    /** A record behind a version, if one is still known. */
    static @Nullable EntryRecord find(Tree tree, EntryVersion version) throws FsException {
        for (VersionId each : Versions.behind(version)) {
            EntryRecord found = find(tree, each);
            if (found != null && found.state() instanceof Here) {
                return found;
            }
        }
        return null;
    }

    static @Nullable EntryRecord find(Tree tree, VersionId id) {
        Directory directory = tree.directory(id.directory());
        List<EntryRecord> records = directory == null ? List.of() : directory.find(id.dot());
        return records.isEmpty() ? null : records.get(0);
    }

    private @Nullable Shown shown(String name, @Nullable EntryVersion version) throws FsException {
        if (version == null) {
            return null;
        }
        Set<VersionId> behind = new LinkedHashSet<>(kept.with(Versions.behind(version)));
        Shown shown = tree.shown(name, behind);
        if (shown == null || !shown.isDirectory()) {
            return shown;
        }
        for (Id each : shown.directories()) {
            VersionId entry = kept.entryOf(each);
            if (entry != null) {
                behind.add(entry);
            }
        }
        return tree.shown(name, behind);
    }

    private void putDirectory(Put put, List<Id> group, String name, @Nullable Shown there, Id id) throws FsException {
        Attributes attributes = put.attributes();
        Source source = put.source();
        if (attributes == null) {
            return;
        }
        if (source == null) {
            retire(there, group, put.expectedLivesOn());
            writer.makeDirectory(group, name, there, id, attributes);
            return;
        }
        List<Id> ids = refs.directories(source.ref());
        if (there == null || !there.directories().contains(id)) {
            retire(there, group, put.expectedLivesOn());
            writer.moveDirectory(group, name, there, ids, attributes);
        } else if (isTakenAway(there) || isComingBack(put, source, group, id)) {
            writer.moveDirectory(group, name, there, ids, attributes);
        } else {
            writer.changeDirectory(group, there, attributes);
        }
    }

    /**
     * Whether a directory comes from elsewhere to where an entry of it still is, which nobody had taken away yet: then its
     * register is elsewhere, too.
     */
    private boolean isComingBack(Put put, Source source, List<Id> group, Id id) {
        EntryVersion from = source.version();
        EntryVersion expected = put.expected();
        Place place = tree.placeOf(id);
        return from != null
                && expected != null
                && !from.token().equals(expected.token())
                && place != null
                && !group.contains(place.parent());
    }

    /**
     * Whether this host itself has taken the name away meanwhile, in a commit of which it has not heard: what it puts there
     * now comes there anew. As a mere change of attributes it would yield to that removal (R4a).
     */
    private boolean isTakenAway(Shown there) {
        return there.versions().stream().anyMatch(each -> {
            Directory directory = tree.directory(each.directory());
            return directory != null && directory.isTakenAway(each.entry().dot(), host);
        });
    }

    /** A directory of which another thing takes the name goes, unless it has another one. */
    private void retire(@Nullable Shown there, List<Id> group, boolean livesOn) throws FsException {
        if (there != null && there.isDirectory() && !livesOn && !isElsewhere(there, group)) {
            removeOnce(there, group);
        }
    }

    /**
     * A directory of which an earlier commit was not heard may have had two names here, and lose both.
     *
     * @throws FsException.Unavailable something stays in it that was to go first, and would bring it back to life (R14)
     */
    private void removeOnce(Shown there, List<Id> group) throws FsException {
        if (there.directories().stream().anyMatch(occupied::contains)) {
            throw Uploads.apart();
        }
        if (retired.addAll(there.directories())) {
            writer.removeDirectory(group, there);
        } else {
            writer.remove(group, there);
        }
    }

    private void unname(Unname unname) throws FsException {
        List<Id> group = refs.directories(unname.parent());
        EntryVersion version = unname.was().version();
        String name = unname.name().raw();
        Shown there = version == null ? tree.list(group).get(name) : shown(name, version);
        if (there == null) {
            return;
        }
        if (there.isDirectory() && !unname.livesOn() && !isElsewhere(there, group)) {
            removeOnce(there, group);
        } else {
            writer.remove(group, there);
        }
    }

    /** Whether a directory has another name than the one that it was shown under, and keeps that after this commit. */
    private boolean isElsewhere(Shown there, List<Id> group) {
        Set<VersionId> mine = new HashSet<>(replaced);
        there.versions().forEach(each -> mine.add(each.id()));
        Set<VersionId> ended = new HashSet<>();
        for (VersionId each : mine) {
            EntryRecord record = find(tree, each);
            if (record != null) {
                ended.add(new VersionId(each.directory(), record.birth()));
            }
        }
        return there.directories().stream().anyMatch(id -> isElsewhere(id, group, mine, ended));
    }

    /**
     * Of two names in one directory the later counts (R14): an earlier one that somebody else has left is none.
     *
     * @param ended other attributes of what goes, which go along (R4a)
     */
    private boolean isElsewhere(Id id, List<Id> group, Set<VersionId> mine, Set<VersionId> ended) {
        Place place = tree.placeOf(id);
        if (place == null) {
            return false;
        }
        if (!group.contains(place.parent())) {
            return true;
        }
        Directory parent = tree.directory(place.parent());
        EntryRecord latest = null;
        for (VersionId each : mine) {
            EntryRecord record = each.directory().equals(place.parent()) ? find(tree, each) : null;
            if (record != null && names(record, id) && (latest == null || record.isLaterThan(latest))) {
                latest = record;
            }
        }
        for (EntryRecord each : parent == null ? List.<EntryRecord>of() : parent.live()) {
            if (names(each, id)
                    && !mine.contains(new VersionId(place.parent(), each.dot()))
                    && (latest == null || each.isLaterThan(latest))
                    && (each.birth().equals(each.dot())
                            || !ended.contains(new VersionId(place.parent(), each.birth())))) {
                return true;
            }
        }
        return false;
    }

    private static boolean names(EntryRecord record, Id directory) {
        return record.state() instanceof Here here && here.inode().equals(directory);
    }

    /** What is put: the inode of its source, or a new one. */
    static Id inodeOf(Put put, Refs refs, RandomGenerator random) {
        Source source = put.source();
        return source == null ? Refs.newInode(put.number(), random) : refs.inode(source.ref());
    }
}
