package isle.mountd;

import isle.crypto.access.OpenVault;
import isle.crypto.atrest.LocalKey;
import isle.crypto.vault.VaultVolume;
import isle.fs.journal.RealDisk;
import isle.fs.vfs.VolumeSetup;
import isle.mountd.config.Settings;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;

/** Shows open vaults, of which everything on this host's disk is sealed. */
final class SealedVolumes implements VaultVolumes {

    /** Nobody else may even see what is there. */
    private static final int ROOT_PERMISSIONS = 0700;

    private final String host;

    /** @param host its name, for people */
    SealedVolumes(String host) {
        this.host = host;
    }

    @Override
    public boolean areShown() {
        return true;
    }

    @Override
    public Optional<VolumeSetup> setup(Place place) throws IOException {
        SecureRandom random = new SecureRandom();
        OpenVault vault = place.vault().get();
        LocalKey key = LocalKey.open(place.folder(), vault.device(), random);
        if (key.isNew()) {
            LocalState.putAside(place.journal());
        }
        VaultVolume.Local local = new VaultVolume.Local(
                place.folder(), host, InstantSource.system(), random, VaultVolume.Local.USUAL_RECORDS);
        VaultVolume volume = VaultVolume.open(Settings.PRIVATE, place.vault(), place.store(), local, place.history());
        volume.learn();
        return Optional.of(new VolumeSetup(
                place.number(),
                volume,
                RealDisk.at(place.journal()),
                place.journalSettings(),
                place.ownership(),
                ROOT_PERMISSIONS,
                place.readOnly(),
                key.atRest(vault.vault())));
    }
}
