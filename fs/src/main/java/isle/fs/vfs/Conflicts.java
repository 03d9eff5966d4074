package isle.fs.vfs;

import isle.fs.spi.Volume;
import java.util.HashMap;
import java.util.Map;

/**
 * The names of conflict copies, as long as something has them: they are told to whoever shows what is wrong. By their
 * form, since a copy is a file like others and may be renamed, kept or removed. Guarded by the tree lock, for writing.
 */
final class Conflicts {
    private static final String MARK = " (conflict ";

    private final Volume.Traits volume;
    private final CommitEvents events;

    /** Under which path each was told. */
    private final Map<Dentry, String> told = new HashMap<>();

    Conflicts(Volume.Traits volume, CommitEvents events) {
        this.volume = volume;
        this.events = events;
    }

    static boolean isCopy(Dentry dentry) {
        return dentry.name.raw().contains(MARK);
    }

    /** A name means something else than before. */
    void meant(Dentry dentry) {
        if (dentry.inode == null) {
            gone(dentry);
        } else if (volume.byReference() && isCopy(dentry)) {
            // In a volume by place only the commit knows: there is no copy before it has made one.
            found(dentry);
        }
    }

    /** A version lies beside the other one under this name, which means something now. */
    void found(Dentry dentry) {
        String above = dentry.parent.path();
        String path = volume.name() + "/" + (above.isEmpty() ? "" : above + "/") + dentry.name.display();
        String before = told.put(dentry, path);
        if (before != null && !before.equals(path)) {
            events.resolved(before);
        }
        if (!path.equals(before)) {
            events.conflict(path);
        }
    }

    /** Nothing has this name any more. */
    void gone(Dentry dentry) {
        String path = told.isEmpty() ? null : told.remove(dentry);
        if (path != null) {
            events.resolved(path);
        }
    }
}
