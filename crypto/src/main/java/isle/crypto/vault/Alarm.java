package isle.crypto.vault;

/**
 * A problem, and where people find what it concerns.
 *
 * @param path of the directory or file from the root of the vault: names in raw bytes, one char each, with slashes between
 *     them; empty for the root, and if it is not known. Not to be logged
 */
public record Alarm(Problem problem, String path) {

    /** Without the path. */
    @Override
    public String toString() {
        return problem.toString();
    }
}
