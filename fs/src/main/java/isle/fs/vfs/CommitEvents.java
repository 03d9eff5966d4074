package isle.fs.vfs;

import isle.fs.model.FsException;

/** Told about what commits meet, for health records. */
public interface CommitEvents {

    /** Nobody listens. */
    CommitEvents NONE = new CommitEvents() {
        @Override
        public void conflict(String path) {}

        @Override
        public void failed(FsException reason) {}

        @Override
        public void damaged(String what) {}
    };

    /** Two hosts changed one name; ours is under this path now, from the volume's root. */
    void conflict(String path);

    /** The store did not take a change; it is tried again. */
    void failed(FsException reason);

    /** Part of the journal could not be read. */
    void damaged(String what);
}
