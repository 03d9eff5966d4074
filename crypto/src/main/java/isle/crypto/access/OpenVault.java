package isle.crypto.access;

import isle.crypto.identity.DeviceKeys;
import isle.crypto.identity.UserKeys;
import isle.crypto.identity.VaultHeader;
import isle.crypto.identity.VaultKeys;
import isle.crypto.seal.Id;
import isle.crypto.v1.PackStore;
import isle.crypto.v1.VaultReader;
import isle.fs.spi.ObjectStore;
import java.util.Set;

/**
 * A vault whose keys this host has.
 *
 * @param header what its header records said when it was opened
 * @param records ids of the header records that it is known from
 * @param keys of all generations that the user was given
 */
public record OpenVault(VaultHeader header, Set<Id> records, VaultKeys keys, UserKeys user, DeviceKeys device) {

    public OpenVault {
        records = Set.copyOf(records);
    }

    public Id vault() {
        return header.vault();
    }

    /** Its packs and content in this store. */
    public PackStore packs(ObjectStore store) {
        return new PackStore(store, vault(), keys::sealers);
    }

    public VaultReader reader(ObjectStore store) {
        return new VaultReader(packs(store), vault());
    }

    @Override
    public String toString() {
        return "open vault " + vault();
    }
}
