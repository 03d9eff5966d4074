package isle.mountd.doctor;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What is installed on this machine, as far as it matters to isle. */
final class Machine {

    private static final long VERSION_SECONDS = 5;
    private static final List<String> LIBRARY_FOLDERS =
            List.of("lib", "usr/lib", "lib64", "usr/lib64", "usr/local/lib");

    private final Path root;
    private final Map<String, String> environment;

    /** @param root of the file system; another one in tests */
    Machine(Path root, Map<String, String> environment) {
        this.root = root;
        this.environment = Map.copyOf(environment);
    }

    Path at(String path) {
        return root.resolve(path);
    }

    /** The library of FUSE 2, its links followed: the name of the file has the version. */
    Optional<Path> libfuse() {
        List<Path> folders = new ArrayList<>();
        for (String name : LIBRARY_FOLDERS) {
            folders.add(root.resolve(name));
            folders.addAll(foldersOfArchitectures(root.resolve(name)));
        }
        for (Path folder : folders) {
            Path library = folder.resolve("libfuse.so.2");
            if (Files.exists(library)) {
                try {
                    return Optional.of(library.toRealPath());
                } catch (IOException e) {
                    return Optional.of(library);
                }
            }
        }
        return Optional.empty();
    }

    /** Debian's folders such as {@code x86_64-linux-gnu}; none where the folder cannot be listed. */
    private static List<Path> foldersOfArchitectures(Path folder) {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> below = Files.newDirectoryStream(folder, "*-linux-*")) {
                below.forEach(found::add);
            } catch (IOException e) {
                return List.of();
            }
        }
        return found;
    }

    /** A program on the path, or in the folders of the administrator that ordinary users do not have on it. */
    Optional<Path> program(String name) {
        List<String> folders =
                new ArrayList<>(List.of(environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)));
        folders.addAll(List.of("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"));
        for (String folder : folders) {
            Path file = root.resolve(folder.replaceFirst("^/", "")).resolve(name);
            if (!folder.isEmpty() && Files.isExecutable(file) && !Files.isDirectory(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }

    /** A Garage: the one that is named, on the path, or built for the tests. */
    Optional<Path> garage() {
        String named = environment.getOrDefault("GARAGE", "");
        if (!named.isEmpty() && Files.isExecutable(Path.of(named))) {
            return Optional.of(Path.of(named));
        }
        String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path tools = (cache.isEmpty() ? Path.of(environment.getOrDefault("HOME", "/"), ".cache") : Path.of(cache))
                .resolve("isle-tools/bin/garage");
        return program("garage").or(() -> Optional.of(tools).filter(Files::isExecutable));
    }

    /** First line that a program prints; empty if it prints none in time. */
    static Optional<String> firstLine(Path program, String argument) {
        Process process;
        try {
            process = new ProcessBuilder(program.toString(), argument)
                    .redirectErrorStream(true)
                    .redirectInput(new File("/dev/null"))
                    .start();
        } catch (IOException e) {
            return Optional.empty();
        }
        try {
            if (!process.waitFor(VERSION_SECONDS, TimeUnit.SECONDS)) {
                return Optional.empty();
            }
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return text.lines().findFirst();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } finally {
            process.destroyForcibly();
        }
    }

    /** Whether {@code /etc/fuse.conf} lets users open their mounts to others. */
    boolean userAllowOther() {
        try {
            return Files.readAllLines(at("etc/fuse.conf"), StandardCharsets.ISO_8859_1).stream()
                    .anyMatch(line -> line.strip().equals("user_allow_other"));
        } catch (IOException e) {
            return false;
        }
    }

    /** Mount points of all isles, of any profile. */
    List<Path> isleMounts() {
        List<Path> points = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(at("proc/self/mountinfo"), StandardCharsets.ISO_8859_1)) {
                String[] words = line.split(" ", -1);
                if (line.contains(" - fuse.isle ") && words.length > 4) {
                    points.add(Path.of(words[4].replace("\\040", " ").replace("\\134", "\\")));
                }
            }
        } catch (IOException e) {
            return points;
        }
        return points;
    }
}
