package isle.mountd.local;

import isle.crypto.vault.VaultCare;
import isle.fs.model.FsException;
import isle.fs.vfs.FileSystem;
import isle.mountd.api.FileReport;
import isle.mountd.api.VolumeReport;
import isle.mountd.files.IslePath;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The opened volumes, as requests need them. */
public interface OpenVolumes {

    /** Files by inode. */
    FileSystem files();

    /** Looks after private/; empty if it is not shown. */
    default Optional<VaultCare> care() {
        return Optional.empty();
    }

    /** As whom the owner of the socket acts. */
    FileSystem.Caller caller();

    /** Where the volumes are mounted, if they are. */
    Optional<String> mount();

    /** Figures of each volume, from memory. */
    List<VolumeReport> volumes();

    /** Where the content of a path is. */
    FileReport state(IslePath path) throws FsException;

    /**
     * Waits until a path, or everything, is in the store.
     *
     * @return whether it is; false after {@code atMost}
     */
    boolean awaitStored(Optional<IslePath> path, Duration atMost) throws FsException;
}
