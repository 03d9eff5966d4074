package isle.crypto.tree;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord.Gone;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Origin;
import isle.crypto.tree.EntryRecord.Place;
import isle.crypto.tree.EntryRecord.Placed;
import isle.crypto.tree.EntryRecord.State;
import isle.fs.model.Attributes;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An order of records in which only equal ones are equal, by their dots first. So two records of one dot (R7) come in the
 * same order for all readers.
 */
final class RecordOrder {

    private static final Comparator<Origin> ORIGINS = Comparator.comparingLong(Origin::lamport)
            .thenComparing(Origin::host)
            .thenComparing(Origin::time);

    private static final Comparator<Place> PLACES =
            Comparator.comparing(Place::parent).thenComparing(Place::name);

    private static final Comparator<Map.Entry<String, String>> VALUES =
            Map.Entry.<String, String>comparingByKey().thenComparing(Map.Entry.comparingByValue());

    private static final Comparator<Attributes> ATTRIBUTES = Comparator.comparing(Attributes::kind)
            .thenComparingInt(Attributes::permissions)
            .thenComparingInt(Attributes::uid)
            .thenComparingInt(Attributes::gid)
            .thenComparingLong(Attributes::size)
            .thenComparing(Attributes::mtime)
            .thenComparing(Attributes::ctime)
            .thenComparingLong(Attributes::device)
            .thenComparing(Attributes::symlinkTarget)
            .thenComparing(each -> each.xattrs().entrySet(), each(VALUES));

    private static final Comparator<Content.Packed> PACKED = Comparator.comparing(Content.Packed::directory)
            .thenComparing(Content.Packed::pack)
            .thenComparingInt(Content.Packed::generation)
            .thenComparingLong(Content.Packed::offset)
            .thenComparingInt(Content.Packed::length);

    private static final Comparator<Content.Block> BLOCKS = Comparator.comparing(Content.Block::object)
            .thenComparingInt(Content.Block::generation)
            .thenComparingInt(Content.Block::length);

    private static final Comparator<Content.Tree> TREES =
            Comparator.comparing(Content.Tree::root, BLOCKS).thenComparingLong(Content.Tree::length);

    private static final Comparator<Here> ENTRIES = Comparator.<Here, Id>comparing(Here::inode)
            .thenComparing(Here::attributes, ATTRIBUTES)
            .thenComparing(Here::content, RecordOrder::compareContents);

    static final Comparator<EntryRecord> ORDER = Comparator.comparing(EntryRecord::dot)
            .thenComparing(EntryRecord::name)
            .thenComparing(EntryRecord::made, ORIGINS)
            .thenComparing(EntryRecord::state, RecordOrder::compareStates)
            .thenComparing(EntryRecord::birth)
            .thenComparing(EntryRecord::supersedes, each(Comparator.<Dot>naturalOrder()))
            .thenComparing(EntryRecord::ends, each(Comparator.<Dot>naturalOrder()));

    private RecordOrder() {}

    private static int compareStates(State one, State other) {
        if (one instanceof Here here && other instanceof Here otherHere) {
            return ENTRIES.compare(here, otherHere);
        }
        if (one instanceof Gone gone && other instanceof Gone otherGone) {
            return compare(gone.last(), otherGone.last());
        }
        if (one instanceof Placed placed && other instanceof Placed otherPlaced) {
            int now = PLACES.compare(placed.now(), otherPlaced.now());
            return now != 0 ? now : compare(placed.before(), otherPlaced.before());
        }
        return Integer.compare(kind(one), kind(other));
    }

    private static int kind(State state) {
        return state instanceof Gone ? 0 : state instanceof Here ? 1 : 2;
    }

    private static int compare(@Nullable Place one, @Nullable Place other) {
        if (one == null || other == null) {
            return Boolean.compare(one != null, other != null);
        }
        return PLACES.compare(one, other);
    }

    private static int compareContents(Content one, Content other) {
        if (one instanceof Content.Packed packed && other instanceof Content.Packed otherPacked) {
            return PACKED.compare(packed, otherPacked);
        }
        if (one instanceof Content.Blocks blocks && other instanceof Content.Blocks otherBlocks) {
            return RecordOrder.<Content.Block, List<Content.Block>>each(BLOCKS)
                    .compare(blocks.blocks(), otherBlocks.blocks());
        }
        if (one instanceof Content.Tree tree && other instanceof Content.Tree otherTree) {
            return TREES.compare(tree, otherTree);
        }
        return Integer.compare(kind(one), kind(other));
    }

    private static int kind(Content content) {
        if (content instanceof Content.None) {
            return 0;
        }
        return content instanceof Content.Packed ? 1 : content instanceof Content.Blocks ? 2 : 3;
    }

    /** Thing by thing; the shorter one first if it is how the other one begins. */
    private static <T, C extends Iterable<T>> Comparator<C> each(Comparator<T> order) {
        return (one, other) -> {
            Iterator<T> mine = one.iterator();
            Iterator<T> theirs = other.iterator();
            while (mine.hasNext() && theirs.hasNext()) {
                int found = order.compare(mine.next(), theirs.next());
                if (found != 0) {
                    return found;
                }
            }
            return Boolean.compare(mine.hasNext(), theirs.hasNext());
        };
    }
}
