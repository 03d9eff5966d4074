package isle.fs.vfs;

import isle.fs.journal.JournalDisk;
import isle.fs.journal.JournalFile;
import java.io.IOException;
import java.util.List;

/** A disk as one process sees it: cut off, it answers only errors, whatever the process still tries. */
final class CutDisk implements JournalDisk {
    private final JournalDisk disk;
    private volatile boolean cut;

    CutDisk(JournalDisk disk) {
        this.disk = disk;
    }

    void cut() {
        cut = true;
    }

    private JournalDisk disk() throws IOException {
        if (cut) {
            throw new IOException("cut off");
        }
        return disk;
    }

    @Override
    public List<String> list() throws IOException {
        return disk().list();
    }

    @Override
    public JournalFile open(String name) throws IOException {
        return disk().open(name);
    }

    @Override
    public JournalFile create(String name) throws IOException {
        return disk().create(name);
    }

    @Override
    public void delete(String name) throws IOException {
        disk().delete(name);
    }

    @Override
    public void replace(String from, String to) throws IOException {
        disk().replace(from, to);
    }

    @Override
    public void forceDirectory() throws IOException {
        disk().forceDirectory();
    }
}
