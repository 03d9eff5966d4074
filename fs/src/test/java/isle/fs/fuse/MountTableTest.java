package isle.fs.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MountTableTest {

    private static final MountTable TABLE = MountTable.parse("""
            22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw
            30 22 0:44 / /home/a/Isle rw,nosuid - fuse.isle isle:one rw,user_id=0
            31 22 0:45 / /home/a/My\\040Isle\\134x rw - fuse.isle isle:one rw
            32 22 0:46 / /home/a/Isle rw shared:2 master:3 - tmpfs isle:one rw
            33 30 0:47 / /home/a/Isle/public rw - fuse isle:two rw
            broken line
            """);

    @Test
    void theLastMountAtAPathIsSeen() {
        assertEquals(
                Optional.of(new MountTable.Entry(46, "/home/a/Isle", "tmpfs", "isle:one")), TABLE.at("/home/a/Isle"));
        assertEquals(Optional.empty(), TABLE.at("/home/a"));
    }

    @Test
    void blanksAndBackslashesAreUnescaped() {
        assertTrue(TABLE.at("/home/a/My Isle\\x").isPresent());
    }

    @Test
    void mountsOfAProfileAreFuseMountsOnly() {
        assertEquals(
                List.of(45, 44),
                TABLE.fuseMountsOf("isle:one").stream()
                        .map(MountTable.Entry::connection)
                        .toList());
        assertEquals(1, TABLE.fuseMountsOf("isle:two").size());
    }

    @Test
    void whatLiesBelowIsFound() {
        assertEquals(1, TABLE.below("/home/a/Isle").size());
        assertTrue(TABLE.below("/home/a/Is").isEmpty());
    }

    @Test
    void theTableOfThisMachineIsRead() {
        assertFalse(MountTable.read().at("/proc").isEmpty());
    }
}
