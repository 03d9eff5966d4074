package isle.fs.index;

import isle.fs.model.FsException;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One list of changes being applied. Entries are written as they come; rows of directories are kept here and written
 * once at the end, because a list of a thousand puts has mostly one parent.
 */
final class Transaction {

    private final Writer writer;
    private final Counters counters;
    private final LongSupplier freshFloor;
    private final Map<Long, Directory> directories = new HashMap<>();

    /** A directory that this transaction touches. */
    private static final class Directory {
        final Writer.@Nullable StoredDirectory stored;
        DirectoryRow row;

        /** Whether entries may be in it. Before the transaction that was so if it had a row. */
        boolean exists;

        /** Whether it existed at any moment of the transaction. */
        boolean existed;

        Directory(Writer.@Nullable StoredDirectory stored, boolean root) {
            this.stored = stored;
            row = stored == null ? DirectoryRow.EMPTY : stored.row();
            exists = root || stored != null;
            existed = exists;
        }
    }

    Transaction(Writer writer, Counters counters, LongSupplier freshFloor) {
        this.writer = writer;
        this.counters = counters;
        this.freshFloor = freshFloor;
    }

    void run(List<IndexChange> changes) throws SQLException, FsException {
        for (IndexChange change : changes) {
            if (change instanceof IndexChange.Put put) {
                put(put.entry());
            } else if (change instanceof IndexChange.Remove remove) {
                remove(remove.inode());
            } else if (change instanceof IndexChange.Listed listed) {
                DirectoryState state = listed.state();
                Directory directory = directory(state.inode());
                if (directory.exists) {
                    directory.row = directory.row.with(state);
                }
            } else if (change instanceof IndexChange.Meta meta) {
                counters.meta = writer.putMeta(meta, counters.meta);
            }
        }
        removeBelowRemoved();
        writeDirectories();
    }

    private void put(IndexEntry entry) throws SQLException, FsException {
        counters.raise(InodeNumbers.volumeOf(entry.inode()), InodeNumbers.counterOf(entry.inode()), freshFloor);
        Writer.Row old = writer.entryOf(entry.inode());
        boolean stays = old != null
                && old.entry().parent() == entry.parent()
                && old.entry().name().equals(entry.name());
        if (old != null && stays) {
            countOut(old);
        } else {
            if (old != null) {
                delete(old);
            }
            Writer.Row displaced = writer.entryAt(entry.parent(), entry.name().bytes());
            if (displaced != null) {
                delete(displaced);
                setExists(displaced.entry(), false);
            }
        }
        countIn(entry, writer.putEntry(entry));
        if (old != null && old.entry().isDirectory() && !entry.isDirectory()) {
            setExists(old.entry(), false);
        }
        setExists(entry, true);
    }

    /** Whether there was an entry to remove. */
    private boolean remove(long inode) throws SQLException, FsException {
        Writer.Row old = writer.entryOf(inode);
        if (old == null) {
            return false;
        }
        delete(old);
        setExists(old.entry(), false);
        if (old.entry().isDirectory()) {
            Directory directory = directory(inode);
            directory.row = directory.row.untold();
        }
        return true;
    }

    private void setExists(IndexEntry entry, boolean exists) throws SQLException, FsException {
        if (entry.isDirectory() && !InodeNumbers.isRoot(entry.inode())) {
            Directory directory = directory(entry.inode());
            directory.exists = exists;
            directory.existed |= exists;
        }
    }

    private void delete(Writer.Row row) throws SQLException, FsException {
        writer.deleteEntry(row.entry());
        countOut(row);
    }

    private void countOut(Writer.Row row) throws SQLException, FsException {
        counters.count(row.entry(), row.crc(), -1);
        Directory parent = directory(row.entry().parent());
        parent.row = parent.row.withChildren(parent.row.children().without(row.crc()));
    }

    private void countIn(IndexEntry entry, long crc) throws SQLException, FsException {
        counters.count(entry, crc, 1);
        Directory parent = directory(entry.parent());
        parent.row = parent.row.withChildren(parent.row.children().with(crc));
    }

    private Directory directory(long inode) throws SQLException, FsException {
        Directory known = directories.get(inode);
        if (known != null) {
            return known;
        }
        Directory loaded = new Directory(writer.directory(inode), InodeNumbers.isRoot(inode));
        directories.put(inode, loaded);
        return loaded;
    }

    /** A tree has no loose ends: what is still below a removed directory goes with it. */
    private void removeBelowRemoved() throws SQLException, FsException {
        Deque<Long> removed = new ArrayDeque<>();
        for (Map.Entry<Long, Directory> each : directories.entrySet()) {
            Directory directory = each.getValue();
            if (!directory.exists && directory.row.children().count() != 0) {
                if (!directory.existed) {
                    Writer.Row entry = writer.entryOf(each.getKey());
                    if (entry != null && entry.entry().isDirectory()) {
                        throw RowCodec.damaged("directory " + each.getKey() + " has lost its row");
                    }
                    throw new FsException.Stale("directory " + each.getKey() + " is not in the index");
                }
                removed.add(each.getKey());
            }
        }
        while (!removed.isEmpty()) {
            long parent = removed.remove();
            for (long child = writer.anyChild(parent); child != 0; child = writer.anyChild(parent)) {
                if (!remove(child)) {
                    throw RowCodec.damaged("an entry is in one tree and not in the other");
                }
                Directory directory = directories.get(child);
                if (directory != null && directory.row.children().count() != 0) {
                    removed.add(child);
                }
            }
        }
    }

    private void writeDirectories() throws SQLException, FsException {
        for (Map.Entry<Long, Directory> each : directories.entrySet()) {
            Directory directory = each.getValue();
            Writer.StoredDirectory stored = directory.stored;
            if (directory.exists && stored != null && stored.row().equals(directory.row)) {
                continue;
            }
            if (stored != null) {
                counters.directories = counters.directories.without(stored.crc());
            }
            if (directory.exists) {
                counters.directories = counters.directories.with(writer.putDirectory(each.getKey(), directory.row));
            } else if (directory.row.children().count() != 0) {
                throw RowCodec.damaged("directory " + each.getKey() + " has lost entries");
            } else if (stored != null) {
                writer.deleteDirectory(each.getKey());
            }
        }
    }
}
