package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.v1.PackStore;
import isle.fs.model.FsException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** Whether a store has all that records name: told without any of the code that decides what may go. */
final class NamedContent {
    private NamedContent() {}

    /** @param records of whatever is shown, and of history */
    static void check(PackStore packs, Collection<EntryRecord> records) throws FsException {
        Set<Id> there = new HashSet<>(packs.objects().keySet());
        packs.listAll().packs().forEach(each -> there.add(each.pack()));
        for (EntryRecord each : records) {
            if (each.state() instanceof Here here && here.content() instanceof Content.Blocks all) {
                all.blocks().forEach(block -> assertTrue(there.contains(block.object()), "a block of " + each));
            } else if (each.state() instanceof Here here && here.content() instanceof Content.Packed packed) {
                assertTrue(there.contains(packed.pack()), "the bytes of " + each);
            }
        }
    }
}
