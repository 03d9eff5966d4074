package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Compaction;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.Pack;
import isle.crypto.v1.PackCodec;
import isle.crypto.v1.PackCodec.SealedPack;
import isle.crypto.v1.PackKey;
import isle.crypto.v1.PackStore;
import isle.crypto.vault.Shelf.Doomed;
import isle.crypto.vault.Shelf.Item;
import isle.crypto.vault.Shelf.Unit;
import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore.ObjectSummary;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * Makes fewer packs of the packs of a directory (R9 to R13). Each run begins with what the store has: first it takes away
 * what earlier runs, of whatever host, have made superfluous, then it compacts what has become too much. What a run that
 * broke off has left is found by the next one. For one thread at a time.
 */
final class Compactor {

    /** Sealed bytes of one index section, far below what a reader takes. */
    private static final int MOST_INDEX_BYTES = 24 << 20;

    private final VaultState state;
    private final PackStore packs;
    private final Parallel parallel;
    private final Tiers tiers;
    private final IntSupplier generation;
    private final Supplier<Id> ids;
    private final PastWriter past;

    /**
     * @param generation number of the vault key to seal under, now
     * @param ids draws ids that were never used
     * @param past keeps what is dropped
     */
    Compactor(
            VaultState state,
            PackStore packs,
            Parallel parallel,
            Tiers tiers,
            IntSupplier generation,
            Supplier<Id> ids,
            PastWriter past) {
        this.state = state;
        this.packs = packs;
        this.parallel = parallel;
        this.tiers = tiers;
        this.generation = generation;
        this.ids = ids;
        this.past = past;
    }

    /** Whether there is enough to be compacted in a directory, as far as is known without a request. */
    boolean isFull(Id directory) {
        return state.shelf(directory, null)
                .map(shelf -> !shelf.inputs(tiers).isEmpty())
                .orElse(false);
    }

    /** Whether something waits in a directory for being taken away. */
    boolean hasRemains(Id directory) {
        return state.shelf(directory, null).map(Shelf::hasRemains).orElse(false);
    }

    /**
     * One run.
     *
     * @throws FsException it broke off; nothing is lost by that
     */
    void run(Id directory) throws FsException {
        long began = state.beginList();
        PackStore.Listed listed = packs.list(directory);
        if (!state.unread(directory, listed, began).isEmpty()) {
            state.refresh(List.of(directory));
            began = state.beginList();
            listed = packs.list(directory);
            state.unread(directory, listed, began);
        }
        Shelf shelf = state.shelf(directory, listed).orElse(null);
        if (shelf == null) {
            return;
        }
        Doomed doomed = shelf.doomed(tiers, packs.newest());
        if (!doomed.items().isEmpty()) {
            remove(doomed, listed.objects());
            state.forgetCovered(directory);
        }
        List<Unit> inputs = shelf.inputs(tiers);
        if (!inputs.isEmpty()) {
            compact(directory, inputs);
        }
        state.force();
        if (!inputs.isEmpty()) {
            past.tidy(directory);
        }
    }

    private void remove(Doomed doomed, Map<PackKey, ObjectSummary> objects) throws FsException {
        List<Item> founded = doomed.founded();
        parallel.run(founded.size(), index -> {
            Item item = founded.get(index);
            if (!packs.read(item.key()).pack().equals(item.pack())) {
                throw new FsException.Corrupt("a compaction says something else by now");
            }
        });
        List<PackKey> keys = new ArrayList<>();
        List<PackKey> filled = new ArrayList<>();
        for (Item item : doomed.items()) {
            keys.add(item.key());
            if (state.pack(item.pack().id()).map(one -> one.payloadBytes() > 0).orElse(true)) {
                filled.add(item.key());
            }
        }
        parallel.run(filled.size(), index -> keep(filled.get(index), objects));
        packs.delete(keys);
        keys.forEach(state::gone);
    }

    private void keep(PackKey key, Map<PackKey, ObjectSummary> objects) throws FsException {
        try {
            packs.keep(key, Objects.requireNonNull(objects.get(key)));
        } catch (FsException.NotFound e) {
            // another host has taken it away, and kept its content before that
        }
    }

    private void compact(Id directory, List<Unit> inputs) throws FsException {
        List<Pack> read = inputs.stream()
                .flatMap(unit -> unit.items().stream())
                .map(Item::pack)
                .toList();
        Made made = seal(directory, read, Shelf.tierOf(inputs));
        past.keep(directory, made.dropped());
        List<SealedPack> sealed = made.packs();
        int parts = sealed.size() - 1;
        parallel.run(parts, index -> packs.put(sealed.get(index)));
        packs.put(sealed.get(parts));
        state.add(sealed);
        // They are there: a list that lacks them says that they are gone.
        state.arrived(sealed);
    }

    /**
     * A compaction, ready to be sent.
     *
     * @param packs the root last
     * @param dropped what is in none of them
     */
    private record Made(List<SealedPack> packs, List<EntryRecord> dropped) {}

    private Made seal(Id directory, List<Pack> inputs, int tier) throws FsException {
        PackCodec codec = packs.codec(generation.getAsInt());
        int most = tiers.records();
        while (true) {
            List<Pack> written = new Compaction().of(directory, inputs, most, ids);
            List<SealedPack> sealed = new ArrayList<>();
            for (Pack each : written) {
                sealed.add(codec.seal(each, tier, ByteBuffer.allocate(0)));
            }
            if (most == 1 || sealed.stream().allMatch(each -> each.key().indexBytes() <= MOST_INDEX_BYTES)) {
                return new Made(sealed, Compaction.dropped(inputs, written));
            }
            most = Math.max(1, most / 4);
        }
    }
}
