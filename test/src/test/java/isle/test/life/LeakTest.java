package isle.test.life;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.s3.GarageServer;
import isle.test.rig.Account;
import isle.test.rig.Eventually;
import isle.test.rig.Folders;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import isle.test.rig.Traces;
import isle.test.tools.S3Client;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A day's work in private/, in which every name, target, attribute and content has one word; then the daemon is killed, and
 * the word is in no file of the profile, of the store, or of the folder of temporary files, in no log, and in nothing that
 * the system tells of the process. What is done with another word in public/ shows that the search finds things.
 */
@Tag("fuse")
@Tag("garage")
@Tag("tools")
@Timeout(value = 6, unit = TimeUnit.MINUTES)
class LeakTest {

    private static final String WORD = "Zq7vXw3kPdaBn5Ry";
    private static final String PUBLIC_WORD = "Jt4mHc8sGfeLu2Wo";
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Pattern CODE = Pattern.compile("recovery code: (\\S+)");

    /** One byte in so many is turned in a damaged journal. */
    private static final int DAMAGED_EVERY = 20_000;

    private static final String WORK = """
            cd private; mkdir WORDfolder WORDother; cd WORDfolder
            printf 'a small WORD\\n' >WORDfile; chmod 640 WORDfile; sync WORDfile
            ln -s WORDtarget link; ln -s ../WORDother/WORDx WORDlink; mkfifo WORDfifo
            setfattr -n user.WORDkey -v WORDvalue WORDfile; getfattr -d WORDfile >/dev/null
            head -c 20000000 < <(yes 'a large WORD') >WORDlarge
            vim -Nu NONE -es -c 'set backup backupdir=. backupskip= writebackup' -c 's/small/WORDedited/' -c wq WORDfile
            git init -q WORDrepo; cd WORDrepo; git config user.email WORD@example.org; git config user.name WORD
            echo WORD >WORDtracked; git add .; git commit -qm 'about WORD'; git mv WORDtracked WORDmoved; git commit -qam WORD; git gc -q; cd ..
            sqlite3 WORDdb "create table WORDtable(a); insert into WORDtable values('WORD')"
            mv WORDfile WORDrenamed; mv WORDrenamed ../WORDother/WORDmoved; cp -a ../WORDother ../WORDcopy; rm -r ../WORDcopy
            mkdir WORDgone; echo WORD >WORDgone/WORDx; rm -r WORDgone; mv ../WORDfolder ../WORDdone; cd ../WORDdone
            { echo WORD >&3; rm WORDopen; cat <&3; } 3<>WORDopen
            ! cat WORDmissing; ! ls WORDmissing/WORDx; ! rmdir ../WORDother; ! mkdir WORDlarge/WORDx
            ! touch "$(printf 'WORD%.0s' $(seq 20))"; setfattr -n user.WORD -v "$(head -c 60000 < <(yes WORD))" WORDlarge
            """.replace("WORD", WORD);

    @RegisterExtension
    final Isles isles = new Isles();

    private final Path local = Folders.temporary("isle-leak");

    /** What a host of these tests takes for the folder of temporary files. */
    private Path temporary = local;

    private IsleProfile make(Isles.Plan plan, Account account, String name) throws IOException {
        temporary = Folders.make(local, name, account);
        IsleProfile isle = plan.of(account)
                .withJvm("-Djava.io.tmpdir=" + temporary, "-XX:-UsePerfData")
                .make();
        Path config = Folders.make(isle.home(), "config", isle.account());
        Files.writeString(config.resolve("daemon.yml"), "journal:\n  cap: 96MiB\nlog:\n  level: debug\n");
        return isle.start();
    }

    @Test
    void nothingOfItIsInTheStoreThatNeedsNothing() throws IOException {
        try {
            IsleProfile isle = make(isles.plan(), Account.ordinary(), "host");
            isle.inMount("echo open >public/" + PUBLIC_WORD).ok();
            work(isle);
            isle.awaitStored();
            isle.restart();
            isle.inMount("find private; cat private/*/*large | tail -n 1").ok();
            requireNothing(isle);
            isle.kill();
            requireNothing(isle);
            assertFalse(
                    new Traces(PUBLIC_WORD)
                            .in(isle.home().resolve("state/store"))
                            .found()
                            .isEmpty(),
                    "what is in public/ is seen");
        } finally {
            Folders.delete(local);
        }
    }

    @Test
    void nothingOfItIsInGarageWhenTwoHostsWriteAndTheStoreIsAway() throws IOException {
        Path folder = Folders.temporary("isle-leak-garage");
        try (GarageServer garage = GarageServer.startWithoutFsync(folder)) {
            String one = garage.createBucket();
            String two = garage.createBucket();
            IsleProfile laptop = make(isles.plan().on(garage, one, two, garage.key()), Account.current(), "laptop");
            IsleProfile desktop = make(isles.plan().on(garage, one, two, garage.key()), Account.current(), "desktop");
            Matcher code = CODE.matcher(laptop.everythingLogged());
            assertTrue(code.find(), "a recovery code");
            desktop.isleCommand(List.of("identity", "recover"))
                    .input(code.group(1) + "\n")
                    .run()
                    .ok();
            laptop.inMount("echo open >public/" + PUBLIC_WORD).ok();
            work(laptop);
            laptop.awaitStored();
            writeOnBothSides(garage, laptop, desktop);
            fillTheJournal(garage, laptop);
            laptop.awaitStored();
            desktop.awaitStored();
            damageTheJournal(garage, laptop, desktop);
            desktop.kill();
            requireNothing(laptop, desktop);
            requireNothingIn(folder);
            new S3Client(garage, "private-" + one, isles.folder())
                    .dump(Folders.make(folder, "dump", Account.current()));
            requireNothingIn(folder.resolve("dump"));
            new S3Client(garage, one, isles.folder()).dump(folder.resolve("dump"));
            assertFalse(
                    new Traces(PUBLIC_WORD).in(folder.resolve("dump")).found().isEmpty());
        } finally {
            Folders.delete(folder);
            Folders.delete(local);
        }
    }

    private static void work(IsleProfile isle) {
        isle.shell(WORK).within(LIMIT).run().ok();
        String path = "private/" + WORD + "done/" + WORD;
        isle.isle("ls", "-l", "private/" + WORD + "done").ok();
        isle.isle("status", path + "large").ok();
        isle.isle("wait", path + "large").ok();
        isle.isle("cat", path + "db").ok();
        isle.isle("get", path + "db", isle.person().toString()).ok();
        isle.isle("put", isle.person().resolve(WORD + "db").toString(), path + "put")
                .ok();
        isle.isle("mv", path + "put", path + "again").ok();
        isle.isle("rm", path + "again").ok();
        for (String command : List.of("ls", "status", "cat", "rm", "wait")) {
            assertTrue(isle.isle(command, path + "missing/" + WORD).exitCode() != 0, command);
        }
    }

    /** While the store is away. */
    private static void writeOnBothSides(GarageServer garage, IsleProfile laptop, IsleProfile desktop) {
        String file = "private/" + WORD + "other/" + WORD + "moved";
        Eventually.holds(
                "the other host sees it",
                LIMIT,
                () -> desktop.inMount("cat " + file).exitCode() == 0);
        garage.kill();
        try {
            for (IsleProfile each : List.of(laptop, desktop)) {
                each.inMount("echo " + WORD + " of " + each.pid() + " >" + file).ok();
                Eventually.holds(
                        "it is noticed that the store is away",
                        LIMIT,
                        () -> each.isle("status", "--json").ok().text().contains("\"offline\""));
                each.isle("status", file).ok();
            }
        } finally {
            garage.restart();
        }
        laptop.awaitStored();
        desktop.awaitStored();
        Eventually.holds(
                "both versions are there",
                LIMIT,
                () -> laptop.inMount("ls private/*other").ok().out().contains("(conflict"));
        laptop.isle("status").ok();
    }

    private void fillTheJournal(GarageServer garage, IsleProfile isle) throws IOException {
        garage.kill();
        try {
            isle.shell("cd private; for i in $(seq 400); do head -c 300000 < <(yes " + WORD + ") >" + WORD
                            + "$i || exit 0;" + " done; exit 1")
                    .within(LIMIT)
                    .run()
                    .ok();
            isle.isle("status");
            isle.kill();
            requireNothing(isle);
            isle.start();
        } finally {
            garage.restart();
        }
        isle.inMount("rm private/" + WORD + "[0-9]*").ok();
    }

    private void damageTheJournal(GarageServer garage, IsleProfile isle, IsleProfile other) throws IOException {
        garage.kill();
        try {
            isle.inMount("for i in $(seq 30); do head -c 100000 < <(yes " + WORD + ") >private/" + WORD + "$i; done")
                    .ok();
            isle.kill();
            try (Stream<Path> files = Files.list(isle.state("journal/private"))) {
                turnBytes(files.filter(file -> file.toString().endsWith(".journal"))
                        .max(Comparator.comparing(file -> file.toFile().length()))
                        .orElseThrow());
            }
            isle.start();
            // At the start; or, of what lies before a checkpoint, when it is read to be sent.
            Eventually.holds("the damage is told", LIMIT, () -> {
                String status = isle.isle("status", "--json").ok().text();
                return status.contains("journal-damaged") || status.contains("of the journal is damaged");
            });
            isle.inMount("cat private/*[0-9] >/dev/null 2>&1 || true").ok();
            requireNothing(isle, other);
            isle.kill();
        } finally {
            garage.restart();
        }
    }

    private static void turnBytes(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            for (long at = DAMAGED_EVERY; at < channel.size(); at += DAMAGED_EVERY) {
                ByteBuffer one = ByteBuffer.allocate(1);
                channel.read(one, at);
                channel.write(ByteBuffer.wrap(new byte[] {(byte) ~one.get(0)}), at);
            }
        }
    }

    private static void requireNothingIn(Path folder) {
        assertEquals("", String.join("\n", new Traces(WORD).in(folder).found()));
    }

    private void requireNothing(IsleProfile... profiles) throws IOException {
        Traces traces = new Traces(WORD).in(local);
        for (IsleProfile isle : profiles) {
            traces.in(isle.home()).look(isle.everythingLogged(), "a log");
            if (isle.isRunning()) {
                lookAtProcess(traces, Path.of("/proc", Long.toString(isle.pid())));
                Path figures = Path.of("/tmp", "hsperfdata_" + isle.account(), Long.toString(isle.pid()));
                assertFalse(Files.exists(figures), figures::toString);
            }
        }
        assertEquals("", String.join("\n", traces.found()));
    }

    private static void lookAtProcess(Traces traces, Path process) throws IOException {
        List<Path> files = new ArrayList<>(List.of(process.resolve("cmdline"), process.resolve("environ")));
        try (Stream<Path> threads = Files.list(process.resolve("task"))) {
            threads.forEach(thread -> files.add(thread.resolve("comm")));
        }
        for (Path file : files) {
            if (Files.exists(file)) {
                traces.look(Files.readString(file, StandardCharsets.ISO_8859_1), file.toString());
            }
        }
    }

    /** A signal as of a wrong access to memory: Java makes no report of it, and the system no core. */
    @Test
    void aCrashLeavesNothing() throws IOException {
        try {
            IsleProfile isle = make(isles.plan(), Account.current(), "host");
            isle.inMount("echo " + WORD + " >private/" + WORD).ok();
            isle.inMount("kill -SEGV " + isle.pid()).ok();
            isle.awaitEnd(LIMIT);
            requireNothing(isle);
            for (Path folder :
                    List.of(Path.of(""), Path.of("/tmp"), temporary, isle.home().resolve("log"))) {
                try (Stream<Path> files = Files.list(folder.toAbsolutePath())) {
                    assertEquals(
                            List.of(),
                            files.filter(file -> file.getFileName()
                                            .toString()
                                            .matches("(hs_err|core|crash).*" + isle.pid() + ".*"))
                                    .toList());
                }
            }
        } finally {
            Folders.delete(local);
        }
    }
}
