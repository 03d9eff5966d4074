package isle.test.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the kernel has mounted, as far as this process sees it. */
public final class Mounts {

    private static final Path TABLE = Path.of("/proc/self/mountinfo");

    private Mounts() {}

    /**
     * One line of the table.
     *
     * @param type as in {@code fuse.isle}
     * @param source what is mounted: for isle its profile
     * @param options of the mount and of the file system
     */
    public record Mount(String point, String type, String source, List<String> options) {}

    /** What is mounted at a folder; the last one where there are several. */
    public static Optional<Mount> at(Path folder) {
        Optional<Mount> found = Optional.empty();
        for (Mount mount : all()) {
            if (mount.point().equals(folder.toString())) {
                found = Optional.of(mount);
            }
        }
        return found;
    }

    private static List<Mount> all() {
        List<Mount> mounts = new ArrayList<>();
        String table;
        try {
            table = new String(Files.readAllBytes(TABLE), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (String line : table.lines().toList()) {
            List<String> fields = List.of(line.split(" ", -1));
            int dash = fields.indexOf("-");
            List<String> options = new ArrayList<>(List.of(fields.get(5).split(",", -1)));
            options.addAll(List.of(fields.get(dash + 3).split(",", -1)));
            mounts.add(new Mount(
                    fields.get(4).replace("\\040", " "), fields.get(dash + 1), fields.get(dash + 2), options));
        }
        return mounts;
    }

    /** Takes away what is mounted at a folder whose daemon is gone; lazily where it is still in use. */
    static void remove(Path folder) {
        while (at(folder).isPresent()) {
            String point = folder.toString();
            List<List<String>> ways = Account.isRoot()
                    ? List.of(List.of("umount", point), List.of("umount", "-l", point))
                    : List.of(List.of("fusermount3", "-u", point), List.of("fusermount3", "-u", "-z", point));
            Finished last = null;
            for (List<String> way : ways) {
                last = Command.of(way).run();
                if (last.exitCode() == 0) {
                    break;
                }
            }
            if (last != null) {
                last.ok();
            }
        }
    }
}
