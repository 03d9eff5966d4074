package isle.fs.index;

import isle.fs.model.FsException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Everything that holds in an index at rest. Reads all of it; for tests and for those who suspect their disk. */
final class Invariants {

    private final Connection connection;
    private final Map<Long, Long> parents = new HashMap<>();
    private final Map<Long, Fingerprint> children = new HashMap<>();
    private final Set<Long> directories = new HashSet<>();
    private final Map<Long, Totals> totals = new HashMap<>();

    private Invariants(Connection connection) {
        this.connection = connection;
    }

    static void check(Connection connection, Counters counters) throws SQLException, FsException {
        StartCheck.quickCheck(connection);
        StartCheck.tables(connection, counters);
        Invariants invariants = new Invariants(connection);
        invariants.readEntries(counters);
        invariants.checkDirectories();
        invariants.checkTree();
        invariants.checkTotals(counters);
    }

    private void readEntries(Counters counters) throws SQLException, FsException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT parent, name, inode, crc, data FROM entry")) {
            while (rows.next()) {
                EntryRow row = EntryRow.read(rows);
                IndexEntry entry = row.entry();
                require(parents.put(entry.inode(), entry.parent()) == null, "inode twice", entry.inode());
                children.merge(entry.parent(), Fingerprint.EMPTY.with(row.crc), (a, b) -> a.with(row.crc));
                if (entry.isDirectory()) {
                    directories.add(entry.inode());
                }
                count(entry, counters);
            }
        }
    }

    private void count(IndexEntry entry, Counters counters) throws FsException {
        long volume = InodeNumbers.volumeOf(entry.inode());
        Counters.VolumeCounters known = counters.volumes().get(volume);
        require(
                known != null && known.next() > InodeNumbers.counterOf(entry.inode()),
                "number would be given again",
                entry.inode());
        if (!InodeNumbers.isRoot(entry.inode())) {
            totals.merge(
                    volume,
                    new Totals(1, entry.contentBytes()),
                    (a, b) -> new Totals(a.entries() + b.entries(), a.bytes() + b.bytes()));
        }
    }

    private void checkDirectories() throws SQLException, FsException {
        Set<Long> withRow = new HashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT inode, crc, data FROM directory")) {
            while (rows.next()) {
                long inode = rows.getLong(1);
                withRow.add(inode);
                DirectoryRow row = DirectoryRow.decode(inode, rows.getLong(2), RowCodec.present(rows.getBytes(3)));
                require(
                        row.children().equals(children.getOrDefault(inode, Fingerprint.EMPTY)),
                        "children do not match the row of directory",
                        inode);
                require(
                        directories.contains(inode) || InodeNumbers.isRoot(inode),
                        "a row, but no entry of directory",
                        inode);
            }
        }
        for (long directory : directories) {
            require(withRow.contains(directory), "no row of directory", directory);
        }
        for (long parent : children.keySet()) {
            require(withRow.contains(parent), "children without a row of directory", parent);
        }
    }

    /** From every entry the way up ends at the root of a volume. */
    private void checkTree() throws FsException {
        Set<Long> reached = new HashSet<>();
        for (long inode : parents.keySet()) {
            Set<Long> way = new HashSet<>();
            Long at = inode;
            while (at != null && !InodeNumbers.isRoot(at) && reached.add(at)) {
                way.add(at);
                at = parents.get(at);
                require(at != null && !way.contains(at), "the way to the root is lost or a circle", inode);
            }
        }
    }

    private void checkTotals(Counters counters) throws FsException {
        for (Map.Entry<Long, Counters.VolumeCounters> each : counters.volumes().entrySet()) {
            require(
                    each.getValue().totals().equals(totals.getOrDefault(each.getKey(), new Totals(0, 0))),
                    "totals do not match volume",
                    each.getKey());
        }
    }

    private static void require(boolean holds, String what, long subject) throws FsException {
        if (!holds) {
            throw RowCodec.damaged(what + " " + subject);
        }
    }
}
