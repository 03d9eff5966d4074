package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.index.Index;
import isle.fs.index.IndexChange;
import isle.fs.journal.QuietLog;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of changes that the index does not take. */
@ExtendWith(QuietLog.class)
class IndexQueueTest {
    private static final Duration AT_ONCE = Duration.ofSeconds(10);
    private static final int ROWS = 60_000;

    @TempDir
    Path folder;

    private final List<FsException> failures = new ArrayList<>();

    private Index open() throws FsException {
        return Index.open(folder.resolve("index.db"), folder, () -> 1);
    }

    private IndexQueue queueOf(Index index) {
        return new IndexQueue("v", index, new CommitEvents() {
            @Override
            public void conflict(String path) {}

            @Override
            public void resolved(String path) {}

            @Override
            public void failed(FsException reason) {}

            @Override
            public void damaged(String what) {}

            @Override
            public void indexFailing(FsException reason) {
                failures.add(reason);
            }

            @Override
            public void indexWorks() {}
        });
    }

    private static List<IndexChange> rows(String value) {
        List<IndexChange> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            rows.add(new IndexChange.Meta("key " + i * 7919L % ROWS, value.repeat(40) + i));
        }
        return rows;
    }

    @Test
    void aDamagedIndexGetsNothingMoreAndIsMadeAnewAtTheNextStart() throws Exception {
        try (Index index = open()) {
            index.apply(rows("first "));
        }
        try (Index index = open()) {
            IndexQueue queue = queueOf(index);
            try (FileChannel file = FileChannel.open(folder.resolve("index.db"), StandardOpenOption.WRITE)) {
                long size = file.size();
                for (long at = 4096; at + 4096 <= size; at += 4096) {
                    file.write(ByteBuffer.allocate(4096), at);
                }
            }
            queue.add(rows("second "));
            assertFalse(queue.barrier(AT_ONCE), "a checkpoint must not rely on it");
            queue.add(rows("third "));
            assertFalse(queue.barrier(AT_ONCE));
        }
        assertEquals(1, failures.size());
        assertTrue(failures.get(0) instanceof FsException.Corrupt, failures.toString());
        assertThrows(FsException.Corrupt.class, this::open);
    }
}
