package isle.crypto.tree;

import isle.crypto.seal.Id;
import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import isle.fs.model.Timestamp;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one dot carries: one state of one name.
 *
 * @param dot its own
 * @param name raw bytes, one char each; {@link #PLACE} for the register that says where the directory itself is
 * @param made who made it, and when
 * @param state what the name means from here on
 * @param birth the dot at which this content came to this name. A record with another dot than this one changes
 *     attributes only
 * @param supersedes dots of the versions that the writer had before it and replaced
 * @param ends births of the contents that are no longer under this name because of it
 */
public record EntryRecord(
        Dot dot, String name, Origin made, State state, Dot birth, List<Dot> supersedes, List<Dot> ends) {

    /** Name of the register in which a directory says where it is; no file can have it. */
    public static final String PLACE = "..";

    public EntryRecord {
        supersedes = List.copyOf(supersedes);
        ends = List.copyOf(ends);
    }

    /**
     * @param lamport more than that of all that the writer had joined; decides what is later, never a clock
     * @param host name of the writing host, for people
     * @param time by the clock of that host, for people
     */
    public record Origin(long lamport, String host, Timestamp time) {
        @Override
        public String toString() {
            return "at " + lamport;
        }
    }

    /** What a name means. */
    public sealed interface State {}

    /** Nothing: a deletion. In {@link #PLACE}: the directory was removed, and these were its last parent and name. */
    public record Gone(@Nullable Place last) implements State {
        @Override
        public String toString() {
            return last == null ? "gone" : "gone, last " + last;
        }
    }

    /** An entry that is there, with its place {@code inode}: what a directory is found by, what a file is known by. */
    public record Here(Id inode, Attributes attributes, Content content) implements State {
        boolean isDirectory() {
            return attributes.kind() == FileKind.DIRECTORY;
        }

        @Override
        public String toString() {
            return "here " + inode + " " + content;
        }
    }

    /**
     * In {@link #PLACE}: where the directory is.
     *
     * @param now its parent, and its name when it was put there (renamed in place since, it has another one)
     * @param before where it was before this move, null if it was made here
     */
    public record Placed(Place now, @Nullable Place before) implements State {}

    /** A name in a directory. */
    public record Place(Id parent, String name) {
        @Override
        public String toString() {
            return "in " + parent;
        }
    }

    boolean isPlace() {
        return name.equals(PLACE);
    }

    /** Whether only attributes were changed since the content came to this name. */
    boolean isAttributesOnly() {
        return !dot.equals(birth);
    }

    /** Later means Lamport time, then incarnation, then counter (R5). */
    public boolean isLaterThan(EntryRecord other) {
        int byLamport = Long.compare(made.lamport(), other.made.lamport());
        return (byLamport != 0 ? byLamport : dot.compareTo(other.dot)) > 0;
    }

    /** Without names and attributes, which no text may show that could be logged. */
    @Override
    public String toString() {
        return dot + " " + made + ": " + state + (isAttributesOnly() ? ", born " + birth : "") + ", supersedes "
                + supersedes + ", ends " + ends;
    }
}
