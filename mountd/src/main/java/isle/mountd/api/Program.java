package isle.mountd.api;

import java.util.Optional;

/** What this program is. */
public final class Program {

    private Program() {}

    /** Version of isle, from the manifest of its jar; {@code development} for classes that are in none. */
    public static String version() {
        return Optional.ofNullable(Program.class.getPackage().getImplementationVersion())
                .orElse("development");
    }
}
