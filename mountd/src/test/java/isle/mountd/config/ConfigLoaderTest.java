package isle.mountd.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.vault.Retention;
import isle.mountd.config.DaemonConfig.OwnershipChoice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What daemon.yml may say, and what is told about mistakes in it. */
class ConfigLoaderTest {

    private static final Path HOME = Path.of("/home/ann");

    @TempDir
    private Path folder;

    private DaemonConfig load(String text) throws IOException, ConfigException {
        Path file = folder.resolve("daemon.yml");
        Files.writeString(file, text);
        return new ConfigLoader(file, HOME).load();
    }

    private List<String> problems(String text) {
        return assertThrows(ConfigException.class, () -> load(text)).problems().stream()
                .map(ConfigProblem::sentence)
                .toList();
    }

    @Test
    void aFileThatIsMissingOrEmptySaysNothing() throws Exception {
        assertEquals(DaemonConfig.DEFAULT, new ConfigLoader(folder.resolve("none.yml"), HOME).load());
        assertEquals(DaemonConfig.DEFAULT, load(""));
        assertEquals(DaemonConfig.DEFAULT, load("# nothing\nstore:\ncache:\n"));
    }

    @Test
    void everyKeyIsRead() throws Exception {
        DaemonConfig config = load("""
                store: HTTP://127.0.0.1:3900/
                region: eu
                buckets:
                  public: our-public
                credentials_file: ~/keys
                mount: ~/Network
                read_only: true
                allow_other: false
                ownership: stored
                history: 20 versions
                journal:
                  folder: /fast/journal
                  cap: 2GiB
                cache:
                  folder: /big
                  memory: 16MiB
                  disk: 0
                log: {level: debug, size: 1MiB, files: 2}
                limits:
                  wait: 500ms
                  wait_per_mebibyte: 2s
                  drain: 10m
                  drain_on_signal: 0s
                  idle: 1h
                """);
        assertEquals(Optional.of("http://127.0.0.1:3900"), config.store());
        assertEquals(Optional.of("eu"), config.region());
        assertEquals(Map.of("public", "our-public"), config.buckets());
        assertEquals(Optional.of(HOME.resolve("keys")), config.credentialsFile());
        assertEquals(Optional.of(HOME.resolve("Network")), config.mount());
        assertEquals(Optional.of(true), config.readOnly());
        assertEquals(Optional.of(false), config.allowOther());
        assertEquals(Optional.of(OwnershipChoice.STORED), config.ownership());
        assertEquals(Retention.ofVersions(20), config.history());
        assertEquals(Optional.of(2L << 30), config.journal().capBytes());
        assertEquals(Optional.of(Path.of("/fast/journal")), config.journal().folder());
        assertEquals(16L << 20, config.cache().memoryBytes());
        assertEquals(0, config.cache().diskBytes());
        assertEquals(new DaemonConfig.LogConfig("debug", 1 << 20, 2), config.log());
        assertEquals(
                new DaemonConfig.LimitConfig(
                        Duration.ofMillis(500),
                        Duration.ofSeconds(2),
                        Duration.ofMinutes(10),
                        Duration.ZERO,
                        Duration.ofHours(1)),
                config.limits());
    }

    @Test
    void historyIsKeptForDays_orForVersions_orNotAtAll() throws Exception {
        assertEquals(Retention.ofDays(90), load("").history());
        assertEquals(Retention.ofDays(7), load("history: 7d").history());
        assertEquals(Retention.ofVersions(1), load("history: 1 version").history());
        assertEquals(Retention.NONE, load("history: none").history());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            region: eu;stroe: /x                | line 2: stroe is not a key of isle: did you mean store?
            cache:;  dsik: 1GiB                 | line 2: cache.dsik is not a key of isle: did you mean cache.disk?
            zebra: 1                            | line 1: zebra is not a key of isle: remove it; known are
            read_only: maybe                    | line 1: read_only has to be true or false
            ownership: mine                     | line 1: ownership has to be mounter or stored
            journal:;  cap: 5 gigs              | line 2: journal.cap has to be a size
            journal:;  cap: 1MiB                | line 2: journal.cap has to be a size of at least
            cache:;  disk: 9999999TiB           | line 2: cache.disk has to be a size
            limits:;  wait: 5                   | line 2: limits.wait has to be a time of 0.1s to 1h, such as
            limits:;  idle: 3000h               | line 2: limits.idle has to be a time
            log:;  files: 0                     | line 2: log.files has to be a number from 1 to 100
            history: 90                         | line 1: history has to be none, a number of days, such as
            history: 0 versions                 | line 1: history has to be none, a number of days, such as
            mount: Isle                         | line 1: mount has to be an absolute path
            store: http://u:p@h:1               | store has to be an absolute folder, or an address
            store: http://h:1/path              | store has to be an absolute folder, or an address
            store: relative                     | store has to be an absolute folder
            cache: 5                            | line 1: cache has to be a map
            buckets:;  secret: x                | line 2: buckets.secret is not a key of isle
            region: [a, b]                      | line 1: region has to be one value
            region: a;region: b                 | line 2: region stands there twice
            region: 'a                          | this is not YAML
            - a                                 | has to be a map
            """)
    void aMistakeIsToldWithLineKeyAndWhatToDo(String text, String sentence) {
        List<String> problems = problems(text.replace(';', '\n'));
        assertEquals(1, problems.size(), problems.toString());
        assertTrue(problems.get(0).contains(sentence), problems.get(0));
    }

    @Test
    void allMistakesAreToldAtOnceAndNoValueIsRepeated() {
        String secret = "c0ffee-secret";
        List<String> problems = problems("read_only: " + secret + "\nkeys: " + secret + "\nmount: " + secret + "\n");
        assertEquals(3, problems.size());
        assertFalse(problems.toString().contains(secret));
    }

    @Test
    void whatIsNoTextIsToldToo() throws Exception {
        Path file = folder.resolve("daemon.yml");
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        ConfigException e = assertThrows(ConfigException.class, () -> new ConfigLoader(file, HOME).load());
        assertTrue(String.valueOf(e.getMessage()).contains("UTF-8"), String.valueOf(e.getMessage()));
    }

    /** The file that a new profile gets names every key with its default. */
    @Test
    void theTemplateWithoutItsCommentSignsSaysTheDefaults() throws Exception {
        Path file = folder.resolve("daemon.yml");
        Template.writeIfAbsent(file);
        assertEquals(DaemonConfig.DEFAULT, new ConfigLoader(file, HOME).load());
        String text = Files.readString(file, StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.matches("# ( *)[a-z_]+:( .*)?") && !line.contains(". "))
                .map(line -> line.substring(2))
                .collect(Collectors.joining("\n"));
        DaemonConfig config = load(text);
        assertEquals(DaemonConfig.DEFAULT.limits(), config.limits());
        assertEquals(DaemonConfig.DEFAULT.log(), config.log());
        assertEquals(DaemonConfig.DEFAULT.cache().diskBytes(), config.cache().diskBytes());
        assertEquals(DaemonConfig.DEFAULT.cache().memoryBytes(), config.cache().memoryBytes());
        assertEquals(DaemonConfig.DEFAULT.history(), config.history());
        assertEquals(Optional.of("garage"), config.region());
        assertEquals(Settings.VOLUMES.size(), config.buckets().size());
        assertTrue(config.store().isPresent()
                && config.credentialsFile().isPresent()
                && config.mount().isPresent());
        assertTrue(config.readOnly().isPresent()
                && config.allowOther().isPresent()
                && config.ownership().isPresent());
        assertTrue(config.journal().capBytes().isPresent()
                && config.cache().folder().isPresent());
    }
}
