package isle.fs.vfs;

import java.util.Set;

/**
 * Whose files a volume's are.
 *
 * @param mode see {@link Mode}
 * @param uid who mounted
 * @param gid his primary group
 * @param groups all his groups
 */
public record Ownership(Mode mode, int uid, int gid, Set<Integer> groups) {

    /** How owners are shown. */
    public enum Mode {
        /**
         * Everything belongs to the person who mounted: every member may edit, and the same number is another person on
         * another host. Of groups, those of the mounter are kept.
         */
        MOUNTER,
        /** Numeric owners are stored and shown as stored. */
        STORED
    }

    public Ownership {
        groups = Set.copyOf(groups);
    }

    int shownUid(int stored) {
        return mode == Mode.STORED ? stored : uid;
    }

    int shownGid(int stored) {
        return mode == Mode.STORED || groups.contains(stored) ? stored : gid;
    }

    /** Whether a change to this owner and group makes sense here; -1 for no change. */
    boolean accepts(int newUid, int newGid) {
        return mode == Mode.STORED
                || ((newUid == -1 || newUid == uid) && (newGid == -1 || newGid == gid || groups.contains(newGid)));
    }
}
