package isle.mountd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.vfs.FileSystem;
import isle.fs.vfs.VfsStatus;
import isle.mountd.api.FileReport;
import isle.mountd.api.HealthIssue;
import isle.mountd.api.VolumeReport;
import isle.mountd.files.IslePath;
import isle.mountd.health.HealthRegistry;
import isle.mountd.vault.PrivateVault;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What figures of volumes and journals mean for health. */
class EngineHealthTest {

    /** Has figures and nothing else. */
    private record Figures(VolumeReport volume, JournalUse journalUse) implements Engine {

        @Override
        public List<VolumeReport> volumes() {
            return List.of(volume);
        }

        @Override
        public void showMount() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void takeMountAway(boolean force) {}

        @Override
        public FileSystem files() {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileSystem.Caller caller() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<String> mount() {
            return Optional.empty();
        }

        @Override
        public void askStores() {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileReport state(IslePath path) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean awaitStored(Optional<IslePath> path, Duration atMost) {
            return true;
        }

        @Override
        public PrivateVault vault() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isVaultShown() {
            return false;
        }

        @Override
        public boolean canShowVault() {
            return false;
        }

        @Override
        public void close() {}
    }

    private final HealthRegistry health = new HealthRegistry(InstantSource.system());

    private List<String> codes(String state, List<VolumeReport.Failed> failed, long used) {
        return codes(new VolumeReport("public", "S3 here", state, failed.size(), 0, 0, 0, failed), used);
    }

    private List<String> codes(VolumeReport volume, long used) {
        EngineHealth.examine(new Figures(volume, new Engine.JournalUse(used, 1000)), health);
        return health.issues().stream().map(HealthIssue::code).toList();
    }

    @Test
    void aStoreThatIsAwayIsToldUntilItIsBack() {
        assertEquals(List.of(), codes("fresh", List.of(), 0));
        assertEquals(List.of("store-unreachable"), codes("offline", List.of(), 0));
        assertEquals("public", health.issues().get(0).subject());
        assertEquals(List.of(), codes("timeout", List.of(), 0));
    }

    @Test
    void whatTheStoreRefusedIsToldWithTheReason() {
        List<VolumeReport.Failed> failed = List.of(new VolumeReport.Failed("public/a", "over quota"));
        assertEquals(List.of("changes-failed"), codes("fresh", failed, 0));
        assertTrue(health.issues().get(0).title().contains("1 change in public was refused: over quota"));
        assertEquals(List.of(), codes("fresh", List.of(), 0));
    }

    @Test
    void aJournalIsNearlyFullAndThenFull() {
        assertEquals(List.of(), codes("fresh", List.of(), 799));
        assertEquals(List.of("journal-nearly-full"), codes("fresh", List.of(), 800));
        assertEquals(List.of("journal-full"), codes("fresh", List.of(), 990));
        assertEquals(List.of(), codes("fresh", List.of(), 100));
    }

    @Test
    void aFullQueueIsToldUntilTheStoreHasTakenSome() {
        long most = VfsStatus.mostPending();
        assertEquals(List.of("too-many-waiting"), codes(waiting(most), 0));
        assertEquals(List.of(), codes(waiting(most - 1), 0));
    }

    private static VolumeReport waiting(long names) {
        return new VolumeReport("public", "S3 here", "fresh", names, 0, 0, 0, List.of());
    }
}
