package isle.mountd.files;

import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.mountd.api.DaemonException;
import isle.mountd.api.PathText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A path in isle.
 *
 * @param names from the root on; none for the root itself
 */
public record IslePath(List<FileName> names) {

    public IslePath {
        names = List.copyOf(names);
    }

    /**
     * Reads a path as people type it.
     *
     * @param text from the root of isle, or an absolute path of this machine that lies in the mount
     * @param mount where the mount is, if it is mounted
     */
    public static IslePath parse(String text, Optional<String> mount) throws DaemonException {
        String inside = text;
        if (mount.isPresent() && (text.equals(mount.get()) || text.startsWith(mount.get() + "/"))) {
            inside = text.substring(mount.get().length());
        }
        List<FileName> names = new ArrayList<>();
        try {
            for (String name : PathText.toRaw(inside).split("/+", -1)) {
                if (name.equals("..")) {
                    if (names.isEmpty()) {
                        throw new FsException.Invalid("a path that leads out of isle");
                    }
                    names.remove(names.size() - 1);
                } else if (!name.isEmpty() && !name.equals(".")) {
                    names.add(FileName.parse(name));
                }
            }
        } catch (FsException e) {
            throw FileProblems.of(text, e);
        }
        return new IslePath(names);
    }

    boolean isRoot() {
        return names.isEmpty();
    }

    FileName last() {
        return names.get(names.size() - 1);
    }

    IslePath parent() {
        return new IslePath(names.subList(0, names.size() - 1));
    }

    IslePath child(FileName name) {
        List<FileName> more = new ArrayList<>(names);
        more.add(name);
        return new IslePath(more);
    }

    boolean isWithin(IslePath folder) {
        return names.size() >= folder.names.size()
                && names.subList(0, folder.names.size()).equals(folder.names);
    }

    /** The path as text in the sense of {@link PathText}, without a leading slash. */
    public String text() {
        StringBuilder out = new StringBuilder();
        for (FileName name : names) {
            out.append(out.length() == 0 ? "" : "/").append(PathText.ofRaw(name.raw()));
        }
        return out.toString();
    }
}
