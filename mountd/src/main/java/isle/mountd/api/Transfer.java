package isle.mountd.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Copies between this machine's own files and isle's. Content, permissions, times and symlinks are kept; a file is
 * replaced at once when its copy is complete, or not at all.
 */
public final class Transfer {

    private static final int DEFAULT_PERMISSIONS = 0644;
    private final DaemonClient client;
    private final Consumer<String> report;

    /** @param report takes one text for each file that was copied or left out */
    public Transfer(DaemonClient client, Consumer<String> report) {
        this.client = client;
        this.report = report;
    }

    /**
     * Copies a local file, or a tree if {@code recursive}, into isle.
     *
     * @param target its place there, or the folder for it
     * @param into whether {@code target} has to be a folder
     */
    public void put(Path local, String target, boolean into, boolean recursive) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(local, BasicFileAttributes.class);
        if (attributes.isDirectory() && !recursive) {
            throw isFolder(local.toString());
        }
        Optional<EntryReport> there = client.stat(target, true);
        boolean folder = there.isPresent() && there.get().isDirectory();
        if (!folder && (into || target.endsWith("/"))) {
            throw new DaemonException(
                    FailureKind.USAGE,
                    PathText.display(target) + " is not a folder.",
                    "Make it first: isle mkdir " + PathText.display(target));
        }
        String place = folder ? join(target, LocalNames.nameOf(local)) : target;
        if (attributes.isDirectory()) {
            putTree(local, place);
        } else {
            putFile(local, place);
        }
    }

    /** Copies a stream, such as standard input. */
    public void put(InputStream content, String target) throws IOException {
        client.write(target, content, EntryReport.wanted(DEFAULT_PERMISSIONS, Instant.now()));
    }

    private void putTree(Path local, String target) throws IOException {
        Set<Path> made = new HashSet<>();
        Files.walkFileTree(local, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                if (client.beginFolder(place(folder))) {
                    made.add(folder);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                if (made.remove(folder)) {
                    client.completeFolder(place(folder), wanted(folder));
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isRegularFile()) {
                    putFile(file, place(file));
                } else if (attributes.isSymbolicLink()) {
                    client.makeSymlink(place(file), LocalNames.textOf(Files.readSymbolicLink(file)));
                } else {
                    report.accept(file + " was left out: it is neither file, folder nor symlink");
                }
                return FileVisitResult.CONTINUE;
            }

            private String place(Path file) {
                Path relative = local.relativize(file);
                String place = target;
                Path at = local;
                for (Path name : relative.toString().isEmpty() ? List.<Path>of() : relative) {
                    at = at.resolve(name);
                    place = join(place, LocalNames.nameOf(at));
                }
                return place;
            }
        });
    }

    private void putFile(Path local, String target) throws IOException {
        EntryReport like = wanted(local);
        try (InputStream content = Files.newInputStream(local)) {
            client.write(target, content, like);
        }
        report.accept(local + " -> " + PathText.display(target));
    }

    private static EntryReport wanted(Path local) throws IOException {
        PosixFileAttributes attributes = Files.readAttributes(local, PosixFileAttributes.class);
        int permissions = LocalFiles.permissions(attributes.permissions());
        return EntryReport.wanted(permissions, attributes.lastModifiedTime().toInstant());
    }

    /**
     * Copies a file of isle, or a tree if {@code recursive}, to this machine.
     *
     * @param local its place there, or the folder for it
     * @param into whether {@code local} has to be a folder
     */
    public void get(String source, Path local, boolean into, boolean recursive) throws IOException {
        if (into && !Files.isDirectory(local)) {
            throw new DaemonException(FailureKind.USAGE, local + " is not a folder.", "Make it first: mkdir " + local);
        }
        EntryReport entry = client.stat(source, true)
                .orElseThrow(() -> new DaemonException(
                        FailureKind.FAILED, PathText.display(source) + " does not exist.", "See: isle ls"));
        String name = source.replaceFirst("/+$", "");
        name = name.substring(name.lastIndexOf('/') + 1);
        Path target = Files.isDirectory(local) && !name.isEmpty() ? LocalNames.resolve(local, name) : local;
        if (!entry.isDirectory()) {
            getFile(source, target, entry);
        } else if (!recursive) {
            throw isFolder(PathText.display(source));
        } else {
            getTree(source, target, entry);
        }
    }

    private void getTree(String source, Path target, EntryReport top) throws IOException {
        List<EntryReport> entries = new ArrayList<>();
        client.list(source, true, true, entries::add);
        List<Filled> made = new ArrayList<>();
        beginFolder(target, top, made);
        for (EntryReport entry : entries) {
            Path local = target;
            for (String name : entry.path().split("/", -1)) {
                local = LocalNames.resolve(local, name);
            }
            if (entry.isDirectory()) {
                beginFolder(local, entry, made);
            } else if (entry.kind().equals("file")) {
                getFile(join(source, entry.path()), local, entry);
            } else if (entry.target().isPresent()) {
                Files.deleteIfExists(local);
                Files.createSymbolicLink(local, LocalNames.pathOf(entry.target().get()));
            } else {
                report.accept(local + " was left out: it is neither file, folder nor symlink");
            }
        }
        // What is in a folder before that itself.
        for (int i = made.size() - 1; i >= 0; i--) {
            Filled each = made.get(i);
            LocalFiles.setPermissions(each.folder(), each.like().permissions());
            Files.setLastModifiedTime(each.folder(), LocalFiles.time(each.like()));
        }
    }

    /** A folder that was made here, and what it has to become. */
    private record Filled(Path folder, EntryReport like) {}

    /** One that is there keeps what it has; a new one is for its owner alone until all of it is there. */
    private static void beginFolder(Path folder, EntryReport like, List<Filled> made) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(
                    Optional.ofNullable(folder.toAbsolutePath().getParent()).orElse(folder));
            Files.createDirectory(folder, LocalFiles.OWNER_FOLDER);
            made.add(new Filled(folder, like));
        }
    }

    private void getFile(String source, Path local, EntryReport entry) throws IOException {
        Path parent = Optional.ofNullable(local.toAbsolutePath().getParent()).orElse(local);
        Path partial = Files.createTempFile(parent, ".isle-", ".part");
        try {
            try (OutputStream out = Files.newOutputStream(partial)) {
                client.read(source, out);
            }
            LocalFiles.setPermissions(partial, entry.permissions());
            Files.setLastModifiedTime(partial, LocalFiles.time(entry));
            if (Files.isDirectory(local, LinkOption.NOFOLLOW_LINKS)) {
                throw isFolder(local.toString());
            }
            Files.move(partial, local, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(partial);
        }
        report.accept(PathText.display(source) + " -> " + local);
    }

    private static String join(String folder, String name) {
        return folder.isEmpty() || folder.endsWith("/") ? folder + name : folder + "/" + name;
    }

    private static DaemonException isFolder(String path) {
        return new DaemonException(FailureKind.FAILED, path + " is a folder.", "Copy it with all that is in it: -r");
    }
}
