package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Compaction;
import isle.crypto.tree.Directory;
import isle.crypto.tree.Pack;
import isle.crypto.v1.PackCodec.SealedPack;
import isle.crypto.v1.PackStore;
import isle.crypto.vault.VaultState.Known;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * Gives the store back what this host knows of packs that it has lost (R20). A pack without a payload is put there as it
 * was. Of one with a payload the records go into new packs: an object is never replaced by other bytes, and should the
 * old one come back, both say the same, and the content can be read again.
 */
final class PutBack {

    private final VaultState state;
    private final PackStore packs;
    private final IntSupplier generation;
    private final Supplier<Id> ids;

    /**
     * @param generation of the vault key to seal under, now
     * @param ids draws ids that were never used
     */
    PutBack(VaultState state, PackStore packs, IntSupplier generation, Supplier<Id> ids) {
        this.state = state;
        this.packs = packs;
        this.generation = generation;
        this.ids = ids;
    }

    /** What has to be sent so that the store says again what it said: in phases; none if it lacks nothing. */
    List<List<SealedPack>> of(List<Id> directories) throws FsException {
        List<SealedPack> first = new ArrayList<>();
        List<SealedPack> roots = new ArrayList<>();
        for (Id directory : directories) {
            Set<Id> done = new HashSet<>();
            for (Pack each : state.lost(directory)) {
                Optional<Known> known = state.pack(each.id());
                if (known.isPresent() && done.add(each.id())) {
                    add(known.get(), each, done, first, roots);
                }
            }
        }
        List<List<SealedPack>> phases = new ArrayList<>();
        for (List<SealedPack> phase : List.of(first, roots)) {
            if (!phase.isEmpty()) {
                phases.add(phase);
            }
        }
        return phases;
    }

    private void add(Known known, Pack pack, Set<Id> done, List<SealedPack> first, List<SealedPack> roots)
            throws FsException {
        Optional<ByteBuffer> index = state.indexOf(known.key());
        boolean isOfACompaction = pack.cover() != null || pack.root() != null;
        if (known.payloadBytes() == 0 && index.isPresent()) {
            (pack.cover() == null ? first : roots).add(new SealedPack(known.key(), index.get()));
        } else if (!isOfACompaction) {
            Pack copy = new Pack(ids.get(), pack.directory(), pack.records(), null, null, pack.seen());
            first.add(seal(copy));
        } else {
            List<Pack> family = family(pack);
            family.forEach(each -> done.add(each.id()));
            List<Pack> written = new Compaction().of(pack.directory(), family, PackBuilder.MOST_RECORDS, ids);
            for (Pack each : written) {
                (each.cover() == null ? first : roots).add(seal(each));
            }
        }
    }

    private SealedPack seal(Pack pack) throws FsException {
        return packs.codec(generation.getAsInt()).seal(pack, 0, ByteBuffer.allocate(0));
    }

    /** A root and all its parts. */
    private List<Pack> family(Pack member) {
        return state.ask((all, tree) -> {
            Directory directory = all.get(member.directory());
            Id root = member.root() == null ? member.id() : member.root();
            List<Pack> family = new ArrayList<>();
            for (Pack each : directory == null ? List.<Pack>of() : directory.packs()) {
                if (each.id().equals(root) || root.equals(each.root())) {
                    family.add(each);
                }
            }
            return family;
        });
    }
}
