package isle.fs.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mount by a user who is not root, through the set-uid helper. Root runs this, because it takes the user's shape. */
@Tag("fuse")
@Tag("root")
class OrdinaryUserTest {

    private static final Path DEVICE = Path.of("/dev/fuse");
    private static final int USER = 65534;
    private static final int GROUP = 54321;

    private static Set<PosixFilePermission> devicePermissions = Set.of();
    private static String classPath = "";

    @TempDir
    private static Path copies;

    private Path home = Path.of("");

    /** The user cannot read root's Maven repository. */
    @BeforeAll
    static void prepare() throws IOException {
        devicePermissions = Files.getPosixFilePermissions(DEVICE);
        Files.setPosixFilePermissions(DEVICE, PosixFilePermissions.fromString("rw-rw-rw-"));
        Files.setPosixFilePermissions(copies, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> copied = new ArrayList<>();
        for (String element : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path source = Path.of(element);
            if (element.isEmpty() || !Files.exists(source)) {
                continue;
            }
            Path target = copies.resolve(copied.size() + "-" + source.getFileName());
            Shell.sh(copies, "cp -r " + source + " " + target + " && chmod -R a+rX " + target);
            copied.add(target.toString());
        }
        classPath = String.join(File.pathSeparator, copied);
    }

    @AfterAll
    static void restore() throws IOException {
        Files.setPosixFilePermissions(DEVICE, devicePermissions);
    }

    @BeforeEach
    void newHome() throws IOException {
        home = MountRig.newFolder();
        Shell.sh(home, "chown " + USER + ":" + USER + " . && chmod 755 .");
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        if (Files.exists(home)) {
            try (Stream<Path> left = Files.list(home)) {
                assertEquals(List.of(), left.toList());
            }
            Files.delete(home);
        }
    }

    private static List<String> as(int user, String groups) {
        return List.of("setpriv", "--reuid", "" + user, "--regid", "" + user, "--groups", groups, "--inh-caps=-all");
    }

    private MountRig mountAsUser(String profile) throws IOException {
        return MountRig.tryMountAs(as(USER, USER + "," + GROUP), classPath, profile, home.resolve("mnt"));
    }

    private static String shAs(int user, String groups, Path folder, String line) throws IOException {
        List<String> command = new ArrayList<>(as(user, groups));
        command.addAll(List.of("sh", "-c", "cd " + folder + " && " + line));
        Shell.Result result = Shell.run(Path.of("/"), command);
        return result.exit() == 0 ? result.output() : "exit " + result.exit() + ": " + result.output();
    }

    @Test
    void mountsWorksAndUnmounts() throws IOException {
        try (MountRig rig = mountAsUser(MountRig.newProfile())) {
            assertEquals("mounted " + rig.folder(), rig.greeting());
            String groups = USER + "," + GROUP;
            assertEquals(
                    "x 65534 54321 640",
                    shAs(
                            USER,
                            groups,
                            rig.folder(),
                            "echo x > f && chgrp 54321 f && chmod 640 f && echo $(cat f) $(stat -c '%u %g %a' f)"));
            assertTrue(shAs(USER, groups, rig.folder(), "chown 1 f").contains("not permitted"));
            // Not even root looks into another's mount.
            assertTrue(shAs(0, "0", Path.of("/"), "ls " + rig.folder()).contains("Permission denied"));
            rig.order("unmount 10000");
            assertFalse(rig.isMounted());
            assertEquals("500", Shell.sh(rig.folder(), "stat -c %a ."));
        }
    }

    @Test
    void aDeadMountIsReplacedWithoutRoot() throws IOException, InterruptedException {
        MountRig dead = mountAsUser(MountRig.newProfile());
        dead.kill();
        assertTrue(dead.isMounted());
        try (MountRig next = mountAsUser(dead.profile())) {
            assertEquals("mounted " + next.folder(), next.greeting());
            assertEquals("f", shAs(USER, "" + USER, next.folder(), "touch f && ls"));
        }
    }

    @Test
    void aFolderOfSomebodyElseIsRefused() throws IOException {
        Path foreign = Files.createDirectory(home.resolve("mnt"));
        try (MountRig rig = mountAsUser(MountRig.newProfile())) {
            assertTrue(rig.greeting().startsWith("problem NOT_OWNER " + foreign + " belongs to"), rig.greeting());
        }
    }

    @Test
    void groupsOfAUserOpenWhatTheyAreFor() throws IOException {
        try (MountRig rig = MountRig.mount("allow-other")) {
            Shell.sh(rig.folder(), "chmod 755 . && echo text > f && chown 0:54321 f && chmod 640 f");
            assertEquals("text", shAs(USER, USER + ",54321", rig.folder(), "cat f"));
            assertTrue(shAs(USER, "" + USER, rig.folder(), "cat f").contains("Permission denied"));
            assertTrue(shAs(USER, USER + ",54321", rig.folder(), "echo > f").contains("Permission denied"));
            Shell.sh(rig.folder(), "chmod 1777 . && touch roots");
            assertEquals("mine", shAs(USER, "" + USER, rig.folder(), "touch mine && ls mine"));
            assertTrue(shAs(USER, "" + USER, rig.folder(), "rm -f roots").contains("not permitted"));
        }
    }
}
