package isle.mountd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Who runs this process.
 *
 * @param uid user
 * @param gid primary group
 * @param groups all groups
 */
record Account(int uid, int gid, Set<Integer> groups) {

    Account {
        groups = Set.copyOf(groups);
    }

    boolean isRoot() {
        return uid == 0;
    }

    /**
     * Asks the kernel; where there is no {@code /proc}, the owner of a file that this process made.
     *
     * @param ownFile such a file
     */
    static Account current(Path ownFile) throws IOException {
        int uid = (Integer) Files.getAttribute(ownFile, "unix:uid");
        int gid = (Integer) Files.getAttribute(ownFile, "unix:gid");
        Set<Integer> groups = new HashSet<>(Set.of(gid));
        Path status = Path.of("/proc/self/status");
        if (Files.isReadable(status)) {
            for (String line : Files.readAllLines(status, java.nio.charset.StandardCharsets.ISO_8859_1)) {
                String[] words = line.strip().split("\\s+", -1);
                String key = words[0].toLowerCase(Locale.ROOT);
                if (key.equals("uid:") && words.length > 2) {
                    uid = Integer.parseUnsignedInt(words[2]);
                } else if (key.equals("gid:") && words.length > 2) {
                    gid = Integer.parseUnsignedInt(words[2]);
                    groups.add(gid);
                } else if (key.equals("groups:")) {
                    for (int i = 1; i < words.length; i++) {
                        groups.add(Integer.parseUnsignedInt(words[i]));
                    }
                }
            }
        }
        return new Account(uid, gid, groups);
    }
}
