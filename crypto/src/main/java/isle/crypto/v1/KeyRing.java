package isle.crypto.v1;

import isle.crypto.seal.Sealer;
import isle.fs.model.FsException;
import java.util.List;

/** The keys of a vault, for who seals and opens with them. */
record KeyRing(PackStore.Keys keys) {

    /** Opens something with one key. */
    interface Opening<T> {
        T with(Sealer sealer) throws FsException;
    }

    /**
     * Those of one generation, the likeliest first, at least one.
     *
     * @throws FsException.AccessDenied none is known here
     */
    List<Sealer> sealers(int generation) throws FsException {
        List<Sealer> sealers = keys.sealers(generation);
        if (sealers.isEmpty()) {
            throw new FsException.AccessDenied("no key of generation " + generation + " of the vault is known here");
        }
        return sealers;
    }

    /** With the key that fits, of the few that there may be of one generation. */
    <T> T opened(int generation, Opening<T> opening) throws FsException {
        FsException.Corrupt first = null;
        for (Sealer sealer : sealers(generation)) {
            try {
                return opening.with(sealer);
            } catch (FsException.Corrupt e) {
                first = first == null ? e : first;
            }
        }
        throw first == null ? new FsException.Corrupt("nothing opens this") : first;
    }
}
