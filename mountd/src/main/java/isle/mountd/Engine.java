package isle.mountd;

import isle.mountd.api.DaemonException;
import isle.mountd.local.OpenVolumes;
import isle.mountd.vault.PrivateVault;

/** Opened stores, journals, index, cache and volumes: everything under the daemon that a profile's settings decide. */
interface Engine extends OpenVolumes, AutoCloseable {

    /**
     * Shows the volumes at the place that the settings name.
     *
     * @throws DaemonException it cannot be mounted there; the volumes stay open
     */
    void showMount() throws DaemonException;

    /**
     * Takes the mount away; none is fine. Everything written so far is in the journal before it returns.
     *
     * @param force although programs have files open or stand in it
     * @throws DaemonException programs use it, and {@code force} is false
     */
    void takeMountAway(boolean force) throws DaemonException;

    /** The vault of this host's person, open or not. */
    PrivateVault vault();

    /** Whether its folder is among the volumes. */
    boolean isVaultShown();

    /** Whether its folder would be among them if the volumes were opened again now. */
    boolean canShowVault();

    /** Asks the store of each volume now, all at once, and waits for what they say. */
    void askStores();

    /** Tells health what is wrong with private/, if it is shown. From memory. */
    default void examineVault() {}

    /** What the fullest journal takes, and may take. */
    JournalUse journalUse();

    /** What is left in the journals stays there. */
    @Override
    void close();

    /** Bytes. */
    record JournalUse(long usedBytes, long capBytes) {}
}
