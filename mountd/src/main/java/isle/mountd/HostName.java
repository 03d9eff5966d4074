package isle.mountd;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** What this host's people call it. */
final class HostName {

    private static final Path KERNEL = Path.of("/proc/sys/kernel/hostname");

    private HostName() {}

    /** Asks the kernel, else the environment; no server is asked. */
    static String of(Map<String, String> environment) {
        try {
            String name = Files.readString(KERNEL, StandardCharsets.UTF_8).strip();
            if (!name.isEmpty()) {
                return name;
            }
        } catch (IOException e) {
            // Not on this system.
        }
        String name = environment.getOrDefault("HOSTNAME", "");
        return name.isEmpty() ? "host" : name;
    }
}
