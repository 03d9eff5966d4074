package isle.mountd.config;

import isle.mountd.api.DaemonException;
import isle.mountd.api.FailureKind;
import isle.mountd.api.ProfileFolders;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;

/** A profile in use: its folders exist, for their owner only, and no other daemon has it. */
public final class Profile implements Closeable {

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private final ProfileFolders folders;
    private final Path home;
    private final FileChannel lockChannel;
    private final FileLock lock;
    private final KeptSettings kept;

    private Profile(ProfileFolders folders, Path home, FileChannel lockChannel, FileLock lock) {
        this.folders = folders;
        this.home = home;
        this.lockChannel = lockChannel;
        this.lock = lock;
        this.kept = new KeptSettings(folders);
    }

    /**
     * Makes the folders that are missing and takes the profile's lock.
     *
     * @param home the person's home folder
     * @throws DaemonException of kind {@link FailureKind#PROFILE_IN_USE} if a daemon runs, {@link FailureKind#REFUSED} if
     *     the folders cannot be made
     */
    public static Profile open(ProfileFolders folders, Path home) throws DaemonException {
        try {
            for (Path folder : List.of(folders.config(), folders.state(), folders.cache(), folders.log())) {
                makePrivate(folder);
            }
            Template.writeIfAbsent(folders.configFile());
            return lock(folders, home);
        } catch (DaemonException e) {
            throw e;
        } catch (IOException e) {
            throw new DaemonException(
                    FailureKind.REFUSED,
                    "The profile in " + folders.state() + " cannot be used: " + describe(e) + ".",
                    "Check the rights and the free space there, or set ISLE_HOME to another folder.");
        }
    }

    private static Profile lock(ProfileFolders folders, Path home) throws IOException {
        FileChannel channel = FileChannel.open(
                folders.lockFile(),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // This process itself has it.
            lock = null;
        }
        if (lock == null) {
            channel.close();
            String pid =
                    Files.readAllLines(folders.lockFile()).stream().findFirst().orElse("unknown");
            throw new DaemonException(
                    FailureKind.PROFILE_IN_USE,
                    "A daemon of the profile in " + folders.state() + " is running already (process " + pid + ").",
                    "Use it (isle status), end it (isle unmount), or set ISLE_HOME to another folder.");
        }
        channel.truncate(0);
        return new Profile(folders, home, channel, lock);
    }

    /** Makes a folder that only its owner may enter, and takes the rights of others from one that exists. */
    public static void makePrivate(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        } else if (!Files.getPosixFilePermissions(folder).equals(OWNER_ONLY)) {
            Files.setPosixFilePermissions(folder, OWNER_ONLY);
        }
    }

    private static String describe(IOException e) {
        String reason = e.getMessage() == null ? "" : " " + e.getMessage();
        return e.getClass().getSimpleName().replaceFirst("Exception$", "") + reason;
    }

    /** Tells the command line where this daemon listens. */
    public void announce(Path socket) throws IOException {
        String text = ProcessHandle.current().pid() + "\n" + socket + "\n";
        lockChannel.truncate(0);
        lockChannel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
    }

    public ProfileFolders folders() {
        return folders;
    }

    /** What {@code daemon.yml} says now. */
    public DaemonConfig config() throws DaemonException {
        try {
            return new ConfigLoader(folders.configFile(), home).load();
        } catch (ConfigException e) {
            throw new DaemonException(
                    FailureKind.FAILED,
                    e.getMessage() + ".",
                    "Correct the file; every key is explained in mountd/OPERATIONS.md.");
        }
    }

    public KeptSettings kept() {
        return kept;
    }

    /** Where settings that nobody gave come from. */
    public Settings.Defaults defaults(boolean root) {
        return Settings.Defaults.of(folders, home, root);
    }

    /** The person's home folder. */
    public Path home() {
        return home;
    }

    /** Unlocks the profile. */
    @Override
    public void close() throws IOException {
        try (lockChannel) {
            lockChannel.truncate(0);
            lock.release();
        }
    }
}
