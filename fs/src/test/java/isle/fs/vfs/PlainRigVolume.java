package isle.fs.vfs;

import isle.fs.model.FsException;
import isle.fs.plain.PlainVolume;
import isle.fs.spi.AtRest;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.Volume;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;

/** A plain volume. */
record PlainRigVolume(AtRest atRest) implements RigVolume {

    @Override
    public Volume open(ObjectStore connection, Path folder, Around rig) {
        PlainVolume.Local local =
                new PlainVolume.Local(1000, 1000, "here", rig.clock().wall(), new Random(rig.life()));
        if (!rig.isStepped()) {
            return new PlainVolume("v", connection, local);
        }
        CallersThread direct = new CallersThread();
        return new PlainVolume(
                "v", connection, local, new PlainVolume.Sending(direct, direct, 32, took -> rig.arriving()
                        .run()));
    }

    @Override
    public NavigableMap<String, byte[]> stored(ObjectStore store) throws FsException {
        NavigableMap<String, byte[]> found = new TreeMap<>();
        for (ObjectStore.ObjectSummary object : store.list("", false, "", 1000).objects()) {
            String key = object.key().value();
            if (key.endsWith("/")) {
                found.put(key.substring(0, key.length() - 1), new byte[0]);
            } else {
                ByteBuffer into = ByteBuffer.allocate((int) object.size());
                store.get(object.key(), 0, into, null);
                found.put(key, into.array());
            }
        }
        return found;
    }

    /** The index is the VFS's own. */
    @Override
    public void loseIndex(Path folder) {}
}
