package isle.fs.fuse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** Which packages bring FUSE 2 and its helper, by distribution. */
final class Packages {

    private static final Path OS_RELEASE = Path.of("/etc/os-release");

    /** Debian and Ubuntu renamed the package when times became 64 bits wide; the library's own name stayed. */
    private static final int DEBIAN_WITH_T64 = 13;

    private static final int UBUNTU_WITH_T64 = 24;

    private static final String DEBIAN = "apt install libfuse2 fuse3";
    private static final String DEBIAN_T64 = "apt install libfuse2t64 fuse3";
    private static final String FEDORA = "dnf install fuse-libs fuse";
    private static final String ARCH = "pacman -S fuse2";
    private static final String SUSE = "zypper install libfuse2 fuse";

    private Packages() {}

    static String ofThisSystem() {
        Properties release = new Properties();
        try (var reader = Files.newBufferedReader(OS_RELEASE)) {
            release.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            release.clear();
        }
        return of(release);
    }

    /** What to install on the system that this {@code os-release} describes. */
    static String of(Properties release) {
        List<String> names = new ArrayList<>(List.of(value(release, "ID")));
        names.addAll(List.of(value(release, "ID_LIKE").split(" ")));
        int version = major(value(release, "VERSION_ID"));
        for (String name : names) {
            String command = command(name, version);
            if (!command.isEmpty()) {
                return "Install it as root: " + command + ".";
            }
        }
        return "Install FUSE 2: on Debian 12 " + DEBIAN + "; on Debian 13 " + DEBIAN_T64 + "; on Fedora " + FEDORA
                + "; on Arch " + ARCH + "; macOS has no libfuse.so.2, and isle does not mount there.";
    }

    /** Empty for a distribution that we know nothing of. */
    private static String command(String distribution, int version) {
        return switch (distribution) {
            // Debian testing has no version: it is newer than any that has.
            case "debian" -> version == 0 || version >= DEBIAN_WITH_T64 ? DEBIAN_T64 : DEBIAN;
            case "ubuntu" -> version >= UBUNTU_WITH_T64 ? DEBIAN_T64 : DEBIAN;
            case "fedora", "rhel" -> FEDORA;
            case "arch" -> ARCH;
            case "suse" -> SUSE;
            default -> "";
        };
    }

    private static String value(Properties release, String key) {
        return release.getProperty(key, "").replace("\"", "");
    }

    private static int major(String version) {
        String digits = version.split("\\.", 2)[0];
        return digits.matches("[0-9]{1,4}") ? Integer.parseInt(digits) : 0;
    }
}
