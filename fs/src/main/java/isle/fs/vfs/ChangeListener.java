package isle.fs.vfs;

import isle.fs.model.FileName;

/** Told about changes that did not come from a caller here, so that a kernel can forget what it has cached. */
public interface ChangeListener {

    /** Nobody listens. */
    ChangeListener NONE = new ChangeListener() {
        @Override
        public void inodeChanged(long inode) {}

        @Override
        public void nameChanged(long parent, FileName name) {}
    };

    /** Attributes or content of an inode are others now. */
    void inodeChanged(long inode);

    /** A name in a directory means something else now, or nothing. */
    void nameChanged(long parent, FileName name);
}
