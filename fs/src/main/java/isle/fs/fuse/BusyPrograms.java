package isle.fs.fuse;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Who uses a mount, as far as this user may see. Names of files are left out: the answer is shown and may be logged.
 * Only links in /proc are read, which touches no file of the mount.
 */
final class BusyPrograms {

    private static final Path PROC = Path.of("/proc");

    /** Programs that are named. */
    private static final int MOST = 5;

    /** A machine may have very many descriptors; the answer is an aid, not worth more than so much time. */
    private static final long LIMIT_NANOS = 2_000_000_000L;

    private final String point;
    private final long startNanos = System.nanoTime();

    private BusyPrograms(String point) {
        this.point = point;
    }

    /** Like "vim (1234) has an open file". */
    static List<String> of(String point) {
        return new BusyPrograms(point).scan();
    }

    private List<String> scan() {
        List<String> found = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                String use = use(process);
                if (!use.isEmpty()) {
                    found.add(command(process) + " (" + process.getFileName() + ") has " + use);
                }
                if (found.size() >= MOST || System.nanoTime() - startNanos > LIMIT_NANOS) {
                    break;
                }
            }
        } catch (IOException | RuntimeException e) {
            return found;
        }
        return found;
    }

    private String use(Path process) {
        if (leadsInside(process.resolve("cwd"))) {
            return "its working directory there";
        }
        if (leadsInside(process.resolve("exe")) || leadsInside(process.resolve("root"))) {
            return "its program or root there";
        }
        if (anyLeadsInside(process.resolve("fd"))) {
            return "an open file";
        }
        return anyLeadsInside(process.resolve("map_files")) ? "a mapped file" : "";
    }

    private boolean anyLeadsInside(Path folder) {
        try (DirectoryStream<Path> links = Files.newDirectoryStream(folder)) {
            for (Path link : links) {
                if (leadsInside(link)) {
                    return true;
                }
            }
        } catch (IOException | RuntimeException e) {
            // Another user's, or a list that may be opened but not read.
            return false;
        }
        return false;
    }

    private boolean leadsInside(Path link) {
        try {
            String target = Files.readSymbolicLink(link).toString();
            return target.equals(point) || target.startsWith(point + "/");
        } catch (IOException | RuntimeException e) {
            // It ended meanwhile, or is another user's.
            return false;
        }
    }

    private static String command(Path process) {
        try {
            return Files.readString(process.resolve("comm")).strip();
        } catch (IOException e) {
            return "a program";
        }
    }
}
