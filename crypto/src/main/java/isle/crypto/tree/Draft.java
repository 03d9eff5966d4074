package isle.crypto.tree;

import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Origin;
import isle.crypto.tree.EntryRecord.State;
import isle.crypto.tree.Shown.Version;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A record to be, of a directory that is known from where it stands: all of it but its dot and its origin.
 *
 * @param name under which it will be
 * @param state what the name shall mean
 * @param same the version whose birth it keeps, if {@code contentStays}
 * @param contentStays whether it changes attributes only, of a content that is under this very name
 * @param replaced versions in the same directory that it supersedes
 * @param isKeeping whether it was not asked for, but keeps what is shown now from changing along; then {@code replaced}
 *     is of now, and not of when the changer looked
 */
public record Draft(
        String name,
        State state,
        @Nullable Version same,
        boolean contentStays,
        List<Version> replaced,
        boolean isKeeping) {

    public Draft {
        replaced = List.copyOf(replaced);
    }

    Draft(String name, State state, @Nullable Version same, boolean contentStays, List<Version> replaced) {
        this(name, state, same, contentStays, replaced, false);
    }

    Draft keeping() {
        return new Draft(name, state, same, contentStays, replaced, true);
    }

    Draft replacing(List<Version> others) {
        return new Draft(name, state, same, contentStays, others, isKeeping);
    }

    /** Whether the name means something else by it than before, or nothing: that changes the directory. */
    public boolean isNaming() {
        return !isRegister()
                && !(state instanceof Here here && replaced.stream().anyMatch(each -> isOf(here, each.entry())));
    }

    private boolean isOf(Here here, EntryRecord before) {
        return before.name().equals(name)
                && before.state() instanceof Here was
                && was.inode().equals(here.inode());
    }

    boolean isRegister() {
        return name.equals(EntryRecord.PLACE);
    }

    /**
     * The record itself. Of several births none can be kept: somebody else would keep another one, and each would end
     * the other's (R4a).
     *
     * @param dot drawn for it in its directory
     */
    public EntryRecord record(Dot dot, Origin made) {
        TreeSet<Dot> supersedes = new TreeSet<>();
        TreeSet<Dot> ends = new TreeSet<>();
        for (Version each : replaced) {
            supersedes.add(each.entry().dot());
            ends.add(each.entry().birth());
        }
        Dot birth =
                same != null && contentStays && ends.size() == 1 ? same.entry().birth() : dot;
        ends.remove(birth);
        return new EntryRecord(dot, name, made, state, birth, List.copyOf(supersedes), List.copyOf(ends));
    }

    @Override
    public String toString() {
        return state + ", replaces " + replaced;
    }
}
