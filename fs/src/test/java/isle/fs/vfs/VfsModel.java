package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Random operations on a VFS and on a map of paths, which says what must be there afterwards. */
final class VfsModel {
    private static final byte[] DIRECTORY = new byte[0];

    private final VfsRig rig;
    private final Random random;

    /** What should be there: paths to content; directories map to {@link #DIRECTORY}. */
    private final TreeMap<String, byte[]> model = new TreeMap<>();

    /** What was done in this run. */
    final List<String> past = new ArrayList<>() {
        @Override
        public boolean add(String what) {
            trace(what);
            return super.add(what);
        }
    };

    VfsModel(VfsRig rig, Random random) {
        this.rig = rig;
        this.random = random;
    }

    private static void trace(String what) {
        if (Boolean.getBoolean("isle.model.trace")) {
            System.out.println(what);
        }
    }

    private String anyPath(boolean directory) {
        List<String> paths = new ArrayList<>();
        model.forEach((path, content) -> {
            if ((content == DIRECTORY) == directory) {
                paths.add(path);
            }
        });
        if (directory) {
            paths.add("");
        }
        return paths.isEmpty() ? "none" : paths.get(random.nextInt(paths.size()));
    }

    private String newPath() {
        String parent = anyPath(true);
        return (parent.isEmpty() ? "" : parent + "/") + "n" + random.nextInt(6);
    }

    private byte[] bytes() {
        byte[] bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Does one operation on both; both must succeed or both fail. */
    void step() throws FsException {
        int what = random.nextInt(9);
        trace("step "
                + List.of("create", "create", "overwrite", "truncate", "mkdir", "unlink", "rmdir", "rename", "rename")
                        .get(what));
        switch (what) {
            case 0, 1 -> create(newPath(), bytes());
            case 2 -> overwrite(anyPath(false));
            case 3 -> truncate(anyPath(false));
            case 4 -> both(newPath(), path -> rig.mkdir(path), path -> mkdir(path));
            case 5 -> both(anyPath(random.nextBoolean()), path -> rig.unlink(path), path -> remove(path, false));
            case 6 -> both(anyPath(true), path -> rig.rmdir(path), path -> remove(path, true));
            default -> {
                String from = anyPath(random.nextInt(3) == 0);
                String to = random.nextBoolean() ? newPath() : anyPath(random.nextInt(3) == 0);
                if (!to.isEmpty()) {
                    both(from, path -> rig.rename(path, to), path -> {
                        past.add("rename to " + to);
                        return rename(path, to);
                    });
                }
            }
        }
    }

    private interface Action {
        void on(String path) throws FsException;
    }

    private interface Expectation {
        boolean on(String path);
    }

    private void both(String path, Action action, Expectation expectation) throws FsException {
        if (path.isEmpty()) {
            return;
        }
        boolean expected = expectation.on(path);
        trace(path + " " + expected);
        past.add(path + (expected ? "" : " refused"));
        boolean done;
        FsException failure = null;
        try {
            action.on(path);
            done = true;
        } catch (FsException e) {
            done = false;
            failure = e;
        }
        if (expected != done) {
            throw new AssertionError(path + ": expected " + expected + ", was " + done + rig.dump(), failure);
        }
    }

    private boolean parentExists(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 || model.get(path.substring(0, slash)) == DIRECTORY;
    }

    private void create(String path, byte[] bytes) throws FsException {
        both(path, p -> rig.put(p, bytes), p -> {
            if (!parentExists(p) || model.get(p) == DIRECTORY) {
                return false;
            }
            model.put(p, bytes.length == 0 ? new byte[0] : bytes);
            return true;
        });
    }

    private void overwrite(String path) throws FsException {
        byte[] old = model.get(path);
        byte[] bytes = bytes();
        if (old == null || old == DIRECTORY || bytes.length == 0) {
            return;
        }
        int offset = random.nextInt(300);
        past.add(path + " write " + offset + "+" + bytes.length);
        rig.write(path, offset, bytes);
        byte[] next = Arrays.copyOf(old, Math.max(old.length, offset + bytes.length));
        System.arraycopy(bytes, 0, next, offset, bytes.length);
        model.put(path, next);
    }

    private void truncate(String path) throws FsException {
        byte[] old = model.get(path);
        if (old != null && old != DIRECTORY) {
            int size = random.nextInt(300);
            past.add(path + " truncate " + size);
            rig.truncate(path, size);
            model.put(path, Arrays.copyOf(old, size));
        }
    }

    private boolean mkdir(String path) {
        if (!parentExists(path) || model.containsKey(path)) {
            return false;
        }
        model.put(path, DIRECTORY);
        return true;
    }

    private boolean hasChildren(String path) {
        return model.tailMap(path + "/").keySet().stream()
                .findFirst()
                .filter(p -> p.startsWith(path + "/"))
                .isPresent();
    }

    private boolean remove(String path, boolean directory) {
        byte[] content = model.get(path);
        if (content == null || (content == DIRECTORY) != directory || (directory && hasChildren(path))) {
            return false;
        }
        model.remove(path);
        return true;
    }

    private boolean rename(String from, String to) {
        byte[] content = model.get(from);
        if (content == null || to.isEmpty() || !parentExists(to)) {
            return false;
        }
        if (from.equals(to)) {
            return true;
        }
        if (content == DIRECTORY && to.startsWith(from + "/")) {
            return false;
        }
        byte[] target = model.get(to);
        if (target != null) {
            if ((target == DIRECTORY) != (content == DIRECTORY) || (target == DIRECTORY && hasChildren(to))) {
                return false;
            }
        }
        Map<String, byte[]> moved = new TreeMap<>();
        for (String path : List.copyOf(model.keySet())) {
            if (path.equals(from) || (content == DIRECTORY && path.startsWith(from + "/"))) {
                moved.put(to + path.substring(from.length()), model.remove(path));
            }
        }
        model.putAll(moved);
        return true;
    }

    void compare() throws FsException {
        TreeMap<String, byte[]> found = new TreeMap<>();
        boolean ghosts;
        try {
            walk("", found);
            ghosts = found.keySet().containsAll(model.keySet()) && found.size() > model.size();
        } catch (FsException.NotFound e) {
            ghosts = true;
        }
        if (ghosts) {
            // After a restart a name that had just gone may show until its folder is listed again (SEMANTICS.md).
            rig.await();
            rig.refreshAll();
            found.clear();
            walk("", found);
        }
        if (!model.keySet().equals(found.keySet())) {
            throw new AssertionError("expected " + model.keySet() + "\nbut was  " + found.keySet() + "\nafter " + past
                    + "\n" + rig.dump());
        }
        for (var entry : model.entrySet()) {
            byte[] content = found.get(entry.getKey());
            assertEquals(entry.getValue() == DIRECTORY, content == DIRECTORY, entry.getKey());
            assertArrayEquals(entry.getValue(), content, entry.getKey());
        }
    }

    private void walk(String path, Map<String, byte[]> found) throws FsException {
        for (String name : rig.list(path)) {
            String below = path.isEmpty() ? name : path + "/" + name;
            if (rig.stat(below).kind() == isle.fs.model.FileKind.DIRECTORY) {
                found.put(below, DIRECTORY);
                walk(below, found);
            } else {
                found.put(below, rig.read(below));
            }
        }
    }

    private void compareStore(ObjectStore store) throws FsException {
        TreeMap<String, byte[]> found = new TreeMap<>();
        for (ObjectStore.ObjectSummary object : store.list("", false, "", 1000).objects()) {
            String key = object.key().value();
            if (key.endsWith("/")) {
                found.put(key.substring(0, key.length() - 1), DIRECTORY);
            } else {
                ByteBuffer into = ByteBuffer.allocate((int) object.size());
                store.get(object.key(), 0, into, null);
                found.put(key, into.array());
            }
        }
        assertEquals(String.join("\n", model.keySet()), String.join("\n", found.keySet()));
        for (var entry : model.entrySet()) {
            assertArrayEquals(entry.getValue(), found.get(entry.getKey()), entry.getKey());
        }
    }

    /** The last comparison: after everything was stored, in the store itself, after a restart, and with no index. */
    void end(ObjectStore store) throws FsException {
        compare();
        rig.await();
        compareStore(store);
        past.add("final restart");
        rig.restart();
        compare();
        past.add("final loss of the index");
        rig.loseIndex();
        compare();
    }
}
