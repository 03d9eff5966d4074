package isle.mountd.api;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Copies a folder of isle to this machine with all that its files have. A file shows under its name when it is complete,
 * with its time; so an export that was ended at any moment goes on where it was.
 */
public final class Export {

    private static final int OWNER_ALL = 0700;
    private static final String PARTIAL = ".isle-export.part";
    private static final String LOCK = ".isle-export.lock";

    /** What nobody else can read is not to be read by others while it is made, either. */
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final DaemonClient client;
    private final Consumer<String> report;
    private final List<String> failures = new ArrayList<>();
    private String partial = PARTIAL;
    private long copied;
    private long skipped;

    /** @param report takes one text for each file that was copied */
    public Export(DaemonClient client, Consumer<String> report) {
        this.client = client;
        this.report = report;
    }

    /**
     * What an export has come to.
     *
     * @param copied files, symlinks and special files that were copied
     * @param skipped those that were there already
     * @param failures a sentence for each one that could not be copied, or not with all that it has
     */
    public record Result(long copied, long skipped, List<String> failures) {
        public Result {
            failures = List.copyOf(failures);
        }
    }

    /**
     * Copies; what is there already with the same size and time is left alone. To be asked for once.
     *
     * @param target is made if it is not there
     */
    public Result run(String source, Path target) throws IOException {
        List<EntryReport> entries = new ArrayList<>();
        client.listWhole(source, entries::add);
        Set<String> names = entries.stream()
                .map(each -> each.path().substring(each.path().lastIndexOf('/') + 1))
                .collect(Collectors.toCollection(TreeSet::new));
        while (names.contains(partial)) {
            partial += "~";
        }
        Files.createDirectories(target);
        Path lock = target.resolve(LOCK);
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = tryLock(channel, target)) {
            for (EntryReport entry : entries) {
                Path local = place(target, entry);
                try {
                    copy(join(source, entry.path()), entry, local);
                } catch (DaemonException e) {
                    if (e.kind() != FailureKind.FAILED) {
                        throw e;
                    }
                    failures.add(e.getMessage());
                }
            }
            Files.deleteIfExists(target.resolve(partial));
            closeFolders(entries, target);
            if (held.isValid() && !names.contains(LOCK)) {
                Files.deleteIfExists(lock);
            }
        }
        return new Result(copied, skipped, failures);
    }

    private static FileLock tryLock(FileChannel channel, Path target) throws IOException {
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // another one of this process
        }
        if (lock == null) {
            throw new DaemonException(
                    FailureKind.FAILED, "Another export writes into " + target + ".", "Wait for it, or end it.");
        }
        return lock;
    }

    private static Path place(Path target, EntryReport entry) throws ProtocolException {
        Path local = target;
        for (String name : entry.path().split("/", -1)) {
            local = LocalNames.resolve(local, name);
        }
        return local;
    }

    private static String join(String folder, String name) {
        return folder.isEmpty() || folder.endsWith("/") ? folder + name : folder + "/" + name;
    }

    private void copy(String source, EntryReport entry, Path local) throws IOException {
        if (entry.isDirectory()) {
            if (!Files.isDirectory(local, LinkOption.NOFOLLOW_LINKS)) {
                Files.deleteIfExists(local);
                Files.createDirectory(local, LocalFiles.OWNER_FOLDER);
            }
            return;
        }
        if (isThere(entry, local)) {
            skipped++;
            return;
        }
        if (Files.isDirectory(local, LinkOption.NOFOLLOW_LINKS)) {
            throw new DaemonException(
                    FailureKind.FAILED,
                    local + " is a folder, and " + PathText.display(source) + " is none.",
                    "Remove it, or export into another folder.");
        }
        Path folder = local.resolveSibling(partial);
        Files.deleteIfExists(folder);
        if (make(source, entry, local, folder)) {
            Files.move(folder, local, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            copied++;
            report.accept(PathText.display(source) + " -> " + local);
        }
    }

    /** Makes it under another name, with all that it has; its time last, since that says that it is whole. */
    private boolean make(String source, EntryReport entry, Path local, Path made) throws IOException {
        if (entry.kind().equals("file")) {
            Files.createFile(made, OWNER_FILE);
            try (OutputStream out = Files.newOutputStream(made)) {
                client.read(source, out);
            } catch (IOException e) {
                Files.deleteIfExists(made);
                throw e;
            }
            attributes(local, () -> LocalFiles.setXattrs(made, entry.extras()));
            attributes(local, () -> LocalFiles.setPermissions(made, entry.permissions()));
            attributes(local, () -> Files.setLastModifiedTime(made, LocalFiles.time(entry)));
        } else if (entry.target().isPresent()) {
            Files.createSymbolicLink(made, LocalNames.pathOf(entry.target().get()));
            timeOfSymlink(entry, made);
        } else {
            try {
                LocalFiles.makeSpecial(made, entry);
            } catch (IOException e) {
                failures.add(local + " was left out: " + e.getMessage());
                return false;
            }
        }
        return true;
    }

    /** A step that the file system of the target may not know. */
    private interface Step {
        void run() throws IOException;
    }

    private void attributes(Path local, Step step) {
        try {
            step.run();
        } catch (IOException | UnsupportedOperationException e) {
            failures.add(local + " is there, but not all of its attributes: " + e.getMessage());
        }
    }

    /** Nothing depends on it, and not every Java can set it. */
    private static void timeOfSymlink(EntryReport entry, Path made) {
        try {
            Files.getFileAttributeView(made, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .setTimes(LocalFiles.time(entry), null, null);
        } catch (IOException e) {
            // it is as old as the export
        }
    }

    private static boolean isThere(EntryReport entry, Path local) throws IOException {
        if (!Files.exists(local, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        BasicFileAttributes there = Files.readAttributes(local, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (entry.target().isPresent()) {
            return there.isSymbolicLink()
                    && Files.readSymbolicLink(local)
                            .equals(LocalNames.pathOf(entry.target().get()));
        }
        return there.lastModifiedTime().equals(LocalFiles.time(entry))
                && (entry.kind().equals("file")
                        ? there.isRegularFile() && there.size() == entry.size()
                        : there.isOther());
    }

    /** What they have, the deepest first: what is made in them changes their times. */
    private void closeFolders(List<EntryReport> entries, Path target) throws IOException {
        for (int i = entries.size() - 1; i >= 0; i--) {
            EntryReport entry = entries.get(i);
            Path local = place(target, entry);
            if (entry.isDirectory() && Files.isDirectory(local, LinkOption.NOFOLLOW_LINKS)) {
                Files.deleteIfExists(local.resolve(partial));
                attributes(local, () -> LocalFiles.setXattrs(local, entry.extras()));
                // so that an export can go on in it
                attributes(local, () -> LocalFiles.setPermissions(local, entry.permissions() | OWNER_ALL));
                attributes(local, () -> Files.setLastModifiedTime(local, LocalFiles.time(entry)));
            }
        }
    }
}
