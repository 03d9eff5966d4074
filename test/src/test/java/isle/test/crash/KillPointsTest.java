package isle.test.crash;

import isle.fs.s3.GarageServer;
import isle.test.rig.Command;
import isle.test.rig.Folders;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import isle.test.rig.Scripts;
import isle.test.rig.VolumeKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * kill -9 of the real daemon at named points: strace watches its system calls and kills it as it begins the one that
 * matters, so that this one is not carried out any more. Attaching to another process takes root.
 */
@Tag("fuse")
@Tag("garage")
@Tag("tools")
@Tag("root")
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class KillPointsTest {

    private static final int ROUNDS = Integer.getInteger("isle.points.rounds", 1);
    private static final int WRITERS = 4;
    private static final Duration REACHED = Duration.ofMinutes(2);

    @RegisterExtension
    final Isles isles = new Isles();

    private final Random random = new Random();

    /** Where the daemon ends: before one of these calls, on these files; the number of the call is drawn. */
    private enum Point {
        A_RECORD_IS_APPENDED_TO_THE_JOURNAL("write,pwrite64,writev,pwritev", 300) {
            @Override
            Path file(IsleProfile isle, VolumeKind kind) throws IOException {
                return segment(isle, kind);
            }
        },
        THE_JOURNAL_IS_FORCED("fsync,fdatasync", 40) {
            @Override
            Path file(IsleProfile isle, VolumeKind kind) throws IOException {
                return segment(isle, kind);
            }
        },
        A_TRANSACTION_OF_THE_INDEX_IS_WRITTEN("write,pwrite64", 60) {
            @Override
            Path file(IsleProfile isle, VolumeKind kind) throws IOException {
                return kind == VolumeKind.PLAIN ? isle.home().resolve("state/index.db-wal") : mirror(isle);
            }
        },
        THE_CALLER_IS_ANSWERED("write,writev", 400) {
            @Override
            Path file(IsleProfile isle, VolumeKind kind) {
                return Path.of("/dev/fuse");
            }
        },
        AN_OBJECT_APPEARS_IN_THE_STORE("rename,renameat,renameat2", 40),
        A_FILE_IS_REMOVED("unlink,unlinkat", 20);

        private final String calls;
        private final int most;

        Point(String calls, int most) {
            this.calls = calls;
            this.most = most;
        }

        /** Only calls on this file count; a folder stands for all files. */
        Path file(IsleProfile isle, VolumeKind kind) throws IOException {
            return Path.of("/");
        }

        /** What this host knows of a vault. */
        static Path mirror(IsleProfile isle) throws IOException {
            try (var files = Files.walk(isle.home().resolve("state/vault"))) {
                return files.filter(file -> file.endsWith("mirror") && Files.isRegularFile(file))
                        .findFirst()
                        .orElseThrow();
            }
        }

        /** The segment that is written to. */
        static Path segment(IsleProfile isle, VolumeKind kind) throws IOException {
            try (var files = Files.list(isle.home().resolve("state/journal").resolve(kind.volume()))) {
                return files.filter(file -> file.toString().endsWith(".journal"))
                        .max(Path::compareTo)
                        .orElseThrow();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothingAcknowledgedIsLostWhenTheDaemonEndsBefore(Point point) throws Exception {
        killAt(point, isles.profile(), VolumeKind.PLAIN);
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "A_RECORD_IS_APPENDED_TO_THE_JOURNAL",
                "A_TRANSACTION_OF_THE_INDEX_IS_WRITTEN",
                "AN_OBJECT_APPEARS_IN_THE_STORE"
            })
    void nothingAcknowledgedIsLostInAVaultWhenTheDaemonEndsBefore(Point point) throws Exception {
        killAt(point, isles.profile(), VolumeKind.VAULT);
    }

    /** A request to Garage is answered by somebody who is there still. */
    @ParameterizedTest
    @EnumSource(names = {"THE_JOURNAL_IS_FORCED", "THE_CALLER_IS_ANSWERED"})
    void nothingAcknowledgedIsLostOnGarageWhenTheDaemonEndsBefore(Point point) throws Exception {
        Path folder = Folders.temporary("isle-kill");
        try (GarageServer garage = GarageServer.startWithoutFsync(folder)) {
            killAt(point, isles.plan().on(garage).make(), VolumeKind.PLAIN);
        } finally {
            Folders.delete(folder);
        }
    }

    private void killAt(Point point, IsleProfile isle, VolumeKind kind) throws Exception {
        Path script = Scripts.copy("load.py", isle.person());
        isle.start();
        kind.makeFolders(isle);
        isle.inMount(kind.in("echo >public/first; sync public/first")).ok();
        List<LoadWriter> writers = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            List<LoadWriter> now = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                now.add(new LoadWriter(
                        isle, script, kind.in("public") + "/round" + round + "-" + i, random.nextLong()));
            }
            int call = 1 + random.nextInt(point.most);
            Process tracer = watch(point, isle, kind, call);
            try {
                isle.awaitEnd(REACHED);
            } finally {
                tracer.destroy();
            }
            now.forEach(LoadWriter::awaitEnd);
            writers.addAll(now);
            isle.start();
            LoadWriter.verify(writers, "after kill -9 before call " + call);
        }
        isle.awaitStored();
        isle.kill();
        isle.emptyCache();
        isle.start();
        LoadWriter.verify(writers, "from the store, without a cache");
        isle.requireHealthy();
    }

    private static Process watch(Point point, IsleProfile isle, VolumeKind kind, int call) throws IOException {
        List<String> words =
                new ArrayList<>(List.of("strace", "-f", "-qq", "-o", "/dev/null", "-p", Long.toString(isle.pid())));
        Path file = point.file(isle, kind);
        if (!file.equals(Path.of("/"))) {
            words.addAll(List.of("-P", file.toString()));
        }
        words.addAll(
                List.of("-e", "trace=" + point.calls, "-e", "inject=" + point.calls + ":signal=KILL:when=" + call));
        Process tracer = Command.of(words).start(isle.person(), "strace");
        return tracer;
    }
}
