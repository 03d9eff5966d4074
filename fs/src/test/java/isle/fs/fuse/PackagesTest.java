package isle.fs.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PackagesTest {

    @ParameterizedTest
    @CsvSource({
        "debian, '', \"12\", apt install libfuse2 fuse3",
        "debian, '', \"13\", apt install libfuse2t64 fuse3",
        "debian, '', '', apt install libfuse2t64 fuse3",
        "ubuntu, debian, \"22.04\", apt install libfuse2 fuse3",
        "ubuntu, debian, \"24.04\", apt install libfuse2t64 fuse3",
        "linuxmint, \"ubuntu debian\", \"21\", apt install libfuse2 fuse3",
        "fedora, '', 41, dnf install fuse-libs fuse",
        "rocky, \"rhel centos fedora\", \"9.4\", dnf install fuse-libs fuse",
        "arch, '', '', pacman -S fuse2",
        "manjaro, arch, '', pacman -S fuse2",
        "opensuse-leap, \"suse opensuse\", \"15.6\", zypper install libfuse2 fuse",
    })
    void eachDistributionHasItsOwn(String id, String like, String version, String command) {
        Properties release = new Properties();
        release.setProperty("ID", id);
        release.setProperty("ID_LIKE", like);
        release.setProperty("VERSION_ID", version);
        assertEquals("Install it as root: " + command + ".", Packages.of(release));
    }

    @Test
    void anUnknownOneGetsThemAll() {
        String all = Packages.of(new Properties());
        for (String word : new String[] {"Debian 12", "libfuse2t64", "dnf", "pacman", "macOS"}) {
            assertTrue(all.contains(word), all);
        }
    }
}
