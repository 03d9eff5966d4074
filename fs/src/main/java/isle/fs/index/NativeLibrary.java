package isle.fs.index;

import isle.fs.model.FsException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * Loads the native library of SQLite. The driver can do that by itself, but then it compares what it extracted byte by
 * byte (a quarter of its time in a JVM that has just started) and leaves the file behind when the process is killed.
 */
final class NativeLibrary {

    private static final String PREFIX = "sqlite-";

    private static boolean loaded;

    private NativeLibrary() {}

    /**
     * Loads the library through a file in {@code folder}, which has to allow execution; the file is gone afterwards.
     * Once loaded the library stays for the life of the process, wherever it came from.
     */
    static synchronized void load(Path folder) throws FsException {
        if (loaded) {
            return;
        }
        Path mine =
                folder.toAbsolutePath().resolve(PREFIX + ProcessHandle.current().pid());
        try {
            Files.createDirectories(folder);
            removeLeftOver(folder);
            Path library = mine.resolve(LibraryLoaderUtil.getNativeLibName());
            String resource = LibraryLoaderUtil.getNativeLibResourcePath() + "/" + library.getFileName();
            try (InputStream in = SQLiteJDBCLoader.class.getResourceAsStream(resource)) {
                if (in != null) {
                    Files.createDirectory(mine);
                    Files.copy(in, library);
                }
            }
            // Where the driver looks first, and what it would use for a platform whose library we did not find.
            System.setProperty("org.sqlite.lib.path", mine.toString());
            System.setProperty("org.sqlite.tmpdir", folder.toAbsolutePath().toString());
            SQLiteJDBCLoader.initialize();
            System.clearProperty("org.sqlite.lib.path");
            remove(mine);
            loaded = true;
        } catch (IOException e) {
            throw new FsException.Failed("cannot put the library of SQLite into " + folder, e);
        } catch (Exception e) {
            throw new FsException.Failed(
                    "cannot load the library of SQLite from " + folder + "; does it allow execution?", e);
        }
    }

    /** Removes what processes left that were killed while they loaded. */
    private static void removeLeftOver(Path folder) throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, PREFIX + "*")) {
            for (Path each : left) {
                String owner = each.getFileName().toString().substring(PREFIX.length());
                boolean ours = owner.matches("[0-9]{1,18}");
                if (ours && ProcessHandle.of(Long.parseLong(owner)).isEmpty()) {
                    remove(each);
                }
            }
        }
    }

    private static void remove(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
                for (Path file : files) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
        }
    }
}
