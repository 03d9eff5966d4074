package isle.crypto.tree;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The directories that are in memory record by record. There are only so many records: those of the directories that were
 * not looked into for longest go to rest, and are read again when somebody asks. Not safe for several threads.
 */
public final class WorkingSet {

    private static final int ROOM = 16;
    private static final float LOAD = 0.75f;

    private final int most;

    /** How many records of each are in memory, the least recently used first. */
    private final Map<Directory, Integer> loaded = new LinkedHashMap<>(ROOM, LOAD, true);

    private long records;

    /** @param most records, unless one directory alone has more */
    public WorkingSet(int most) {
        this.most = most;
    }

    /** Somebody looks into a directory that has so many records in memory. */
    void used(Directory directory, int count) {
        Integer before = loaded.put(directory, count);
        records += count - (before == null ? 0 : before);
        Iterator<Map.Entry<Directory, Integer>> all = loaded.entrySet().iterator();
        while (records > most) {
            Map.Entry<Directory, Integer> eldest = all.next();
            Directory resting = eldest.getKey();
            if (resting.equals(directory)) {
                return;
            }
            records -= eldest.getValue();
            all.remove();
            resting.rest();
        }
    }

    /** How many records are in memory. */
    long records() {
        return records;
    }
}
