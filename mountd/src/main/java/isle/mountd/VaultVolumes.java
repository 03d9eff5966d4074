package isle.mountd;

import isle.crypto.access.OpenVault;
import isle.crypto.vault.Retention;
import isle.fs.journal.JournalSettings;
import isle.fs.spi.ObjectStore;
import isle.fs.vfs.Ownership;
import isle.fs.vfs.VolumeSetup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/** Makes the volume that shows an open vault. */
interface VaultVolumes {

    /** Shows none. */
    VaultVolumes NONE = new VaultVolumes() {
        @Override
        public boolean areShown() {
            return false;
        }

        @Override
        public Optional<VolumeSetup> setup(Place place) {
            return Optional.empty();
        }
    };

    /** Whether vaults are shown at all. */
    boolean areShown();

    /**
     * The volume and all that the VFS has to know of it.
     *
     * @throws IOException it cannot be shown: the other volumes are, and health says why
     */
    Optional<VolumeSetup> setup(Place place) throws IOException;

    /**
     * Where a vault is and what it gets.
     *
     * @param vault the open vault as it is known now: new key generations come while it is open, so that it is to be
     *     asked again for each use
     * @param store its bucket
     * @param folder of this host's keys, the key of its local state among them
     * @param journal folder of the volume's journal
     * @param number of the volume
     * @param history how long it keeps versions that were replaced
     */
    record Place(
            Supplier<OpenVault> vault,
            ObjectStore store,
            Path folder,
            Path journal,
            int number,
            JournalSettings journalSettings,
            Ownership ownership,
            boolean readOnly,
            Retention history) {}
}
