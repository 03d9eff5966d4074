package isle.fs.vfs;

import isle.fs.model.FsException;
import isle.fs.spi.AtRest;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.Volume;
import java.nio.file.Path;
import java.util.NavigableMap;

/** Which volume a rig has. It may be opened again and again, on one store. */
interface RigVolume {
    /**
     * Opens it for one life of a process.
     *
     * @param folder what is in it survives the process
     * @param rig what goes on around it
     */
    Volume open(ObjectStore connection, Path folder, Around rig) throws FsException;

    /**
     * What goes on around a volume.
     *
     * @param clock of the host
     * @param life a number that no other life has
     * @param isStepped whether everything is to happen on the caller's thread
     * @param arriving brings what was given up to the store
     */
    record Around(VfsClock clock, long life, boolean isStepped, Runnable arriving) {}

    /** How its journal lies on the disk. */
    AtRest atRest();

    /** What the store has, read without the VFS: paths to content, that of directories empty. */
    NavigableMap<String, byte[]> stored(ObjectStore store) throws FsException;

    /** Loses what it remembers and could ask for again, if anything. Not open. */
    void loseIndex(Path folder) throws FsException;
}
