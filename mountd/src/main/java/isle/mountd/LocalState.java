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

    /** Removes index, cache and the empty journal of another store; the caller has made sure that nothing is pending. */
    static void forget(ProfileFolders folders, Settings settings) throws DaemonException {
        Path index = index(folders);
        String name = String.valueOf(index.getFileName());
        try {
            for (String suffix : List.of("", "-wal", "-shm", "-journal")) {
                Files.deleteIfExists(index.resolveSibling(name + suffix));
            }
            removeTree(journal(folders, settings));
            removeTree(blocks(folders, settings));
        } catch (IOException e) {
            throw new DaemonException(
                    FailureKind.FAILED,
                    "The local state of the earlier store cannot be removed: " + e.getMessage() + ".",
                    "Check the rights in " + folders.state() + ", or set ISLE_HOME to another folder.");
        }
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
