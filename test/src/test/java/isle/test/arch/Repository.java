package isle.test.arch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The files of the project as they are checked out, without what builds and tools leave there. */
record Repository(Path root, List<Path> files) {

    private static final Set<String> NOT_OURS = Set.of("target", ".git", ".idea", ".vscode", ".settings");
    private static final long LARGEST_TEXT = 1 << 20;

    static Repository open() {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve(".mvn"))) {
            Path parent = root.getParent();
            if (parent == null) {
                throw new IllegalStateException(
                        "not run inside the project: " + Path.of("").toAbsolutePath());
            }
            root = parent;
        }
        List<Path> files = new ArrayList<>();
        try {
            Files.walkFileTree(root, new Collector(files));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Collections.sort(files);
        return new Repository(root, List.copyOf(files));
    }

    List<Path> javaFiles() {
        return files.stream().filter(f -> f.toString().endsWith(".java")).toList();
    }

    String name(Path file) {
        return root.relativize(file).toString();
    }

    /** Empty for a file that is no text. */
    static Optional<String> text(Path file) {
        try {
            return Files.size(file) > LARGEST_TEXT ? Optional.empty() : Optional.of(Files.readString(file));
        } catch (CharacterCodingException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Collector extends SimpleFileVisitor<Path> {
        private final List<Path> files;

        Collector(List<Path> files) {
            this.files = files;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
            return NOT_OURS.contains(String.valueOf(dir.getFileName()))
                    ? FileVisitResult.SKIP_SUBTREE
                    : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile()) {
                files.add(file);
            }
            return FileVisitResult.CONTINUE;
        }
    }
}
