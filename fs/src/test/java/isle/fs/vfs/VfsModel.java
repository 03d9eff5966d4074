package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import isle.fs.model.FileKind;
import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Random operations on a VFS and on a map of paths, which says what must be there afterwards. It knows what a force has
 * made safe: after a power cut, what is there must be all of that, and as much of what came after as happened first.
 */
final class VfsModel {
    private static final byte[] DIRECTORY = new byte[0];
    private static final int MOST_HELD = 3;

    private final VfsRig rig;
    private final Random random;

    /** A file or a directory; a handle keeps its file when the name is gone. */
    private static final class Node {
        private byte[] bytes;

        Node(byte[] bytes) {
            this.bytes = bytes;
        }

        boolean isDirectory() {
            return bytes == DIRECTORY;
        }
    }

    private record Held(long handle, Node node) {}

    /** What should be there: paths to content. */
    private NavigableMap<String, Node> model = new TreeMap<>();

    private final List<Held> held = new ArrayList<>();

    /** States since the last force, that of the force first, the present one last. */
    private final List<NavigableMap<String, byte[]>> states = new ArrayList<>(List.of(new TreeMap<>()));

    private @Nullable NavigableMap<String, byte[]> due;

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

    // ---- what may be lost

    /** Something has happened: the present state is a new one. */
    private void happened() {
        states.add(present());
    }

    private NavigableMap<String, byte[]> present() {
        NavigableMap<String, byte[]> copy = new TreeMap<>();
        model.forEach((path, node) -> copy.put(path, node.bytes));
        return copy;
    }

    /** What has happened so far is safe, if the journal says so. */
    void noteForces() {
        if (!rig.hasUnforced()) {
            forced();
        }
    }

    /** What has happened so far is to be safe soon. */
    void dueNow() {
        due = states.get(states.size() - 1);
    }

    /** What was due is safe now. */
    void dueIsForced() {
        for (int i = 0; i < states.size(); i++) {
            // The very state: what happened since may have led back to an equal one.
            if (states.get(i) == due) {
                states.subList(0, i).clear();
                break;
            }
        }
        due = null;
    }

    private void forced() {
        states.subList(0, states.size() - 1).clear();
    }

    // ---- what is done

    private String anyPath(boolean directory) {
        List<String> paths = new ArrayList<>();
        model.forEach((path, node) -> {
            if (node.isDirectory() == directory) {
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
        noteForces();
        int what = random.nextInt(14);
        trace("step " + what);
        switch (what) {
            case 0, 1 -> create(newPath(), bytes());
            case 2 -> overwrite(anyPath(false));
            case 3 -> truncate(anyPath(false));
            case 4 -> both(newPath(), path -> rig.mkdir(path), path -> mkdir(path));
            case 5 -> both(anyPath(random.nextBoolean()), path -> rig.unlink(path), path -> remove(path, false));
            case 6 -> both(anyPath(true), path -> rig.rmdir(path), path -> remove(path, true));
            case 7 -> hold(anyPath(false));
            case 8, 9 -> writeHeld();
            case 10 -> sync(anyPath(false));
            case 11 -> exchange(anyPath(random.nextBoolean()), anyPath(random.nextBoolean()));
            default -> {
                String from = anyPath(random.nextInt(3) == 0);
                String to = random.nextBoolean() ? newPath() : anyPath(random.nextInt(3) == 0);
                move(from, to);
            }
        }
    }

    /** Two names that change places, by way of a third. */
    private void exchange(String one, String other) throws FsException {
        if (model.containsKey("aside")) {
            return;
        }
        move(one, "aside");
        move(other, one);
        move("aside", other);
    }

    private void move(String from, String to) throws FsException {
        if (!to.isEmpty()) {
            both(from, path -> rig.rename(path, to), path -> {
                past.add("rename to " + to);
                return rename(path, to);
            });
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
        past.add(path + (expected ? "" : " refused"));
        if (expected) {
            happened();
        }
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
        Node parent = slash < 0 ? null : model.get(path.substring(0, slash));
        return slash < 0 || (parent != null && parent.isDirectory());
    }

    private void create(String path, byte[] bytes) throws FsException {
        both(path, p -> rig.put(p, bytes), p -> {
            Node there = model.get(p);
            if (!parentExists(p) || (there != null && there.isDirectory())) {
                return false;
            }
            if (there == null) {
                there = new Node(new byte[0]);
                model.put(p, there);
            }
            // Made or emptied first, then written.
            there.bytes = new byte[0];
            happened();
            there.bytes = bytes.length == 0 ? new byte[0] : bytes;
            return true;
        });
    }

    private void overwrite(String path) throws FsException {
        Node node = model.get(path);
        byte[] bytes = bytes();
        if (node == null || node.isDirectory() || bytes.length == 0) {
            return;
        }
        int offset = random.nextInt(300);
        past.add(path + " write " + offset + "+" + bytes.length);
        written(node, offset, bytes);
        rig.write(path, offset, bytes);
    }

    private void written(Node node, int offset, byte[] bytes) {
        byte[] next = Arrays.copyOf(node.bytes, Math.max(node.bytes.length, offset + bytes.length));
        System.arraycopy(bytes, 0, next, offset, bytes.length);
        node.bytes = next;
        happened();
    }

    private void truncate(String path) throws FsException {
        Node node = model.get(path);
        if (node != null && !node.isDirectory()) {
            int size = random.nextInt(300);
            past.add(path + " truncate " + size);
            node.bytes = Arrays.copyOf(node.bytes, size);
            happened();
            rig.truncate(path, size);
        }
    }

    private void sync(String path) throws FsException {
        Node node = model.get(path);
        if (node != null && !node.isDirectory()) {
            past.add(path + " sync");
            rig.sync(path);
            forced();
        }
    }

    private void hold(String path) throws FsException {
        Node node = model.get(path);
        if (held.size() == MOST_HELD) {
            rig.vfs.release(held.remove(random.nextInt(MOST_HELD)).handle());
        } else if (node != null && !node.isDirectory()) {
            past.add(path + " held open");
            held.add(new Held(rig.open(path), node));
        }
    }

    private void writeHeld() throws FsException {
        if (held.isEmpty()) {
            return;
        }
        Held one = held.get(random.nextInt(held.size()));
        byte[] bytes = bytes();
        int offset = random.nextInt(3) == 0 ? random.nextInt(300) : one.node().bytes.length;
        past.add("held write " + offset + "+" + bytes.length);
        if (bytes.length > 0) {
            written(one.node(), offset, bytes);
            rig.vfs.write(one.handle(), offset, ByteBuffer.wrap(bytes));
        }
        assertArrayEquals(one.node().bytes, rig.read(one.handle(), one.node().bytes.length), "an open file");
    }

    /** The handles end with their process. */
    void forgetHandles() {
        held.clear();
    }

    private boolean mkdir(String path) {
        if (!parentExists(path) || model.containsKey(path)) {
            return false;
        }
        model.put(path, new Node(DIRECTORY));
        return true;
    }

    private boolean hasChildren(String path) {
        String first = model.ceilingKey(path + "/");
        return first != null && first.startsWith(path + "/");
    }

    private boolean remove(String path, boolean directory) {
        Node node = model.get(path);
        if (node == null || node.isDirectory() != directory || (directory && hasChildren(path))) {
            return false;
        }
        model.remove(path);
        return true;
    }

    private boolean rename(String from, String to) {
        Node node = model.get(from);
        if (node == null || to.isEmpty() || !parentExists(to)) {
            return false;
        }
        if (from.equals(to)) {
            return true;
        }
        if (node.isDirectory() && to.startsWith(from + "/")) {
            return false;
        }
        Node target = model.get(to);
        if (target != null
                && (target.isDirectory() != node.isDirectory() || (target.isDirectory() && hasChildren(to)))) {
            return false;
        }
        Map<String, Node> moved = new TreeMap<>();
        for (String path : List.copyOf(model.keySet())) {
            if (path.equals(from) || (node.isDirectory() && path.startsWith(from + "/"))) {
                moved.put(to + path.substring(from.length()), model.remove(path));
            }
        }
        model.putAll(moved);
        return true;
    }

    // ---- what is compared

    void compare() throws FsException {
        requireEqual(present(), look());
    }

    /** After a power cut: goes on from the state that is there, which must be one that may be. */
    void compareAfterPowerCut() throws FsException {
        forgetHandles();
        NavigableMap<String, byte[]> found = look();
        NavigableMap<String, byte[]> survived = found == null ? null : among(found);
        if (survived == null) {
            past.add("states that may be: " + states.size());
            requireEqual(states.get(0), found);
            throw new AssertionError("equal, and not found");
        }
        past.add("lost " + (states.size() - 1 - states.indexOf(survived)) + " of " + (states.size() - 1));
        model = new TreeMap<>();
        survived.forEach((path, bytes) -> model.put(path, new Node(bytes)));
        states.clear();
        happened();
    }

    private @Nullable NavigableMap<String, byte[]> among(Map<String, byte[]> found) {
        for (int i = states.size() - 1; i >= 0; i--) {
            if (isEqual(states.get(i), found)) {
                return states.get(i);
            }
        }
        return null;
    }

    private static boolean isEqual(Map<String, byte[]> state, Map<String, byte[]> found) {
        return state.keySet().equals(found.keySet())
                && state.entrySet().stream().allMatch(entry -> {
                    byte[] bytes = found.get(entry.getKey());
                    return (bytes == DIRECTORY) == (entry.getValue() == DIRECTORY)
                            && Arrays.equals(bytes, entry.getValue());
                });
    }

    /** What is there; null if a name was gone when it was looked at. */
    private @Nullable NavigableMap<String, byte[]> look() throws FsException {
        NavigableMap<String, byte[]> found = new TreeMap<>();
        try {
            walk("", found);
            return found;
        } catch (FsException.NotFound e) {
            return null;
        }
    }

    private void requireEqual(Map<String, byte[]> expected, @Nullable Map<String, byte[]> found) throws FsException {
        if (found == null) {
            throw new AssertionError("a name that was listed is not there\nafter " + past + "\n" + rig.dump());
        }
        if (!expected.keySet().equals(found.keySet())) {
            throw new AssertionError("expected " + expected.keySet() + "\nbut was  " + found.keySet() + "\nafter "
                    + past + "\n" + rig.dump());
        }
        for (var entry : expected.entrySet()) {
            byte[] content = found.get(entry.getKey());
            assertEquals(entry.getValue() == DIRECTORY, content == DIRECTORY, entry.getKey());
            assertArrayEquals(entry.getValue(), content, entry.getKey());
        }
    }

    private void walk(String path, Map<String, byte[]> found) throws FsException {
        for (String name : rig.list(path)) {
            String below = path.isEmpty() ? name : path + "/" + name;
            if (rig.stat(below).kind() == FileKind.DIRECTORY) {
                found.put(below, DIRECTORY);
                walk(below, found);
            } else {
                found.put(below, rig.read(below));
            }
        }
    }

    private void compareStore(ObjectStore store) throws FsException {
        rig.awaitTidy();
        NavigableMap<String, byte[]> found = rig.volume.stored(store);
        assertEquals(String.join("\n", model.keySet()), String.join("\n", found.keySet()));
        for (var entry : model.entrySet()) {
            assertArrayEquals(entry.getValue().bytes, found.get(entry.getKey()), entry.getKey());
        }
    }

    /** The last comparison: after everything was stored, in the store itself, after a restart, and with no index. */
    void end(ObjectStore store) throws FsException {
        compare();
        for (Held one : held) {
            rig.vfs.release(one.handle());
        }
        forgetHandles();
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
