package isle.fs.vfs;

import isle.fs.model.FsException;

/** Told about what commits meet, for health records. */
public interface CommitEvents {

    /** Nobody listens. */
    CommitEvents NONE = new CommitEvents() {
        @Override
        public void conflict(String path) {}

        @Override
        public void resolved(String path) {}

        @Override
        public void failed(FsException reason) {}

        @Override
        public void damaged(String what) {}

        @Override
        public void indexFailing(FsException reason) {}

        @Override
        public void indexWorks() {}
    };

    /** Two hosts changed one name; one version is under this path now, which begins with the name of the volume. */
    void conflict(String path);

    /** What was told to be under this path is there no more: it was removed, or has a name of its own. */
    void resolved(String path);

    /** The store did not take a change; it is tried again. */
    void failed(FsException reason);

    /** Part of the journal could not be read. */
    void damaged(String what);

    /**
     * The index takes no changes: for a while (disk full), or, if it is {@link FsException.Corrupt}, until a next start
     * has made it anew. The journal keeps meanwhile what it would have kept.
     */
    void indexFailing(FsException reason);

    /** It takes them again. */
    void indexWorks();
}
