package isle.mountd.api;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The verbs of a daemon that concern private/ as a whole, and its history. Paths as in {@link DaemonClient}. */
public final class VaultClient {

    private final DaemonClient daemon;
    private final Consumer<String> progress;

    /** @param progress told how it goes, now and then */
    public VaultClient(DaemonClient daemon, Consumer<String> progress) {
        this.daemon = daemon;
        this.progress = progress;
    }

    /**
     * Versions of a path, the latest first; of a folder, also the names that went from it.
     *
     * @throws DaemonException it is not in private/, or never was there
     */
    public List<VersionReport> history(String path) throws IOException {
        List<VersionReport> versions = new ArrayList<>();
        daemon.call(request("history").with("path", path), (is, line, wire) -> {
            Answers.progress(progress).take(is, line, wire);
            if (is.equals("version")) {
                versions.add(VersionReport.ofJson(line));
            }
        });
        return versions;
    }

    /**
     * Makes an earlier version the newest one.
     *
     * @param at as it was then, in seconds since 1970
     * @param version the one with this name, or whose name begins so
     * @param to where to put it; empty for where it was
     * @return how many files, folders and symlinks were written
     */
    public long restore(String path, Optional<Long> at, Optional<String> version, Optional<String> to)
            throws IOException {
        JsonObject line =
                request("restore").with("path", path).with("version", version).with("to", to);
        line = at.isPresent() ? line.with("at", at.get()) : line;
        return daemon.call(line, Answers.progress(progress)).number("restored");
    }

    /**
     * Reads everything that the store has of private/.
     *
     * @param repair whether to give the store back what it has lost and this host has
     */
    public VaultReport check(boolean repair) throws IOException {
        JsonObject line = request("vault-check").with("repair", repair);
        return VaultReport.ofJson(daemon.call(line, Answers.progress(progress)).object("report"));
    }

    public VaultUsage usage() throws IOException {
        return VaultUsage.ofJson(
                daemon.call(request("vault-usage"), Answers.progress(progress)).object("usage"));
    }

    /**
     * That the store was restored from a backup was meant: it is given what this host knows.
     *
     * @param path of a folder; only it and what is below it
     * @return how many packs the store was given back
     */
    public long accept(Optional<String> path) throws IOException {
        JsonObject line = request("vault-accept").with("path", path);
        return daemon.call(line, Answers.progress(progress)).number("putBack");
    }

    private static JsonObject request(String verb) {
        return JsonObject.EMPTY.with("do", verb);
    }
}
