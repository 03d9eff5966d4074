package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Directory;
import isle.crypto.tree.Pack;
import isle.crypto.v1.IndexCodec;
import isle.crypto.v1.IndexCodec.Section;
import isle.crypto.v1.PackKey;
import isle.fs.model.FsException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The packs of a directory that nobody looks into, as bytes, which are a fifth of what their records take in memory. */
final class Resting implements Directory.Rest {

    private final Function<Id, @Nullable PackKey> keys;
    private final List<Encoded> packs = new ArrayList<>();

    private static final class Encoded {
        final PackKey key;
        final byte[] section;

        Encoded(PackKey key, byte[] section) {
            this.key = key;
            this.section = section;
        }
    }

    /** @param keys those of the packs that were joined, by their ids */
    Resting(Function<Id, @Nullable PackKey> keys) {
        this.keys = keys;
    }

    @Override
    public void put(Collection<Pack> all) {
        packs.clear();
        for (Pack each : all) {
            PackKey key = keys.apply(each.id());
            if (key == null) {
                throw new IllegalStateException("a pack that was not joined");
            }
            packs.add(new Encoded(key, IndexCodec.encode(new Section(each, key.generation(), 0))));
        }
    }

    @Override
    public Collection<Pack> take() {
        List<Pack> taken = new ArrayList<>();
        for (Encoded each : packs) {
            try {
                taken.add(IndexCodec.decode(each.section, each.key).pack());
            } catch (FsException e) {
                throw new IllegalStateException("what was encoded does not decode", e);
            }
        }
        packs.clear();
        return taken;
    }
}
