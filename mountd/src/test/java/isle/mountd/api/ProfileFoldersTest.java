package isle.mountd.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Where a profile is. */
class ProfileFoldersTest {

    @Test
    void oneFolderForEverything() {
        ProfileFolders folders = ProfileFolders.of(Map.of("ISLE_HOME", "/srv/isle", "HOME", "/home/ann"));
        assertEquals(Path.of("/srv/isle/config/daemon.yml"), folders.configFile());
        assertEquals(Path.of("/srv/isle/state/lock"), folders.lockFile());
        assertEquals(Path.of("/srv/isle/cache"), folders.cache());
        assertEquals(Path.of("/srv/isle/run/isle.sock"), folders.socket());
        assertEquals(Path.of("/srv/isle/log"), folders.log());
    }

    @Test
    void theFoldersOfXdg() {
        ProfileFolders plain = ProfileFolders.of(Map.of("HOME", "/home/ann"));
        assertEquals(Path.of("/home/ann/.config/isle/daemon.yml"), plain.configFile());
        assertEquals(Path.of("/home/ann/.local/state/isle"), plain.state());
        assertEquals(Path.of("/home/ann/.cache/isle"), plain.cache());
        assertEquals(Path.of("/home/ann/.local/state/isle/run/isle.sock"), plain.socket());
        ProfileFolders named = ProfileFolders.of(Map.of(
                "HOME", "/home/ann",
                "XDG_CONFIG_HOME", "/c",
                "XDG_STATE_HOME", "/s",
                "XDG_CACHE_HOME", "relative",
                "XDG_RUNTIME_DIR", "/run/user/1000"));
        assertEquals(Path.of("/c/isle"), named.config());
        assertEquals(Path.of("/s/isle/log"), named.log());
        assertEquals(Path.of("/home/ann/.cache/isle"), named.cache());
        assertEquals(Path.of("/run/user/1000/isle/isle.sock"), named.socket());
    }

    @Test
    void aPathTooLongForASocketGetsAHashedNameOfItsOwn() {
        ProfileFolders one = ProfileFolders.under(Path.of("/" + "long/".repeat(30) + "a"));
        ProfileFolders other = ProfileFolders.under(Path.of("/" + "long/".repeat(30) + "b"));
        assertTrue(one.socket().toString().length() <= ProfileFolders.MAX_SOCKET_PATH_BYTES);
        assertNotEquals(one.socket(), other.socket());
        assertEquals(
                one.socket(),
                ProfileFolders.under(Path.of("/" + "long/".repeat(30) + "a")).socket());
    }

    @Test
    void theShortNameFitsIntoTheSourceOfAMount() {
        String id = ProfileFolders.under(Path.of("/x y,z=ü")).id();
        assertTrue(id.matches("[A-Za-z0-9._-]{1,64}"), id);
        assertNotEquals(id, ProfileFolders.under(Path.of("/other")).id());
    }
}
