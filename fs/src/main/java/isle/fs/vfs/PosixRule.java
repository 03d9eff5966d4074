package isle.fs.vfs;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rules of POSIX that the virtual file system keeps by itself. What the kernel refuses or does before it asks
 * (permissions, the sticky bit, kinds, loops) is not among them. All of them hold; so that the suite that compares a mount
 * with a plain folder can be seen to notice each of them, a test starts a daemon without some: their names, separated by
 * commas, in the system property {@value #WITHOUT}.
 */
public enum PosixRule {
    /** What is made in a set-group-id folder has the group of that folder. */
    FOLDER_HANDS_ITS_GROUP_ON,
    /** A folder made in a set-group-id folder is one, too. */
    FOLDER_HANDS_SET_GROUP_ID_ON,
    /** A file that is opened with O_TRUNC is set-user-id and set-group-id no more, unless root does it. */
    TRUNCATING_OPEN_DROPS_SET_IDS,
    /** A new name moves mtime and ctime of its folder. */
    MAKING_TOUCHES_THE_FOLDER,
    /** A removed name moves mtime and ctime of its folder. */
    REMOVING_TOUCHES_THE_FOLDER,
    /** A rename moves mtime and ctime of both folders. */
    RENAMING_TOUCHES_THE_FOLDERS,
    /** A rename moves ctime of what is renamed. */
    RENAMING_MOVES_CTIME,
    /** The removal of a name moves ctime of what it meant. */
    REMOVING_MOVES_CTIME,
    /** A change of mode, owner, times or extended attributes moves ctime. */
    ATTRIBUTES_MOVE_CTIME,
    /** So does a chown that changes nothing. */
    UNCHANGED_OWNER_MOVES_CTIME,
    /** A write moves mtime and ctime. */
    WRITING_MOVES_TIMES,
    /** A truncation moves mtime and ctime, also to the size that the file has. */
    RESIZING_MOVES_TIMES,
    /** Punching a hole and zeroing a range move mtime and ctime. */
    CLEARING_MOVES_TIMES,
    /** Only an empty folder can be removed. */
    RMDIR_WANTS_EMPTY,
    /** Only an empty folder can be replaced by a rename. */
    RENAMING_OVER_WANTS_EMPTY,
    /** XATTR_CREATE refuses an attribute that is there. */
    CREATED_ATTRIBUTE_IS_NEW,
    /** XATTR_REPLACE refuses an attribute that is not there. */
    REPLACED_ATTRIBUTE_EXISTS,
    /** A removed or replaced file can be used until its last handle is closed. */
    REMOVED_FILES_LIVE_ON,
    /** Such a file has no links. */
    REMOVED_FILES_HAVE_NO_LINKS,
    /** FALLOC_FL_KEEP_SIZE keeps the size. */
    ALLOCATION_MAY_KEEP_THE_SIZE,
    /** What is read of an open folder is of one moment: names that stay are told once each. */
    LISTING_IS_OF_ONE_MOMENT;

    /** The system property that names rules to be left out. */
    public static final String WITHOUT = "isle.vfs.without";

    private static final Logger LOG = LoggerFactory.getLogger(PosixRule.class);

    private final boolean held =
            !Arrays.asList(System.getProperty(WITHOUT, "").split(",", -1)).contains(name());

    boolean holds() {
        return held;
    }

    /** Says which rules do not hold, if any: that is for tests alone. */
    static void warnOfMissing() {
        Set<PosixRule> missing =
                Arrays.stream(values()).filter(rule -> !rule.holds()).collect(Collectors.toSet());
        if (!missing.isEmpty()) {
            LOG.warn("this file system does not keep {}: {} is set", missing, WITHOUT);
        }
    }
}
