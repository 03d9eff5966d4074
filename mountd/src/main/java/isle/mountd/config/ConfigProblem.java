package isle.mountd.config;

/**
 * One mistake in {@code daemon.yml}.
 *
 * @param line of the file, from 1; 0 if it concerns the whole file
 * @param key the full key, {@code cache.disk}; empty if it concerns no key
 * @param what is wrong and what to write instead, one sentence without the key
 */
public record ConfigProblem(int line, String key, String what) {

    /** For people, as one sentence. */
    public String sentence() {
        return (line > 0 ? "line " + line + ": " : "") + (key.isEmpty() ? "" : key + " ") + what;
    }
}
