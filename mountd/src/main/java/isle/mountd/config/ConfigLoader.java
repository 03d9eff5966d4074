package isle.mountd.config;

import isle.mountd.config.DaemonConfig.CacheConfig;
import isle.mountd.config.DaemonConfig.JournalConfig;
import isle.mountd.config.DaemonConfig.LimitConfig;
import isle.mountd.config.DaemonConfig.LogConfig;
import isle.mountd.config.DaemonConfig.OwnershipChoice;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads {@code daemon.yml}. The file may be absent or empty; everything in it has a default. */
public final class ConfigLoader {

    /** A third for each volume: see {@code Wiring}. */
    private static final long LEAST_JOURNAL_BYTES = 72L << 20;

    private static final long LEAST_MEMORY_BYTES = 4L << 20;
    private static final long LEAST_LOG_BYTES = 64L << 10;
    private static final int MOST_LOG_FILES = 100;
    private static final Duration NOTHING = Duration.ZERO;
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofDays(1);

    private final Path file;
    private final Path home;

    /**
     * @param file {@code daemon.yml}
     * @param home folder that {@code ~/} stands for
     */
    public ConfigLoader(Path file, Path home) {
        this.file = file;
        this.home = home;
    }

    /** What the file says; every mistake in it is a problem of the exception. */
    public DaemonConfig load() throws ConfigException {
        List<ConfigProblem> problems = new ArrayList<>();
        DaemonConfig config = read(new ConfigSection("", parse(problems).orElse(null), problems, home), problems);
        if (!problems.isEmpty()) {
            throw new ConfigException(file, problems);
        }
        return config;
    }

    private Optional<Node> parse(List<ConfigProblem> problems) {
        try {
            LoadSettings settings =
                    LoadSettings.builder().setLabel("daemon.yml").build();
            return new Compose(settings).composeString(Files.readString(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
            problems.add(new ConfigProblem(
                    line, "", "this is not YAML (" + e.getProblem() + "): write KEY: VALUE, two spaces a level"));
        } catch (YamlEngineException e) {
            problems.add(new ConfigProblem(0, "", "it is not YAML: write KEY: VALUE, two spaces a level"));
        } catch (CharacterCodingException e) {
            problems.add(new ConfigProblem(0, "", "it is not UTF-8 text: save it as UTF-8"));
        } catch (IOException e) {
            problems.add(new ConfigProblem(0, "", "it cannot be read (" + e.getMessage() + ")"));
        }
        return Optional.empty();
    }

    private DaemonConfig read(ConfigSection top, List<ConfigProblem> problems) {
        Optional<String> store = top.text("store");
        Optional<String> checked = store.isPresent() ? StoreAddress.check(store.get(), home) : store;
        if (store.isPresent() && checked.isEmpty()) {
            problems.add(new ConfigProblem(0, "store", "has to be " + StoreAddress.EXPECTED));
        }
        DaemonConfig config = new DaemonConfig(
                checked,
                top.text("region"),
                buckets(top),
                top.path("credentials_file"),
                top.path("mount"),
                top.flag("read_only"),
                top.flag("allow_other"),
                top.oneOf("ownership", List.of("mounter", "stored"))
                        .map(word -> OwnershipChoice.valueOf(word.toUpperCase(Locale.ROOT))),
                top.retention("history").orElse(DaemonConfig.DEFAULT.history()),
                journal(top.section("journal")),
                cache(top.section("cache")),
                log(top.section("log")),
                limits(top.section("limits")));
        top.finish();
        return config;
    }

    private static Map<String, String> buckets(ConfigSection top) {
        return top.words("buckets", Settings.VOLUMES);
    }

    private static JournalConfig journal(ConfigSection section) {
        JournalConfig result = new JournalConfig(section.path("folder"), section.size("cap", LEAST_JOURNAL_BYTES));
        section.finish();
        return result;
    }

    private static CacheConfig cache(ConfigSection section) {
        CacheConfig result = new CacheConfig(
                section.path("folder"),
                section.size("memory", LEAST_MEMORY_BYTES).orElse(CacheConfig.DEFAULT.memoryBytes()),
                section.size("disk", 0).orElse(CacheConfig.DEFAULT.diskBytes()));
        section.finish();
        return result;
    }

    private static LogConfig log(ConfigSection section) {
        LogConfig standard = LogConfig.DEFAULT;
        LogConfig result = new LogConfig(
                section.oneOf("level", List.of("error", "warning", "info", "debug"))
                        .orElse(standard.level()),
                section.size("size", LEAST_LOG_BYTES)
                        .map(bytes -> (int) Math.min(Integer.MAX_VALUE, bytes))
                        .orElse(standard.fileBytes()),
                section.number("files", 1, MOST_LOG_FILES).orElse(standard.files()));
        section.finish();
        return result;
    }

    private static LimitConfig limits(ConfigSection section) {
        LimitConfig standard = LimitConfig.DEFAULT;
        LimitConfig result = new LimitConfig(
                section.time("wait", Duration.ofMillis(100), HOUR).orElse(standard.baseWait()),
                section.time("wait_per_mebibyte", NOTHING, HOUR).orElse(standard.waitPerMebibyte()),
                section.time("drain", NOTHING, DAY).orElse(standard.drain()),
                section.time("drain_on_signal", NOTHING, DAY).orElse(standard.drainOnSignal()),
                section.time("idle", Duration.ofSeconds(1), DAY).orElse(standard.idle()));
        section.finish();
        return result;
    }
}
