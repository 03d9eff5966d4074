package isle.fs.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Watches a store and stops it at a given step; from then on every step fails, as nothing happens after a cut. Knows
 * which bytes and which names have been forced, and so what a disk would have left of the rest: nothing, all, or any of
 * it.
 */
final class PowerCut implements Disk.Probe {

    private final Path root;
    private final int stopAt;
    private int steps;

    /** The names as the running system sees them, of files and directories below the root. */
    private final Map<Path, Node> current = new TreeMap<>();

    /** The names in each directory when it was last forced. */
    private final Map<Path, Map<Path, Node>> forced = new HashMap<>();

    /** A file or a directory, whatever its names. */
    private static final class Node {
        private final boolean directory;
        private Optional<byte[]> forced = Optional.empty();

        Node(boolean directory) {
            this.directory = directory;
        }
    }

    /** Stops before this step, counted from 0. */
    PowerCut(Path root, int stopAt) {
        this.root = root;
        this.stopAt = stopAt;
    }

    /** How many steps were asked for. */
    int steps() {
        return steps;
    }

    boolean happened() {
        return steps > stopAt;
    }

    @Override
    public void before(Disk.Step step, Path path, @Nullable Path target) throws IOException {
        steps++;
        if (happened()) {
            throw new IOException("the power is off");
        }
        switch (step) {
            case CREATE -> current.put(path, new Node(false));
            case MAKE_DIRECTORY -> current.put(path, new Node(true));
            case WRITE -> {
                // Counts only when it is forced.
            }
            case FORCE -> node(path).forced = Optional.of(Files.readAllBytes(path));
            case RENAME -> {
                Node moved = node(path);
                current.remove(path);
                current.put(named(target), moved);
            }
            case LINK -> current.put(named(target), node(path));
            case UNLINK -> current.remove(path);
            case FORCE_DIRECTORY -> forced.put(path, namesIn(path));
        }
    }

    private Node node(Path path) {
        Node node = current.get(path);
        if (node == null) {
            throw new IllegalStateException(path + " was not made here");
        }
        return node;
    }

    private static Path named(@Nullable Path target) {
        if (target == null) {
            throw new IllegalStateException("a step that needs a second name");
        }
        return target;
    }

    private Map<Path, Node> namesIn(Path directory) {
        Map<Path, Node> names = new TreeMap<>();
        current.forEach((path, node) -> {
            if (directory.equals(path.getParent())) {
                names.put(path, node);
            }
        });
        return names;
    }

    /**
     * Writes down what a cut leaves.
     *
     * @param luck how likely anything that was not forced is there all the same, 0 to 1
     */
    void writeImage(Path image, SplittableRandom random, double luck) throws IOException {
        Files.createDirectories(image);
        writeDirectory(root, image, random, luck);
    }

    private void writeDirectory(Path directory, Path image, SplittableRandom random, double luck) throws IOException {
        Map<Path, Node> names = new TreeMap<>(forced.getOrDefault(directory, Map.of()));
        Map<Path, Node> now = namesIn(directory);
        for (Path name : names.keySet().toArray(new Path[0])) {
            if (!now.containsKey(name) && random.nextDouble() < luck) {
                names.remove(name);
            }
        }
        now.forEach((name, node) -> {
            if (random.nextDouble() < luck) {
                names.put(name, node);
            }
        });
        for (Map.Entry<Path, Node> entry : names.entrySet()) {
            Path to = image.resolve(entry.getKey().getFileName());
            if (entry.getValue().directory) {
                Files.createDirectory(to);
                writeDirectory(entry.getKey(), to, random, luck);
            } else {
                Files.write(to, left(entry, random, luck));
            }
        }
    }

    /** The bytes that were forced; of a file that never was, any beginning of it. */
    private static byte[] left(Map.Entry<Path, Node> entry, SplittableRandom random, double luck) throws IOException {
        Optional<byte[]> forced = entry.getValue().forced;
        if (forced.isPresent()) {
            return forced.get();
        }
        boolean there = Files.exists(entry.getKey()) && random.nextDouble() < luck;
        byte[] bytes = there ? Files.readAllBytes(entry.getKey()) : new byte[0];
        return Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
    }
}
