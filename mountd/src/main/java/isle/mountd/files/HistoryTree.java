package isle.mountd.files;

import isle.crypto.seal.Id;
import isle.crypto.vault.VaultCare;
import isle.crypto.vault.VersionInfo;
import isle.crypto.vault.VersionInfo.Happened;
import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.vfs.ReadOnlyTree;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * {@code .isle/history} in the mount: the folders of private/ as they are and were. Each name that ever was in one of them is
 * a folder, and what a file was is in it, a file for each version, named by time and host as a conflict copy is. Of what the
 * name of a folder means, or meant last, the names are there.
 */
public final class HistoryTree implements ReadOnlyTree {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH.mm.ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final int MOST_HOST_CHARS = 64;
    private static final int MOST_EXTENSION_CHARS = 32;

    private final VaultCare care;

    public HistoryTree(VaultCare care) {
        this.care = care;
    }

    @Override
    public List<Node> list(List<FileName> path) throws FsException {
        List<String> names = path.stream().map(FileName::raw).toList();
        List<Node> nodes = new ArrayList<>();
        List<Id> folder = care.directories(names);
        if (!folder.isEmpty()) {
            for (Map.Entry<String, List<VersionInfo>> each :
                    care.history(folder).entrySet()) {
                nodes.add(new Node(
                        FileName.parse(each.getKey()),
                        null,
                        0,
                        each.getValue().get(0).time()));
            }
        }
        if (!names.isEmpty()) {
            List<Id> parent = care.directories(names.subList(0, names.size() - 1));
            List<VersionInfo> versions =
                    parent.isEmpty() ? List.of() : care.history(parent, names.get(names.size() - 1));
            if (versions.isEmpty() && folder.isEmpty()) {
                throw new FsException.NotFound("never there");
            }
            for (VersionInfo each : versions) {
                file(each).ifPresent(nodes::add);
            }
        }
        return nodes;
    }

    /** Empty if it is no content of a file. */
    private Optional<Node> file(VersionInfo version) throws FsException {
        Attributes attributes = version.attributes().orElse(null);
        if (attributes == null || attributes.kind() != FileKind.FILE || version.what() == Happened.ATTRIBUTES) {
            return Optional.empty();
        }
        Content content = (offset, into) -> read(version, offset, into);
        return Optional.of(new Node(FileName.parse(name(version)), content, attributes.size(), version.time()));
    }

    private void read(VersionInfo version, long offset, ByteBuffer into) throws FsException {
        care.read(version, offset, into);
        if (into.hasRemaining()) {
            throw new FsException.Corrupt("a version has fewer bytes than its size says");
        }
    }

    /** With the extension of the file, so that programs know what it is. */
    private static String name(VersionInfo version) {
        String time = TIME.format(Instant.ofEpochSecond(version.time().seconds()));
        String host = new String(version.host().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1)
                .replaceAll("[/\\x00-\\x1f\\x7f]", "_");
        String shown = host.substring(0, Math.min(MOST_HOST_CHARS, host.length()));
        int dot = version.name().lastIndexOf('.');
        String extension = dot > 0 ? version.name().substring(dot) : "";
        return time + " " + shown + " " + version.id() + (extension.length() > MOST_EXTENSION_CHARS ? "" : extension);
    }
}
