package isle.test.crash;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.s3.GarageServer;
import isle.fs.s3.S3ObjectStore;
import isle.fs.spi.ObjectStore;
import isle.test.rig.Folders;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** A host of its person, with the bucket of its vault. */
final class VaultPerson implements AutoCloseable {
    final IsleProfile isle;
    final S3ObjectStore store;

    /** What each step has put into the bucket, by the file that it wrote. */
    final Map<String, List<String>> objects = new LinkedHashMap<>();

    private final Map<String, byte[]> saved = new TreeMap<>();
    private final Set<String> known = new TreeSet<>();

    VaultPerson(Isles isles, GarageServer garage) throws FsException {
        String bucket = garage.createBucket();
        isle = isles.plan()
                .on(garage, bucket, garage.createBucket(), garage.key())
                .make();
        isle.start();
        store = S3ObjectStore.open(garage.settings("private-" + bucket), Clock.systemUTC());
        known.addAll(keys());
    }

    void step(String name, String script) throws FsException {
        isle.inMount("set -e; cd private; " + script).ok();
        isle.awaitStored();
        List<String> fresh = new ArrayList<>(keys());
        fresh.removeAll(known);
        known.addAll(fresh);
        objects.put(name, fresh);
    }

    List<String> keys() throws FsException {
        return store.list("", false, "", ObjectStore.MAX_PAGE).objects().stream()
                .map(each -> each.key().value())
                .toList();
    }

    /** The packs, or the blocks, that a step has put there. */
    List<String> of(String step, String prefix) {
        return objects.getOrDefault(step, List.of()).stream()
                .filter(key -> key.startsWith(prefix))
                .toList();
    }

    String pack(String step) {
        return of(step, "d/").get(of(step, "d/").size() - 1);
    }

    String block(String step, int index) {
        return of(step, "b/").get(index);
    }

    byte[] get(String key) throws FsException {
        ObjectKey object = new ObjectKey(key);
        ByteBuffer bytes =
                ByteBuffer.allocate((int) store.head(object).summary().size());
        store.get(object, 0, bytes, null);
        return bytes.array();
    }

    /** Changes an object; {@link #undo} takes it back. */
    void put(String key, byte[] bytes) throws FsException {
        if (keys().contains(key)) {
            saved.putIfAbsent(key, get(key));
        } else {
            saved.putIfAbsent(key, new byte[0]);
        }
        store.put(new ObjectKey(key), ObjectStore.Body.of(bytes), ObjectStore.ObjectMetadata.NONE);
    }

    void remove(String key) throws FsException {
        saved.putIfAbsent(key, get(key));
        store.delete(new ObjectKey(key));
    }

    void swap(String one, String other) throws FsException {
        byte[] bytes = get(one);
        put(one, get(other));
        put(other, bytes);
    }

    void undo() throws FsException {
        for (Map.Entry<String, byte[]> each : saved.entrySet()) {
            ObjectKey key = new ObjectKey(each.getKey());
            if (each.getValue().length == 0) {
                store.delete(key);
            } else {
                store.put(key, ObjectStore.Body.of(each.getValue()), ObjectStore.ObjectMetadata.NONE);
            }
        }
        saved.clear();
    }

    /** @param remembers whether it has what it read before, or comes to the vault as if for the first time */
    void restart(boolean remembers) {
        isle.unmount().ok();
        isle.emptyCache();
        if (!remembers) {
            Folders.delete(isle.state("vault").resolve("mirror"));
        }
        isle.start();
    }

    /** As of a second ago at most. */
    String status() {
        return isle.inMount("cat .isle/status.json").ok().text();
    }

    /** As of now. */
    String statusNow() {
        return isle.isle("status", "--json").ok().text();
    }

    @Override
    public void close() {
        store.close();
    }
}
