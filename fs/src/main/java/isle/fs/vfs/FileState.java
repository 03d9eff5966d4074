package isle.fs.vfs;

/**
 * Whether a file is safe.
 *
 * @param path from the root of the mount
 * @param state one of local, uploading, stored, conflict, failed
 * @param size in bytes
 * @param version as the store tells it, empty while it has none
 */
public record FileState(String path, State state, long size, String version) {

    /** Where the newest state of a file is. */
    public enum State {
        /** In the journal of this host only. */
        LOCAL,
        /** On its way. */
        UPLOADING,
        /** In the store. */
        STORED,
        /** Stored beside another host's version of the same name. */
        CONFLICT,
        /** The store refused it; it stays in the journal and is tried again. */
        FAILED;

        /** The name that users see. */
        public String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}
