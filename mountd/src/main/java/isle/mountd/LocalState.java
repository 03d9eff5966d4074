package isle.mountd;

import isle.mountd.api.DaemonException;
import isle.mountd.api.FailureKind;
import isle.mountd.api.ProfileFolders;
import isle.mountd.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Where the parts keep what belongs to one store. */
final class LocalState {

    private LocalState() {}

    /** The index of what the store lists. */
    static Path index(ProfileFolders folders) {
        return folders.state().resolve("index.db");
    }

    /** The journals, one folder a volume; in a folder that the person named, one of ours, so that we only remove our own. */
    static Path journal(ProfileFolders folders, Settings settings) {
        return settings.journal()
                .folder()
                .map(folder -> folder.resolve("isle-journal"))
                .orElse(folders.state().resolve("journal"));
    }

    /** Cached blocks; as for {@link #journal}. */
    static Path blocks(ProfileFolders folders, Settings settings) {
        return settings.cache()
                .folder()
                .map(folder -> folder.resolve("isle-blocks"))
                .orElse(folders.cache().resolve("blocks"));
    }

    /**
     * Removes index, cache and the empty journals of another store; the caller has made sure that nothing is pending. What
     * private/ has here is put aside: keys that lie nowhere else, and changes that wait for them.
     */
    static void forget(ProfileFolders folders, Settings settings) throws DaemonException {
        Path index = index(folders);
        String name = String.valueOf(index.getFileName());
        try {
            for (String suffix : List.of("", "-wal", "-shm", "-journal")) {
                Files.deleteIfExists(index.resolveSibling(name + suffix));
            }
            for (String volume : Settings.PLAIN) {
                removeTree(journal(folders, settings).resolve(volume));
            }
            putAside(journal(folders, settings).resolve(Settings.PRIVATE));
            putAside(folders.vault());
            removeTree(blocks(folders, settings));
        } catch (IOException e) {
            throw new DaemonException(
                    FailureKind.FAILED,
                    "The local state of the earlier store cannot be removed: " + e.getMessage() + ".",
                    "Check the rights in " + folders.state() + ", or set ISLE_HOME to another folder.");
        }
    }

    /** Renames a folder, if it is there, so that nothing of it is lost and nothing of it is used. */
    static void putAside(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            int number = 1;
            while (Files.exists(aside(folder, number))) {
                number++;
            }
            Files.move(folder, aside(folder, number));
        }
    }

    private static Path aside(Path folder, int number) {
        return folder.resolveSibling(folder.getFileName() + "." + number);
    }

    private static void removeTree(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
