package isle.fs.journal;

import isle.fs.model.Attributes;
import isle.fs.model.FileName;
import isle.fs.model.Timestamp;
import isle.fs.spi.Volume;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one record of a volume's journal says. Records are absolute wherever they can be (a state, not a step), so that
 * replaying them needs nothing but the records: neither the index nor the store. Their order is total.
 */
public sealed interface JournalRecord {

    /**
     * One local operation on names and attributes, whole or not at all.
     *
     * @param inodes new states of inodes
     * @param links new states of names
     */
    record Operation(List<InodeState> inodes, List<LinkState> links) implements JournalRecord {
        public Operation {
            inodes = List.copyOf(inodes);
            links = List.copyOf(links);
        }
    }

    /** Bytes of a file; they are the record's data. */
    record Write(long inode, long offset, Timestamp time) implements JournalRecord {}

    /** A new size; bytes beyond it are gone, bytes up to it are zeros. */
    record Resize(long inode, long size, Timestamp time) implements JournalRecord {}

    /** A range of zeros; does not change the size. */
    record Zero(long inode, long offset, long length, Timestamp time) implements JournalRecord {}

    /** Where a directory lies in the store, so that its children can be committed when the index is lost. */
    record Place(long inode, String ref) implements JournalRecord {}

    /** A directory was removed, of which the store still has something: nothing of its place is to remain. */
    record Removed(long inode) implements JournalRecord {}

    /** A commit of this name, with the state of this inode, is about to be sent to a place under a token. */
    record Attempt(long parent, FileName name, long inode, String ref, String token) implements JournalRecord {
        /** Says that it is known what the attempts so far at a name have done. */
        public static Attempt settled(long parent, FileName name) {
            return new Attempt(parent, name, 0, "", "");
        }

        /** Whether this only says that earlier ones are settled. */
        public boolean isSettled() {
            return token.isEmpty();
        }
    }

    /**
     * The store has what this name was at a position of the journal.
     *
     * @param inode whose state was committed; 0 for a removal
     * @param upTo the inode's state up to this sequence is stored
     * @param linkUpTo the name's state up to this sequence is stored
     * @param stored what the store has under the name now; null for nothing
     * @param attributes as they were stored; null for a removal
     * @param cleared another place whose content is gone by the same commit (a move); null if none
     */
    record Committed(
            long parent,
            FileName name,
            long inode,
            long upTo,
            long linkUpTo,
            Volume.@Nullable Source stored,
            @Nullable Attributes attributes,
            @Nullable String cleared)
            implements JournalRecord {}

    /**
     * In a checkpoint: one extent of a file, written at {@code sequence}. Its bytes lie at {@code location}, or in the
     * {@code staged} object, or are the record's data; when there is none of these they are zeros.
     */
    record Extent(
            long inode,
            long sequence,
            long offset,
            long length,
            @Nullable DataLocation location,
            Volume.@Nullable Source staged,
            int skip)
            implements JournalRecord {}

    /**
     * Bytes of a file, those of this range that were written at or before {@code upTo}, lie in an object of their own,
     * which begins with the byte at {@code offset}: nobody needs them in the journal any more.
     */
    record Staged(long inode, long upTo, long offset, long length, Volume.Source object) implements JournalRecord {}

    /** In a checkpoint: how much of the stored content is still the file's (what shrinks left of it). */
    record Base(long inode, long limit, List<Shrink> shrinks) implements JournalRecord {
        public Base {
            shrinks = List.copyOf(shrinks);
        }
    }

    /** A shrink to {@code size} bytes that was made at {@code sequence}. */
    record Shrink(long sequence, long size) {}

    /**
     * State of one inode.
     *
     * @param stored where the store has its content; null if nowhere yet
     * @param left of a directory: places that it has left and at which some of its descendants still lie; each is that of
     *     the topmost directory that went from there with it
     * @param changedAt sequence of the change; 0: that of this record (only checkpoints repeat older changes)
     */
    record InodeState(
            long inode, Attributes attributes, Volume.@Nullable Source stored, List<String> left, long changedAt) {}

    /**
     * State of one name.
     *
     * @param inode what the name means now; 0 for nothing
     * @param storedHere what the store has under the name, as far as this host knows; null for nothing
     * @param changedAt as in {@link InodeState}
     */
    record LinkState(long parent, FileName name, long inode, Volume.@Nullable Source storedHere, long changedAt) {}
}
