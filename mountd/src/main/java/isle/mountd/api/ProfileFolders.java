package isle.mountd.api;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where the files of a profile are: under {@code ISLE_HOME} when it is set, else in the XDG folders of the person.
 * Nothing is made or read here.
 *
 * @param config {@code daemon.yml}
 * @param state journal, index, keys, lock, and what the program keeps of what it was told
 * @param cache blocks that can be fetched again
 * @param run the socket
 * @param log log files
 */
public record ProfileFolders(Path config, Path state, Path cache, Path run, Path log) {

    /** Longest path that fits into a socket's address on Linux, in bytes. */
    static final int MAX_SOCKET_PATH_BYTES = 107;

    private static final int MAX_USER_CHARS = 32;

    /** The folders that this environment names. */
    public static ProfileFolders of(Map<String, String> environment) {
        Optional<Path> one = path(environment, "ISLE_HOME");
        if (one.isPresent()) {
            return under(one.get().toAbsolutePath().normalize());
        }
        Path home = path(environment, "HOME").orElse(Path.of(System.getProperty("user.home", "/")));
        Path state = absolute(environment, "XDG_STATE_HOME").orElse(home.resolve(".local/state"));
        Path config = absolute(environment, "XDG_CONFIG_HOME").orElse(home.resolve(".config"));
        Path cache = absolute(environment, "XDG_CACHE_HOME").orElse(home.resolve(".cache"));
        Path run = absolute(environment, "XDG_RUNTIME_DIR").orElse(state.resolve("isle"));
        Path sockets = run.equals(state.resolve("isle")) ? run.resolve("run") : run.resolve("isle");
        return new ProfileFolders(
                config.resolve("isle"),
                state.resolve("isle"),
                cache.resolve("isle"),
                sockets,
                state.resolve("isle").resolve("log"));
    }

    /** All folders under one. */
    public static ProfileFolders under(Path home) {
        return new ProfileFolders(
                home.resolve("config"),
                home.resolve("state"),
                home.resolve("cache"),
                home.resolve("run"),
                home.resolve("log"));
    }

    private static Optional<Path> path(Map<String, String> environment, String name) {
        String value = environment.getOrDefault(name, "");
        return value.isEmpty() ? Optional.empty() : Optional.of(Path.of(value));
    }

    /** As the XDG specification says, a relative path counts as absent. */
    private static Optional<Path> absolute(Map<String, String> environment, String name) {
        return path(environment, name).filter(Path::isAbsolute);
    }

    /** What the person wrote. */
    public Path configFile() {
        return config.resolve("daemon.yml");
    }

    /** Locked by the daemon while it runs; its two lines are the process id and the path of the socket. */
    public Path lockFile() {
        return state.resolve("lock");
    }

    /** Keys of a store that came from somebody's environment; readable by its owner alone. */
    public Path keptKeys() {
        return state.resolve("keys").resolve("store");
    }

    /** Keys of this host and of its person; for their owner alone. */
    public Path vault() {
        return state.resolve("vault");
    }

    /** A short name for this profile, different from that of every other profile of this machine. */
    public String id() {
        String user = System.getProperty("user.name", "user").replaceAll("[^A-Za-z0-9._-]", "_");
        String name = user.length() > MAX_USER_CHARS ? user.substring(0, MAX_USER_CHARS) : user;
        return name + "-" + Long.toHexString(hash(state.toString()) >>> 32);
    }

    /** The log file that is written now. */
    public Path logFile() {
        return log.resolve("daemon.0.log");
    }

    /** What the daemon's Java prints outside of the log. */
    public Path outputFile() {
        return log.resolve("daemon.out");
    }

    /**
     * Where a daemon of this profile listens: in the folder of sockets, or, if that path is too long for a socket's
     * address, under a hashed name in the folder of temporary files.
     */
    public Path socket() {
        Path plain = run.resolve("isle.sock");
        if (plain.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8).length <= MAX_SOCKET_PATH_BYTES) {
            return plain;
        }
        return Path.of(System.getProperty("java.io.tmpdir", "/tmp"))
                .resolve("isle-" + Long.toHexString(hash(plain.toString())))
                .resolve("isle.sock");
    }

    /** FNV-1a, 64 bits: only keeps the sockets of different profiles apart. */
    private static long hash(String text) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }

    /** Whether anything of this profile exists. */
    public boolean exists() {
        return Files.isDirectory(state) || Files.isDirectory(config);
    }
}
