package isle.fs.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.fuse.MountProblem.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person is told when a mount cannot come about. Nothing is mounted here. */
class MountRefusedTest {

    private static final MountOptions OPTIONS = MountOptions.of("test");

    @TempDir
    private Path temp;

    private static MountProblem problem(Kind kind, org.junit.jupiter.api.function.Executable attempt) {
        MountProblem problem = assertThrows(MountProblem.class, attempt);
        assertEquals(kind, problem.kind(), problem.getMessage());
        for (String sentence : new String[] {String.valueOf(problem.getMessage()), problem.action()}) {
            assertTrue(sentence.endsWith("."), sentence);
            assertTrue(sentence.length() > 10 && sentence.length() < 400, sentence);
        }
        return problem;
    }

    private void preparing(Kind kind, Path dir, int uid) {
        MountProblem problem = problem(kind, () -> MountPoint.prepare(dir, OPTIONS, uid));
        assertTrue(String.valueOf(problem.getMessage()).contains(dir.toString()), problem.getMessage());
    }

    @Test
    void aFileIsNoMountPoint() throws IOException {
        preparing(Kind.NOT_A_DIRECTORY, Files.createFile(temp.resolve("f")), 0);
    }

    @Test
    void aFolderBelowAFileCannotBeMade() throws IOException {
        Files.createFile(temp.resolve("f"));
        preparing(Kind.NOT_A_DIRECTORY, temp.resolve("f/d"), 0);
    }

    @Test
    void aFolderWithFilesWouldHideThem() throws IOException {
        Path dir = Files.createDirectory(temp.resolve("d"));
        Files.createFile(dir.resolve("f"));
        preparing(Kind.NOT_EMPTY, dir, 0);
    }

    @Test
    void anothersFolderIsNotForUs() throws IOException {
        preparing(Kind.NOT_OWNER, Files.createDirectory(temp.resolve("d")), 12345);
    }

    @Test
    void whatIsMountedAlreadyIsNamed() {
        MountProblem problem = problem(Kind.ALREADY_MOUNTED, () -> MountPoint.prepare(Path.of("/proc"), OPTIONS, 0));
        assertTrue(String.valueOf(problem.getMessage()).contains("proc proc"), problem.getMessage());
    }

    @Test
    void aMissingFolderIsMadeWithItsParents() throws IOException {
        try (MountPoint point = MountPoint.prepare(temp.resolve("a/b"), OPTIONS, 0)) {
            assertEquals(temp.toRealPath().resolve("a/b"), point.path());
            assertEquals("[OWNER_EXECUTE, OWNER_READ]", permissions(point.path()));
        }
    }

    @Test
    void theRightToWriteIsGivenForTheMountOnly() throws IOException {
        try (MountPoint point = MountPoint.prepare(temp.resolve("d"), OPTIONS, 0)) {
            point.allowMount();
            assertEquals("[OWNER_EXECUTE, OWNER_READ, OWNER_WRITE]", permissions(point.path()));
        }
        assertEquals("[OWNER_EXECUTE, OWNER_READ]", permissions(temp.resolve("d")));
    }

    private static String permissions(Path path) throws IOException {
        return Files.getPosixFilePermissions(path).stream()
                .sorted(java.util.Comparator.comparing(Enum::name))
                .toList()
                .toString();
    }

    @Test
    void linksLeadToTheFolder() throws IOException {
        Path dir = Files.createDirectory(temp.resolve("d"));
        Files.createSymbolicLink(temp.resolve("l"), Path.of("m"));
        Files.createSymbolicLink(temp.resolve("m"), dir);
        try (MountPoint point = MountPoint.prepare(temp.resolve("l"), OPTIONS, 0)) {
            assertEquals(dir.toRealPath(), point.path());
        }
    }

    @Test
    void theDeviceMustBeThereAndOpen() throws IOException {
        problem(Kind.DEVICE_MISSING, () -> MountChecks.checkDevice(temp.resolve("none")));
        Path closed = Files.createFile(temp.resolve("closed"));
        Files.setPosixFilePermissions(closed, java.util.Set.of());
        if (MountChecks.uid() != 0) {
            problem(Kind.DEVICE_FORBIDDEN, () -> MountChecks.checkDevice(closed));
        }
    }

    @Test
    void theHelperMustBeThere() {
        problem(Kind.HELPER_MISSING, () -> MountChecks.checkHelper(false));
    }

    @Test
    void openingToOthersNeedsTheAdministratorsWord() throws IOException {
        Path configuration = Files.writeString(temp.resolve("fuse.conf"), "# user_allow_other\nmount_max = 9\n");
        problem(Kind.ALLOW_OTHER, () -> MountChecks.checkAllowOther(configuration));
        problem(Kind.ALLOW_OTHER, () -> MountChecks.checkAllowOther(temp.resolve("none")));
        Files.writeString(configuration, "user_allow_other\n");
        MountChecks.checkAllowOther(configuration);
    }

    @Test
    void otherSystemsAreToldAtOnce() throws MountProblem {
        problem(Kind.PLATFORM, () -> FuseLibrary.requirePlatform("Mac OS X", "64"));
        problem(Kind.PLATFORM, () -> FuseLibrary.requirePlatform("Linux", "32"));
        FuseLibrary.requirePlatform("Linux", "64");
    }
}
