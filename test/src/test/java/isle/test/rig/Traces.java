package isle.test.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Looks for a word in files, names of files, and texts: as it is, in UTF-16, in hexadecimal, and in base64 wherever in
 * what was encoded it began. The word is of ASCII letters, digits and dashes, so that no other encoding of it looks different.
 */
public final class Traces {

    private static final int SHOWN = 60;

    /** Less of base64 than this would be found by chance. */
    private static final int SHORTEST = 12;

    private final Set<String> forms = new LinkedHashSet<>();
    private final List<String> found = new ArrayList<>();

    public Traces(String word) {
        if (word.length() < SHORTEST || !word.matches("[A-Za-z0-9-]+")) {
            throw new IllegalArgumentException("not a word to look for");
        }
        HexFormat hex = HexFormat.of();
        for (Charset charset : List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE)) {
            byte[] bytes = word.getBytes(charset);
            forms.add(latin(bytes));
            forms.add(hex.formatHex(bytes));
            forms.add(hex.withUpperCase().formatHex(bytes));
        }
        for (int skip = 0; skip < 3; skip++) {
            String rest = word.substring(skip);
            byte[] whole = rest.substring(0, rest.length() / 3 * 3).getBytes(StandardCharsets.UTF_8);
            forms.add(Base64.getEncoder().encodeToString(whole));
        }
    }

    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Looks at every name and every file below a folder; what comes and goes meanwhile may be missed. */
    public Traces in(Path folder) {
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path visited, BasicFileAttributes attributes) {
                    look(visited.toString(), "the name " + visited);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    look(file.toString(), "the name " + file);
                    if (attributes.isRegularFile() && Files.isReadable(file)) {
                        try {
                            look(latin(Files.readAllBytes(file)), file.toString());
                        } catch (NoSuchFileException gone) {
                            return FileVisitResult.CONTINUE;
                        }
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException gone) {
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Looks at a text. */
    public Traces look(String text, String where) {
        for (String form : forms) {
            int at = text.indexOf(form);
            if (at >= 0) {
                String around = text.substring(Math.max(0, at - SHOWN), Math.min(text.length(), at + SHOWN));
                found.add(where + ": " + around.replaceAll("[^ -~]", "."));
            }
        }
        return this;
    }

    /** Where it was found, with what stands around it. */
    public List<String> found() {
        return List.copyOf(found);
    }
}
