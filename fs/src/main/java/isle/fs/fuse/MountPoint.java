package isle.fs.fuse;

import isle.fs.fuse.MountProblem.Kind;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The folder that a file system is mounted over: looked at, made if it is missing, and kept so that nobody writes into
 * it by mistake while nothing is mounted there.
 */
final class MountPoint implements AutoCloseable {

    /** Nobody, not even its owner's programs, shall write into the bare folder and lose the file under the mount. */
    private static final String BARE = "r-x------";

    private static final int MOST_LINKS = 40;

    private final Path path;
    private @Nullable SecureDirectoryStream<Path> opened;
    private Set<PosixFilePermission> permissions = Set.of();

    private MountPoint(Path path) {
        this.path = path;
    }

    /** Looks at a folder, and removes a dead mount of the same profile from it. Follows symbolic links. */
    static MountPoint prepare(Path dir, MountOptions options, int uid) throws MountProblem {
        try {
            Path path = resolve(dir.toAbsolutePath().normalize(), options, MOST_LINKS);
            MountPoint point = new MountPoint(path);
            if (!Files.exists(path)) {
                make(path);
            }
            point.check(uid);
            return point;
        } catch (MountProblem e) {
            throw e;
        } catch (IOException e) {
            throw new MountProblem(
                    Kind.NOT_A_DIRECTORY,
                    "The mount point " + dir + " cannot be used: " + e.getMessage() + ".",
                    "Name a folder that you may open, or one that can be made.",
                    e);
        }
    }

    /** Only what is known not to be a mount itself is touched: the daemon behind a mount may hang. */
    private static Path resolve(Path path, MountOptions options, int linksLeft) throws IOException {
        refuseMounted(path, options);
        Path parent = path.getParent();
        if (parent == null) {
            return path;
        }
        Path name = path.getFileName();
        Files.createDirectories(parent);
        Path real = parent.toRealPath().resolve(name == null ? path : name);
        refuseMounted(real, options);
        if (Files.isSymbolicLink(real) && linksLeft > 0) {
            Path target = parent.toRealPath().resolve(Files.readSymbolicLink(real));
            return resolve(target.normalize(), options, linksLeft - 1);
        }
        return real;
    }

    private static void refuseMounted(Path path, MountOptions options) throws IOException {
        Optional<MountTable.Entry> mount = MountTable.read().at(path.toString());
        if (mount.isPresent() && mount.get().source().equals(options.source())) {
            StaleMounts.clean(mount.get());
            mount = MountTable.read().at(path.toString());
        }
        if (mount.isEmpty()) {
            return;
        }
        String what = mount.get().type() + " " + mount.get().source();
        throw new MountProblem(
                Kind.ALREADY_MOUNTED,
                path + " is in use: " + what + " is mounted there.",
                "Choose another folder, or unmount it first: fusermount -u " + path + ".");
    }

    private static void make(Path path) throws IOException {
        Files.createDirectory(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(BARE)));
    }

    private void check(int uid) throws IOException {
        if (!Files.isDirectory(path)) {
            throw new MountProblem(
                    Kind.NOT_A_DIRECTORY, path + " is not a folder.", "Choose a folder, or remove that file.");
        }
        int owner = (Integer) Files.getAttribute(path, "unix:uid");
        if (uid != 0 && owner != uid) {
            throw new MountProblem(
                    Kind.NOT_OWNER,
                    path + " belongs to another user (" + owner + ").",
                    "Choose a folder of your own; only root may mount over others'.");
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
            if (entries.iterator().hasNext()) {
                throw new MountProblem(
                        Kind.NOT_EMPTY,
                        path + " is not empty: its files would be hidden by the mount.",
                        "Choose an empty folder, or move these files away.");
            }
        }
    }

    Path path() {
        return path;
    }

    /**
     * The set-uid helper mounts only over a folder that its user may write. The right is given for that moment; it is
     * taken back through a descriptor that was opened before, because the path leads into the mount by then.
     */
    @SuppressWarnings("StreamResourceLeak") // it stays open until the mount is there: close() ends it
    void allowMount() throws IOException {
        permissions = Files.getPosixFilePermissions(path);
        if (permissions.contains(PosixFilePermission.OWNER_WRITE)) {
            return;
        }
        DirectoryStream<Path> stream = Files.newDirectoryStream(path);
        if (stream instanceof SecureDirectoryStream) {
            opened = (SecureDirectoryStream<Path>) stream;
            Set<PosixFilePermission> more = EnumSet.copyOf(permissions);
            more.add(PosixFilePermission.OWNER_WRITE);
            setPermissions(opened, more);
        } else {
            stream.close();
        }
    }

    private static void setPermissions(SecureDirectoryStream<Path> stream, Set<PosixFilePermission> value)
            throws IOException {
        stream.getFileAttributeView(PosixFileAttributeView.class).setPermissions(value);
    }

    /** Ends what {@link #allowMount} began. */
    @Override
    public void close() throws IOException {
        if (opened != null) {
            try (SecureDirectoryStream<Path> stream = opened) {
                setPermissions(stream, permissions);
            } finally {
                opened = null;
            }
        }
    }
}
