package isle.mountd.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import isle.mountd.api.MountRequest;
import isle.mountd.api.ProfileFolders;
import isle.mountd.config.DaemonConfig.OwnershipChoice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Command line, file and memory: which one holds. */
class SettingsTest {

    private static final Path HOME = Path.of("/home/ann");
    private static final ProfileFolders FOLDERS = ProfileFolders.under(Path.of("/p"));
    private static final Settings.Defaults DEFAULTS = Settings.Defaults.of(FOLDERS, HOME, false);

    @TempDir
    private Path folder;

    private static MountRequest told(String store, String bucket) {
        return new MountRequest(
                Optional.of("/" + bucket),
                Optional.of(store),
                Optional.empty(),
                Map.of("public", bucket),
                Optional.of(true),
                Optional.empty(),
                Optional.empty());
    }

    private DaemonConfig file(String text) throws Exception {
        Path file = folder.resolve("daemon.yml");
        Files.writeString(file, text);
        return new ConfigLoader(file, HOME).load();
    }

    /** The bucket of private/ is named after the person. */
    private static final String OWN = "isle-private-"
            + System.getProperty("user.name")
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^a-z0-9]+", "-")
                    .replaceAll("^-|-$", "");

    @Test
    void withoutAnythingTheEmbeddedStoreInIsle() {
        Settings settings = Settings.of(MountRequest.DEFAULT, DaemonConfig.DEFAULT, MountRequest.DEFAULT, DEFAULTS);
        assertEquals("/p/state/store", settings.store());
        assertEquals(HOME.resolve("Isle"), settings.mount());
        assertEquals(
                Map.of("public", "isle-public", "protected", "isle-protected", "private", OWN), settings.buckets());
        assertEquals(OwnershipChoice.MOUNTER, settings.ownership());
        assertEquals(false, settings.readOnly() || settings.allowOther() || settings.isRemote());
    }

    @Test
    void whatIsToldNowComesBeforeTheFileAndThatBeforeWhatWasToldEarlier() throws Exception {
        DaemonConfig file = file("store: /file\nbuckets:\n  protected: file-bucket\n");
        Settings settings = Settings.of(MountRequest.DEFAULT, file, told("/earlier", "earlier"), DEFAULTS);
        assertEquals("/file", settings.store());
        assertEquals(Path.of("/earlier"), settings.mount());
        assertEquals(Map.of("public", "earlier", "protected", "file-bucket", "private", OWN), settings.buckets());
        assertEquals(true, settings.readOnly());
        settings = Settings.of(told("/now", "now"), file, told("/earlier", "earlier"), DEFAULTS);
        assertEquals("/now", settings.store());
        assertEquals(Map.of("public", "now", "protected", "file-bucket", "private", OWN), settings.buckets());
    }

    @Test
    void ownersAreShownAsStoredToRootAndToOthers() throws Exception {
        Settings.Defaults root = Settings.Defaults.of(FOLDERS, HOME, true);
        assertEquals(
                OwnershipChoice.STORED,
                Settings.of(MountRequest.DEFAULT, DaemonConfig.DEFAULT, MountRequest.DEFAULT, root)
                        .ownership());
        assertEquals(
                OwnershipChoice.STORED,
                Settings.of(MountRequest.DEFAULT, file("allow_other: true"), MountRequest.DEFAULT, DEFAULTS)
                        .ownership());
        assertEquals(
                OwnershipChoice.MOUNTER,
                Settings.of(MountRequest.DEFAULT, file("ownership: mounter"), MountRequest.DEFAULT, root)
                        .ownership());
    }

    @Test
    void theIdentityOfAStoreHasAllThatMakesItAnother() throws Exception {
        Settings one = Settings.of(told("http://h:1", "a"), DaemonConfig.DEFAULT, MountRequest.DEFAULT, DEFAULTS);
        Settings bucket = Settings.of(told("http://h:1", "b"), DaemonConfig.DEFAULT, MountRequest.DEFAULT, DEFAULTS);
        Settings region = Settings.of(told("http://h:1", "a"), file("region: x"), MountRequest.DEFAULT, DEFAULTS);
        assertNotEquals(one.identity(), bucket.identity());
        assertNotEquals(one.identity(), region.identity());
    }
}
