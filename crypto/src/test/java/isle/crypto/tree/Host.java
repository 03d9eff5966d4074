package isle.crypto.tree;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.Shown.Version;
import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import isle.fs.model.FsException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One host of a simulated history: the operations of its user, of which one commit may have several. */
final class Host extends Device {

    static final Id ROOT = new Id(0, 0);

    Host(String name, Rules rules, Bucket bucket, Witness witness, long incarnation, long clockAhead) {
        super(name, rules, bucket, witness, incarnation, clockAhead);
    }

    /** Content under a name: a new file, or the next version of what {@code there} had been when it was opened. */
    void write(List<Id> group, String name, @Nullable Shown there, long content) {
        Id inode = there == null || there.isDirectory()
                ? witness.draw()
                : there.state().inode();
        Here state = new Here(
                inode, attributes(FileKind.FILE, 0644), new Content.Packed(Host.ROOT, new Id(7, content), 1, 0, 1));
        writer().put(group, there == null ? name : there.name(), againIfAny(there), state, false);
    }

    /** Another file under the name of what is removed or moved. */
    void replace(List<Id> group, Shown there, long content) {
        Here state = new Here(
                witness.draw(),
                attributes(FileKind.FILE, 0644),
                new Content.Packed(Host.ROOT, new Id(7, content), 1, 0, 1));
        writer().put(group, there.name(), again(there), state, false);
    }

    void changeMode(List<Id> group, Shown there, int mode) {
        Attributes attributes = attributes(there.state().attributes().kind(), mode);
        if (there.isDirectory()) {
            writer().changeDirectory(group, again(there), attributes);
            return;
        }
        Here state = new Here(there.state().inode(), attributes, there.state().content());
        writer().put(group, there.name(), again(there), state, true);
    }

    void remove(List<Id> group, Shown file) {
        writer().remove(group, again(file));
    }

    /** Files only. */
    void rename(List<Id> from, Shown file, List<Id> to, String name, @Nullable Shown target) {
        writer().put(to, name, againIfAny(target), file.state(), false);
        writer().remove(from, again(file));
    }

    /** Two files. */
    void swap(List<Id> group, Shown one, List<Id> otherGroup, Shown other) {
        writer().put(group, one.name(), again(one), other.state(), false);
        writer().put(otherGroup, other.name(), again(other), one.state(), false);
    }

    List<Id> makeDirectory(List<Id> group, String name, @Nullable Shown there) {
        Id id = witness.draw();
        writer().makeDirectory(group, name, againIfAny(there), id, attributes(FileKind.DIRECTORY, 0755));
        return List.of(id);
    }

    /** Whether it may be moved. */
    boolean isRead(Shown directory) {
        return directory.directories().stream()
                .noneMatch(id -> tree().registers(id).isEmpty());
    }

    void removeDirectory(List<Id> group, Shown directory) {
        writer().removeDirectory(group, again(directory));
    }

    void moveDirectory(List<Id> from, Shown directory, List<Id> to, String name, @Nullable Shown there) {
        Attributes attributes = directory.state().attributes();
        try {
            writer().moveDirectory(to, name, againIfAny(there), directory.directories(), attributes);
        } catch (FsException e) {
            throw new AssertionError("refused", e);
        }
        writer().remove(from, again(directory));
    }

    /** A changer keeps but the ids of what it was shown. */
    private Shown again(Shown there) {
        List<Shown.VersionId> ids = there.versions().stream().map(Version::id).toList();
        Shown again = tree().shown(there.name(), ids);
        return again == null ? there : again;
    }

    private @Nullable Shown againIfAny(@Nullable Shown there) {
        return there == null ? null : again(there);
    }

    private static Attributes attributes(FileKind kind, int mode) {
        return Attributes.of(kind, mode, 0, 0, 0, DAY);
    }
}
