package isle.fs.cache;

/** What a cache tells whoever shows the daemon's health. Calls come from any thread and must return at once. */
public interface CacheEvents {

    /** The cache's disk fails or is full: contents are no longer kept there, everything else goes on. */
    void diskFailed(String what);

    /** The disk takes blocks again. */
    void diskRecovered();

    /** A block on disk was not what had been written there; it was dropped and is fetched again when needed. */
    void damageFound(String what);

    /** Tells nobody. */
    CacheEvents NONE = new CacheEvents() {
        @Override
        public void diskFailed(String what) {}

        @Override
        public void diskRecovered() {}

        @Override
        public void damageFound(String what) {}
    };
}
