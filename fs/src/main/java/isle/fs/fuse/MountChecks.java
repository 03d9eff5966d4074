package isle.fs.fuse;

import isle.fs.fuse.MountProblem.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What must be there before mounting is tried, because libfuse says on standard error only what it missed. */
final class MountChecks {

    private static final Path DEVICE = Path.of("/dev/fuse");
    private static final Path CONFIGURATION = Path.of("/etc/fuse.conf");
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final int EFFECTIVE_UID = 2;

    private MountChecks() {}

    /** Effective user of this process. */
    static int uid() throws MountProblem {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith("Uid:")) {
                    return Integer.parseUnsignedInt(List.of(line.split("\\s+")).get(EFFECTIVE_UID));
                }
            }
        } catch (IOException e) {
            throw new MountProblem(Kind.PLATFORM, "/proc is not there to be read.", "Mount procfs at /proc.", e);
        }
        throw new MountProblem(Kind.PLATFORM, "/proc/self/status names no user.", "Mount procfs at /proc.");
    }

    static void check(MountOptions options, int uid) throws MountProblem {
        checkDevice(DEVICE);
        if (uid != 0) {
            checkHelper(Unmounter.hasHelper());
            if (options.allowOther()) {
                checkAllowOther(CONFIGURATION);
            }
        }
    }

    static void checkDevice(Path device) throws MountProblem {
        if (!Files.exists(device)) {
            throw new MountProblem(
                    Kind.DEVICE_MISSING,
                    device + " does not exist.",
                    "Load the module as root (modprobe fuse); give a container the device (--device /dev/fuse).");
        }
        if (!Files.isReadable(device) || !Files.isWritable(device)) {
            throw new MountProblem(
                    Kind.DEVICE_FORBIDDEN,
                    "You may not open " + device + ".",
                    "Let root give everybody that right, as udev does by default: chmod 0666 " + device + ".");
        }
    }

    static void checkHelper(boolean present) throws MountProblem {
        if (!present) {
            throw new MountProblem(
                    Kind.HELPER_MISSING,
                    "fusermount, the program that mounts for ordinary users, is not installed.",
                    Packages.ofThisSystem());
        }
    }

    static void checkAllowOther(Path configuration) throws MountProblem {
        boolean allowed;
        try {
            allowed = Files.readAllLines(configuration).stream()
                    .anyMatch(line -> line.strip().equals("user_allow_other"));
        } catch (IOException e) {
            allowed = false;
        }
        if (!allowed) {
            throw new MountProblem(
                    Kind.ALLOW_OTHER,
                    "This system does not let users open their mounts to other users.",
                    "Mount without --allow-other, or let root write the line user_allow_other into " + configuration
                            + ".");
        }
    }
}
