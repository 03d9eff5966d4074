package isle.mountd.files;

import isle.crypto.seal.Id;
import isle.crypto.vault.VaultCare;
import isle.crypto.vault.VersionInfo;
import isle.crypto.vault.VersionInfo.Happened;
import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.vfs.FileSystem.AttributeChange;
import isle.mountd.api.DaemonException;
import isle.mountd.api.EntryReport;
import isle.mountd.api.FailureKind;
import isle.mountd.api.PathText;
import isle.mountd.api.VersionReport;
import isle.mountd.config.Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What files of private/ were earlier, and how they become that again. */
public final class PrivateHistory {

    private static final int PIECE_BYTES = 256 * 1024;

    private final FileTree tree;
    private final VaultCare care;

    public PrivateHistory(FileTree tree, VaultCare care) {
        this.tree = tree;
        this.care = care;
    }

    /** Takes versions. */
    public interface Sink {
        void accept(VersionReport version) throws IOException;
    }

    /**
     * Which version is meant; with neither, the last one that is not there now.
     *
     * @param at as it was then, in seconds since 1970
     * @param version the one whose id begins so
     */
    public record Wanted(Optional<Long> at, Optional<String> version) {}

    /** The names of a path within private/, in raw bytes. */
    public static List<String> inPrivate(IslePath path) throws DaemonException {
        List<String> names = path.names().stream().map(FileName::raw).toList();
        if (names.isEmpty() || !names.get(0).equals(Settings.PRIVATE)) {
            throw new DaemonException(
                    FailureKind.USAGE,
                    "'" + PathText.display(path.text()) + "' is not in private/.",
                    "Only private/ keeps earlier versions.");
        }
        return names.subList(1, names.size());
    }

    /** All versions of a path, the latest first, and if it is a folder, or was, the last one of each name that went. */
    public void list(IslePath path, Sink sink) throws IOException {
        List<String> names = inPrivate(path);
        try {
            List<VersionInfo> versions = versions(names);
            List<Id> folder = care.directories(names);
            if (versions.isEmpty() && folder.isEmpty()) {
                throw new FsException.NotFound("never there");
            }
            for (int i = 0; i < versions.size(); i++) {
                sink.accept(report("", versions.subList(i, versions.size())));
            }
            if (!folder.isEmpty()) {
                for (Map.Entry<String, List<VersionInfo>> each :
                        care.history(folder).entrySet()) {
                    if (each.getValue().stream().noneMatch(VersionInfo::shown)) {
                        sink.accept(report(PathText.ofRaw(each.getKey()), each.getValue()));
                    }
                }
            }
        } catch (FsException e) {
            throw FileProblems.of(path.text(), e);
        }
    }

    private List<VersionInfo> versions(List<String> names) throws FsException {
        if (names.isEmpty()) {
            return List.of();
        }
        List<Id> parent = care.directories(names.subList(0, names.size() - 1));
        return parent.isEmpty() ? List.of() : care.history(parent, names.get(names.size() - 1));
    }

    /** @param versions the one that is meant, and those before it */
    private static VersionReport report(String path, List<VersionInfo> versions) {
        VersionInfo version = versions.get(0);
        Optional<Attributes> was = versions.stream()
                .map(VersionInfo::attributes)
                .flatMap(Optional::stream)
                .findFirst();
        return new VersionReport(
                path,
                version.id(),
                version.time().seconds(),
                version.time().nanos(),
                version.host(),
                version.what().name().toLowerCase(Locale.ROOT),
                was.map(each -> each.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'))
                        .orElse("unknown"),
                was.map(Attributes::size).orElse(0L),
                version.shown());
    }

    /**
     * Makes an earlier version the newest one.
     *
     * @param to where to put it
     * @return how many files, folders and symlinks were written
     */
    public long restore(IslePath path, Wanted wanted, IslePath to) throws DaemonException {
        List<String> names = inPrivate(path);
        try {
            Restoring restoring = new Restoring(wanted.at(), path.equals(to));
            if (names.isEmpty()) {
                restoring.folder(care.directories(names), to);
            } else {
                List<VersionInfo> versions = versions(names);
                if (versions.isEmpty()) {
                    throw new FsException.NotFound("never there");
                }
                VersionInfo chosen = chosen(path, versions, wanted);
                if (to.names().size() > 1) {
                    tree.makeDirectory(to.parent(), true);
                }
                restoring.one(names, chosen, to);
            }
            if (restoring.failed != null) {
                throw restoring.failed;
            }
            return restoring.count;
        } catch (FsException e) {
            throw FileProblems.of(path.text(), e);
        }
    }

    private static VersionInfo chosen(IslePath path, List<VersionInfo> versions, Wanted wanted) throws DaemonException {
        Optional<VersionInfo> found;
        if (wanted.version().isPresent()) {
            String id = wanted.version().get().strip().toLowerCase(Locale.ROOT);
            List<VersionInfo> named = versions.stream()
                    .filter(each -> !id.isEmpty() && each.id().startsWith(id))
                    .toList();
            found = named.size() == 1 ? Optional.of(named.get(0)) : Optional.empty();
        } else if (wanted.at().isPresent()) {
            found = at(versions, wanted.at().get());
        } else {
            found = versions.stream()
                    .filter(each -> !each.shown() && each.what() != Happened.REMOVED)
                    .findFirst();
            if (found.isEmpty() && isFolder(versions.get(0))) {
                found = Optional.of(versions.get(0));
            }
        }
        return found.filter(each -> each.what() != Happened.REMOVED)
                .orElseThrow(() -> new DaemonException(
                        FailureKind.FAILED,
                        "There is no such earlier version of '" + PathText.display(path.text()) + "'.",
                        "See which there are: isle history"));
    }

    private static boolean isFolder(VersionInfo version) {
        return version.attributes()
                .filter(each -> each.kind() == FileKind.DIRECTORY)
                .isPresent();
    }

    /** What held at a time. */
    private static Optional<VersionInfo> at(List<VersionInfo> versions, long seconds) {
        return versions.stream()
                .filter(each -> each.time().seconds() <= seconds)
                .findFirst();
    }

    /** One restoration; what cannot be read is left out, and told in the end. */
    private final class Restoring {
        private final Optional<Long> at;
        private final boolean inPlace;
        private final Set<Id> entered = new HashSet<>();
        private long count;
        private @Nullable DaemonException failed;

        /** @param inPlace whether what is shown is there already */
        Restoring(Optional<Long> at, boolean inPlace) {
            this.at = at;
            this.inPlace = inPlace;
        }

        void one(List<String> names, VersionInfo version, IslePath to) throws DaemonException, FsException {
            Attributes attributes = version.attributes().orElseThrow();
            switch (attributes.kind()) {
                case FILE -> file(version, attributes, to);
                case SYMLINK -> {
                    tree.makeSymlink(to, PathText.ofRaw(attributes.symlinkTarget()));
                    count++;
                }
                case DIRECTORY -> {
                    boolean isNew = tree.beginFolder(to);
                    count += isNew ? 1 : 0;
                    folder(care.directories(names), to);
                    long made = tree.find(to, true).inode();
                    tree.files().setattr(made, AttributeChange.chmod(attributes.permissions()), tree.caller());
                    if (isNew) {
                        tree.files().setattr(made, FileTree.mtime(attributes.mtime()), tree.caller());
                    }
                }
                default -> {
                    // neither bytes nor names are lost with it
                }
            }
        }

        private void file(VersionInfo version, Attributes attributes, IslePath to) throws DaemonException {
            EntryReport like = EntryReport.wanted(
                    attributes.permissions(),
                    Instant.ofEpochSecond(
                            attributes.mtime().seconds(), attributes.mtime().nanos()));
            try (Upload upload = tree.write(to, like)) {
                ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
                for (long offset = 0; offset < attributes.size(); offset += piece.limit()) {
                    piece.clear().limit((int) Math.min(PIECE_BYTES, attributes.size() - offset));
                    care.read(version, offset, piece);
                    if (piece.hasRemaining()) {
                        throw new FsException.Corrupt("a version has fewer bytes than its size says");
                    }
                    upload.append(piece.flip());
                }
                upload.complete();
                count++;
            } catch (FsException e) {
                throw FileProblems.of(to.text(), e);
            }
        }

        void folder(List<Id> ids, IslePath to) throws DaemonException, FsException {
            if (!entered.addAll(ids)) {
                return;
            }
            if (tree.stat(to, true).isEmpty()) {
                tree.makeDirectory(to, true);
                count++;
            }
            for (Map.Entry<String, List<VersionInfo>> each : care.history(ids).entrySet()) {
                Optional<VersionInfo> version = at.isPresent()
                        ? at(each.getValue(), at.get())
                        : each.getValue().stream().anyMatch(VersionInfo::shown)
                                ? Optional.empty()
                                : each.getValue().stream()
                                        .filter(one -> one.what() != Happened.REMOVED)
                                        .findFirst();
                if (version.isPresent() && version.get().what() != Happened.REMOVED) {
                    entry(version.get(), to.child(FileName.parse(each.getKey())));
                }
            }
        }

        private void entry(VersionInfo version, IslePath to) throws FsException {
            try {
                if (!(inPlace && version.shown() && !isFolder(version))) {
                    one(version, to);
                }
            } catch (DaemonException e) {
                failed = failed == null ? e : failed;
            }
        }

        private void one(VersionInfo version, IslePath to) throws DaemonException, FsException {
            if (isFolder(version)) {
                folder(List.of(version.inode()), to);
            } else {
                one(List.of(), version, to);
            }
        }
    }
}
