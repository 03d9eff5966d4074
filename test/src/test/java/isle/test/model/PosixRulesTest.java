package isle.test.model;

import static org.junit.jupiter.api.Assertions.assertFalse;

import isle.fs.vfs.PosixRule;
import isle.test.model.CellSuite.Deviations;
import isle.test.model.CellSuite.Outcome;
import isle.test.rig.Folders;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import isle.test.rig.VolumeKind;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The suites that compare a mount with a plain folder notice each rule that the VFS keeps: with a daemon that does not keep
 * it, cells differ. It is root who runs them, because some rules show only between users.
 */
@Tag("fuse")
@Tag("tools")
@Tag("root")
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class PosixRulesTest {

    @RegisterExtension
    final Isles isles = new Isles();

    /** A part of a suite: the cells whose names match. */
    private record Part(boolean ofHandles, String pattern) {}

    private static Part names(String pattern) {
        return new Part(false, pattern);
    }

    private static Part handles(String pattern) {
        return new Part(true, pattern);
    }

    /** The part that could notice that a rule is not kept. */
    private static Part noticing(PosixRule rule) {
        return switch (rule) {
            case FOLDER_HANDS_ITS_GROUP_ON -> names("^(mkdir|mkfifo|open WRONLY.CREAT) \\| shared \\|");
            case FOLDER_HANDS_SET_GROUP_ID_ON -> names("^mkdir \\| shared \\|");
            case TRUNCATING_OPEN_DROPS_SET_IDS -> names("^open (WRONLY|RDWR).TRUNC \\| setuid \\|");
            case MAKING_TOUCHES_THE_FOLDER -> names("^(mkdir|mkfifo|symlink|open WRONLY.CREAT) \\| missing \\|");
            case REMOVING_TOUCHES_THE_FOLDER -> names("^(unlink \\| file|rmdir \\| directory) \\|");
            case RENAMING_TOUCHES_THE_FOLDERS, RENAMING_MOVES_CTIME -> names("^rename a file over a missing \\|");
            case REMOVING_MOVES_CTIME -> handles("^fstat \\| (removed|replaced) file, before");
            case ATTRIBUTES_MOVE_CTIME -> names("^(chmod 0600|chown another group|utimens set|setxattr) \\| file \\|");
            case UNCHANGED_OWNER_MOVES_CTIME -> names("^chown nobody \\| file \\|");
            case WRITING_MOVES_TIMES -> handles("^p?write \\| file of 7 bytes \\|");
            case RESIZING_MOVES_TIMES -> names("^truncate \\d+ \\| file \\|");
            case CLEARING_MOVES_TIMES -> handles("^times of fallocate (PUNCH|ZERO)");
            case RMDIR_WANTS_EMPTY -> names("^rmdir \\| full \\|");
            case RENAMING_OVER_WANTS_EMPTY -> names("^rename a (directory|full) over a full \\|");
            case CREATED_ATTRIBUTE_IS_NEW -> names("^setxattr CREATE \\| tagged \\|");
            case REPLACED_ATTRIBUTE_EXISTS -> names("^setxattr REPLACE \\| file \\|");
            case REMOVED_FILES_LIVE_ON -> handles("^(fstat|write|read) \\| (removed|replaced) file \\|");
            case REMOVED_FILES_HAVE_NO_LINKS -> handles("^fstat \\| (removed|replaced) file \\|");
            case ALLOCATION_MAY_KEEP_THE_SIZE -> handles("^fallocate (KEEP|ZERO.KEEP) \\| (over|behind) the end");
            case LISTING_IS_OF_ONE_MOMENT -> handles("^readdir \\| names are (created|removed) \\| the reader");
        };
    }

    @ParameterizedTest
    @EnumSource
    void aRuleThatIsNotKeptIsNoticed(PosixRule rule) {
        IsleProfile isle = isles.plan()
                .with("--allow-other")
                .withJvm("-D" + PosixRule.WITHOUT + "=" + rule)
                .make()
                .start();
        Path folder = Folders.temporary("isle-rules");
        try {
            Part part = noticing(rule);
            String[] scripts = part.ofHandles() ? PosixHandlesTest.SCRIPTS : PosixMatrixTest.SCRIPTS;
            Deviations known = part.ofHandles() ? PosixHandlesTest::mayDiffer : PosixMatrixTest::mayDiffer;
            Outcome outcome = new CellSuite(isle, VolumeKind.PLAIN, folder, scripts).run(part.pattern());
            outcome.requireAllRun();
            List<String> noticed = outcome.differences(known);
            assertFalse(noticed.isEmpty(), "none of " + outcome.existing().size() + " cells noticed it");
            System.out.println("without " + rule + ": " + noticed.size() + " of "
                    + outcome.existing().size() + " cells differ, as " + noticed.get(0));
        } finally {
            Folders.delete(folder);
        }
    }
}
