package isle.test.life;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.s3.GarageExtension;
import isle.fs.s3.GarageServer;
import isle.test.rig.Command;
import isle.test.rig.Eventually;
import isle.test.rig.Folders;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import isle.test.rig.Relay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code isle vault check} and {@code isle vault export}, ended in the middle, and begun again. */
@Tag("fuse")
@Tag("garage")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class VaultWholeTest {

    private static final int FILES = 120;
    private static final Duration SLOW = Duration.ofMillis(200);
    private static final Duration LIMIT = Duration.ofMinutes(2);

    /** Of each file: path, kind, permissions, time, target, attributes, content. */
    private static final String DESCRIBE = """
            import hashlib, os, stat, sys
            os.chdir(sys.argv[1])
            for top, folders, files in os.walk(b'.'):
                for name in sorted(folders + files):
                    path = os.path.join(top, name)
                    at = os.lstat(path)
                    kind = stat.S_IFMT(at.st_mode)
                    link = stat.S_ISLNK(at.st_mode)
                    print(path, kind, 0 if link else oct(at.st_mode & 0o777), 0 if link else at.st_mtime_ns,
                          os.readlink(path) if link else '',
                          [] if link else [(each, os.getxattr(path, each)) for each in sorted(os.listxattr(path))],
                          hashlib.sha256(open(path, 'rb').read()).hexdigest() if stat.S_ISREG(at.st_mode) else '')
            """;

    private static final String MAKE = """
            set -e; cd private; mkdir -p many d/e
            for i in $(seq %d); do head -c 100000 /dev/urandom > many/$i; done
            cd d; echo one > plain; chmod 640 plain; touch -d '2020-02-03 04:05:06.789012345' plain
            printf 'x\\0y' > e/$'a \\xff b'; ln -s ../nowhere link; ln -s e folder; mkfifo -m 620 fifo; : > empty
            python3 -c "
            import os, socket
            socket.socket(socket.AF_UNIX).bind('socket')
            os.setxattr('plain', 'user.one', b'1\\\\x00\\\\xff'); os.setxattr('plain', 'user.two', b'')
            os.setxattr('e', 'user.of.a.folder', b'f')"
            touch -d '2021-01-01' fifo; chmod 750 e; touch -d '2019-01-01 01:01:01.5' e
            """;

    @RegisterExtension
    static final GarageExtension GARAGE = GarageExtension.withoutFsync();

    @RegisterExtension
    final Isles isles = new Isles();

    private Relay relay;
    private IsleProfile isle;

    @BeforeEach
    void make() {
        GarageServer garage = GARAGE.server();
        relay = new Relay(garage.endpoint());
        isle = isles.plan()
                .on(relay.endpoint(), garage.createBucket(), garage.createBucket(), garage.key())
                .make()
                .start();
        isle.inMount(MAKE.formatted(FILES)).ok();
        isle.awaitStored();
        isle.unmount().ok();
        isle.emptyCache();
        isle.start();
    }

    @AfterEach
    void close() {
        relay.close();
    }

    private String described(Path folder) {
        return Command.of("python3", "-c", DESCRIBE, folder.toString())
                .as(isle.account())
                .within(LIMIT)
                .run()
                .ok()
                .out()
                .lines()
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    @Test
    void aCheckThatWasEndedGoesOn() throws IOException {
        relay.delay(SLOW);
        Process check = checking("first");
        // As by Ctrl-C, which whatever was begun in the background of a script does not hear.
        check.destroy();
        assertNotEquals(0, isle.awaitEnd(check, LIMIT));
        // It waits until the other one has noticed that nobody listens any more.
        Process next = checking("next");
        relay.delay(Duration.ZERO);
        assertEquals(0, isle.awaitEnd(next, LIMIT));
        String report = text(isle.person().resolve("next.out"));
        assertTrue(report.contains("It went on where one was broken off"), report);
        assertTrue(report.contains("everything is as it was written"), report);
        report = isle.isle("vault", "check").ok().text();
        assertFalse(report.contains("broken off"), report);
    }

    private Process checking(String name) {
        Process check = isle.isleCommand(List.of("vault", "check")).start(isle.person(), name);
        Path told = isle.person().resolve(name + ".err");
        Eventually.holds("it is told how far it is", LIMIT, () -> text(told).contains(" objects, "));
        return check;
    }

    private static String text(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            return "";
        }
    }

    @Test
    void anExportThatWasKilledGoesOn() throws IOException {
        Path copy = Folders.make(isle.person(), "copy", isle.account());
        relay.delay(SLOW);
        Process export =
                isle.isleCommand(List.of("vault", "export", copy.toString())).start(isle.person(), "export");
        Eventually.holds("some are there", LIMIT, () -> count(copy.resolve("many")) > 5);
        export.destroyForcibly();
        isle.awaitEnd(export, LIMIT);
        relay.delay(Duration.ZERO);
        long there = count(copy.resolve("many"));
        assertTrue(there < FILES, "it was ended in the middle");
        Set<String> before = numbers(copy);
        String told = isle.isle("vault", "export", copy.toString()).ok().text();
        assertTrue(told.matches("(?s).* files copied, [1-9][0-9]* there already, 0 failed\\..*"), told);
        assertTrue(numbers(copy).containsAll(before), "what was whole was not copied again");
        assertEquals(described(isle.mountPoint().resolve("private")), described(copy));
        told = isle.isle("vault", "export", copy.toString()).ok().text();
        assertTrue(told.startsWith("0 files copied"), told);
        assertEquals(described(isle.mountPoint().resolve("private")), described(copy));

        isle.inMount("echo two > private/d/plain; ln -sf other private/d/link").ok();
        told = isle.isle("vault", "export", copy.toString()).ok().text();
        assertTrue(told.startsWith("2 files copied"), told);
        assertEquals(described(isle.mountPoint().resolve("private")), described(copy));
    }

    /** Names with inode numbers of what was exported of the many files. */
    private Set<String> numbers(Path copy) {
        return Set.copyOf(Command.shell("ls -i '" + copy + "/many'")
                .as(isle.account())
                .run()
                .ok()
                .text()
                .lines()
                .map(String::strip)
                .toList());
    }

    private static long count(Path folder) {
        if (!Files.exists(folder)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(each -> !each.toString().endsWith(".part")).count();
        } catch (IOException e) {
            return 0;
        }
    }
}
