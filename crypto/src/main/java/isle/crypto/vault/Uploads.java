package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.Tree;
import isle.crypto.vault.Commit.Item;
import isle.crypto.vault.Publisher.Parts;
import isle.crypto.vault.Publisher.Writing;
import isle.fs.model.EntryVersion;
import isle.fs.model.FsException;
import isle.fs.spi.Volume;
import isle.fs.spi.Volume.Change.Put;
import isle.fs.spi.Volume.Change.Unname;
import isle.fs.spi.Volume.Prepared;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What of a publication is done before its commit: small contents are read, large ones are sent. */
final class Uploads {
    private final Parts parts;
    private final Refs refs;
    private final Writing writing;

    Uploads(Parts parts, Refs refs, Writing writing) {
        this.parts = parts;
        this.refs = refs;
        this.writing = writing;
    }

    /** Reads small contents, sends large ones. Whose content cannot be had is left out, and whatever builds on it. */
    List<Item> prepared(List<Prepared> changes, Map<Prepared, FsException> failures) {
        Map<Prepared, Item> items = new ConcurrentHashMap<>();
        try {
            parts.parallel().run(changes.size(), index -> {
                Prepared change = changes.get(index);
                try {
                    items.put(change, prepared(change));
                } catch (FsException e) {
                    failures.put(change, e);
                }
            });
        } catch (FsException e) {
            changes.stream().filter(each -> !items.containsKey(each)).forEach(each -> failures.putIfAbsent(each, e));
        }
        if (!failures.isEmpty()) {
            for (Prepared change : changes) {
                if (isHalf(change) && items.remove(change) != null) {
                    failures.put(change, apart());
                }
            }
        }
        return changes.stream()
                .filter(items::containsKey)
                .map(each -> Objects.requireNonNull(items.get(each)))
                .toList();
    }

    static FsException apart() {
        return new FsException.Unavailable("what it goes together with could not be sent");
    }

    /** Whether it is the second half of something. */
    static boolean isHalf(Prepared prepared) {
        return prepared.change() instanceof Unname unname
                ? unname.livesOn()
                : prepared.change() instanceof Put put && put.expectedLivesOn();
    }

    private Item prepared(Prepared prepared) throws FsException {
        if (!(prepared.change() instanceof Put put)) {
            return new Item(prepared, null, null, null);
        }
        Id inode = Commit.inodeOf(put, refs, writing.random());
        Volume.Content bytes = put.content();
        if (bytes == null) {
            return new Item(prepared, inode, null, null);
        }
        if (bytes.size() == 0) {
            return new Item(prepared, inode, null, Content.NONE);
        }
        if (bytes.size() <= PackBuilder.LONGEST_CONTENT) {
            ByteBuffer small = ByteBuffer.allocate((int) bytes.size());
            bytes.read(0, small);
            return new Item(prepared, inode, small.flip(), null);
        }
        return new Item(
                prepared,
                inode,
                null,
                parts.content().upload(inode, bytes, writing.generation().getAsInt(), range -> stored(inode, range)));
    }

    /** The content of an earlier version of this inode; null if it is none, or not known. */
    private @Nullable Content stored(Id inode, Volume.StoredRange range) {
        EntryVersion version = range.source().version();
        return version == null
                ? null
                : parts.state()
                        .ask((all, tree) -> Optional.ofNullable(stored(tree, inode, version)))
                        .orElse(null);
    }

    private static @Nullable Content stored(Tree tree, Id inode, EntryVersion version) {
        try {
            EntryRecord record = Commit.find(tree, version);
            return record != null
                            && record.state() instanceof Here here
                            && here.inode().equals(inode)
                    ? here.content()
                    : null;
        } catch (FsException e) {
            return null;
        }
    }
}
