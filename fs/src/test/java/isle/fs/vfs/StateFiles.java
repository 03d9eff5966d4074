package isle.fs.vfs;

import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/** The files of a VFS's state, as a crash leaves them. */
final class StateFiles {
    private static final List<String> INDEX_FILES = List.of("index.db", "index.db-wal");

    private StateFiles() {}

    static void makeFolder(Path folder) throws FsException {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new FsException.Failed("folder", e);
        }
    }

    static void deleteIndex(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                if (file.getFileName().toString().startsWith("index.db")) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Makes {@code to} a folder that holds what the index of {@code from} needs. */
    static void copyIndex(Path from, Path to) throws IOException {
        deleteTree(to);
        Files.createDirectory(to);
        for (String name : INDEX_FILES) {
            if (Files.exists(from.resolve(name))) {
                Files.copy(from.resolve(name), to.resolve(name));
            }
        }
    }

    static void copyTree(Path from, Path to) throws IOException {
        try (var paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Path target = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else if (Files.exists(path)) {
                    Files.copy(path, target);
                }
            }
        }
    }

    static void deleteTree(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        try (var paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
