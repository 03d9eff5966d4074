package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Drafts;
import isle.crypto.tree.Shown;
import isle.crypto.tree.Tree;
import isle.crypto.tree.Writer;
import isle.crypto.vault.Problem.Kind;
import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/**
 * Directories that are shown nowhere though something lives in them, because what says where they are cannot be read; and
 * those that only an entry names, which cannot be moved. Puts the former into a folder at the root, under their ids, and
 * writes registers for both. Should what was lost come back, the later of the two counts, as ever.
 */
final class LostAndFound {

    /** Of the folder at the root. */
    static final String NAME = "lost+found";

    private static final int PERMISSIONS = 0700;

    private final VaultState state;
    private final Publisher publisher;
    private final Id root;
    private final Supplier<Id> ids;
    private final InstantSource clock;
    private volatile List<Problem> found = List.of();

    /** @param ids draws ids that were never used */
    LostAndFound(VaultState state, Publisher publisher, Id root, Supplier<Id> ids, InstantSource clock) {
        this.state = state;
        this.publisher = publisher;
        this.root = root;
        this.ids = ids;
        this.clock = clock;
    }

    /** As of the last {@link #look}. */
    List<Problem> problems() {
        return found;
    }

    /**
     * Looks for what is shown nowhere, after everything was read.
     *
     * @throws FsException the store is away
     */
    void look() throws FsException {
        List<Id> before = List.of();
        List<Id> adrift = adrift();
        // Lists of the store are not of one moment: what somebody is making just now is asked for once more.
        while (!adrift.equals(before)) {
            state.refresh(adrift);
            before = adrift;
            adrift = adrift();
        }
        found = adrift.stream()
                .map(each -> new Problem(Kind.ADRIFT, each, null))
                .toList();
    }

    private List<Id> adrift() {
        return state.ask((all, tree) -> List.copyOf(tree.adrift()));
    }

    /**
     * Gives a place to all of them, unless there is something that another host, or a later isle, could read.
     *
     * @return how many are shown now that were not
     */
    int repair() throws FsException {
        look();
        if (state.isLocked()) {
            return 0;
        }
        int count = found.size();
        List<Id> named = state.ask((all, tree) -> List.copyOf(tree.unregistered()));
        if (count == 0 && named.isEmpty()) {
            return 0;
        }
        state.refresh(named);
        publisher.write(this::drafts);
        look();
        return Math.max(0, count - found.size());
    }

    private List<Drafts> drafts(Tree tree) {
        Writer writer = new Writer(tree);
        List<Id> adrift = List.copyOf(tree.adrift());
        List<Id> top = List.of(root);
        Attributes attributes = Attributes.of(FileKind.DIRECTORY, PERMISSIONS, 0, 0, 0, Timestamp.of(clock.instant()));
        Shown there = tree.list().get(NAME);
        List<Id> folder = there == null ? List.of(ids.get()) : there.directories();
        if (there == null && !adrift.isEmpty()) {
            writer.makeDirectory(top, NAME, null, folder.get(0), attributes);
        }
        for (Id each : adrift) {
            // A file has that name: beside it, then.
            boolean beside = folder.isEmpty();
            writer.makeDirectory(
                    beside ? top : folder, beside ? NAME + "." + each : each.toString(), null, each, attributes);
        }
        tree.unregistered().forEach(writer::settle);
        return writer.drafts();
    }
}
