package isle.fs.vfs;

import isle.fs.journal.JournalDisk;
import isle.fs.journal.JournalSettings;
import isle.fs.spi.AtRest;
import isle.fs.spi.Volume;

/**
 * One volume to be shown.
 *
 * @param number of the volume, 1 to 32767, constant for the life of a profile: it is part of inode numbers
 * @param volume its namespace in the store
 * @param journalDisk where its journal lies
 * @param journalSettings sizes of the journal
 * @param ownership whose files they are
 * @param rootPermissions permission bits of its top folder
 * @param readOnly whether changes are refused here
 * @param atRest how its journal and its cached blocks lie on this host's disk
 */
public record VolumeSetup(
        int number,
        Volume volume,
        JournalDisk journalDisk,
        JournalSettings journalSettings,
        Ownership ownership,
        int rootPermissions,
        boolean readOnly,
        AtRest atRest) {

    /** One that lies on this host's disk as it is. */
    public VolumeSetup(
            int number,
            Volume volume,
            JournalDisk journalDisk,
            JournalSettings journalSettings,
            Ownership ownership,
            int rootPermissions,
            boolean readOnly) {
        this(number, volume, journalDisk, journalSettings, ownership, rootPermissions, readOnly, AtRest.PLAIN);
    }
}
