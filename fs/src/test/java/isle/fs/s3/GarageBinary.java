package isle.fs.s3;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the program {@code garage}, version 2. */
final class GarageBinary {

    private static final int MAJOR = 2;
    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.\\d+\\.\\d+");

    private GarageBinary() {}

    /**
     * Where it is: {@code GARAGE} of the environment, {@code PATH}, {@code /usr/sbin}, then where {@code test/run} puts
     * what it builds.
     *
     * @throws AssertionError there is none; tests that need it fail then, they are never skipped
     */
    static Path find(Map<String, String> env) {
        String named = env.get("GARAGE");
        if (named != null && !named.isBlank()) {
            Path program = Path.of(named);
            if (majorOf(program) != MAJOR) {
                throw new AssertionError("GARAGE=" + named + " is no garage of version " + MAJOR);
            }
            return program;
        }
        List<Path> places = places(env);
        for (Path place : places) {
            if (majorOf(place) == MAJOR) {
                return place;
            }
        }
        throw new AssertionError("no garage of version " + MAJOR + " found at " + places
                + "; cargo install garage --locked builds one, GARAGE=PATH names one");
    }

    private static List<Path> places(Map<String, String> env) {
        List<Path> places = new ArrayList<>();
        for (String folder : env.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            if (!folder.isEmpty()) {
                places.add(Path.of(folder, "garage"));
            }
        }
        places.add(Path.of("/usr/sbin/garage"));
        String cache = env.getOrDefault("XDG_CACHE_HOME", "");
        Path home = Path.of(env.getOrDefault("HOME", System.getProperty("user.home")));
        Path caches = cache.isEmpty() ? home.resolve(".cache") : Path.of(cache);
        places.add(caches.resolve("isle-tools/bin/garage"));
        return places;
    }

    /** Major version of a program, 0 when it is none. */
    private static int majorOf(Path program) {
        if (!Files.isExecutable(program)) {
            return 0;
        }
        try {
            Process process = new ProcessBuilder(program.toString(), "--version")
                    .redirectErrorStream(true)
                    .start();
            String answer =
                    new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            Matcher version = VERSION.matcher(answer);
            return process.waitFor() == 0 && version.find() ? Integer.parseInt(version.group(1)) : 0;
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }
}
