package isle.mountd.local;

import isle.mountd.api.DaemonException;
import isle.mountd.api.VaultReport;
import isle.mountd.api.VaultUsage;
import isle.mountd.api.VersionReport;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/** What the socket can ask about private/ as a whole; as {@code isle.mountd.api.VaultClient} has it. */
public interface VaultService {

    /** Takes versions. */
    interface VersionSink {
        void accept(VersionReport version) throws IOException;
    }

    void history(String path, VersionSink sink, Consumer<String> progress) throws IOException;

    /**
     * What to bring back.
     *
     * @param at in seconds since 1970
     */
    record Restore(String path, Optional<Long> at, Optional<String> version, Optional<String> to) {}

    long restore(Restore what, Consumer<String> progress) throws IOException;

    VaultReport check(boolean repair, Consumer<String> progress) throws DaemonException;

    VaultUsage usage(Consumer<String> progress) throws DaemonException;

    long accept(Optional<String> path, Consumer<String> progress) throws DaemonException;
}
