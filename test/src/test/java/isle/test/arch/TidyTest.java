package isle.test.arch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What no compiler checks: the size of files, names that say nothing, paths of one machine. */
class TidyTest {

    private static final int LONGEST_FILE = 500;
    private static final Pattern EMPTY_NAME =
            Pattern.compile("\\b(?:class|interface|record|enum)\\s+(\\w*(?:Manager|Helper|Helpers|Util|Utils))\\b");
    private static final Pattern PACKAGE = Pattern.compile("^package ([\\w.]+);", Pattern.MULTILINE);
    private static final Pattern PATH_OF_ONE_MACHINE =
            Pattern.compile("(?<![\\w.*}~-])/(?:Users|work|workspace|builds|tmp/[a-z])/[\\w.]+");

    private final Repository repository = Repository.open();

    @Test
    void theProjectIsSeen() {
        assertFalse(repository.javaFiles().isEmpty());
    }

    @Test
    void noFileIsTooLong() {
        List<String> found = new ArrayList<>();
        for (Path file : repository.javaFiles()) {
            long lines = Repository.text(file).orElse("").lines().count();
            if (lines > LONGEST_FILE) {
                found.add(repository.name(file) + " has " + lines + " lines");
            }
        }
        assertNone(found);
    }

    @Test
    void noTypeHasANameThatSaysNothing() {
        assertNone(matches(repository.javaFiles(), EMPTY_NAME));
    }

    @Test
    void noFileNamesAPathOfOneMachine() {
        assertNone(matches(repository.files(), PATH_OF_ONE_MACHINE));
    }

    /** A package of tests may share the package-info of the code it tests. */
    @Test
    void everyPackageSaysWhatItIsAndIsNullMarked() {
        Set<String> used = new LinkedHashSet<>();
        Set<String> described = new LinkedHashSet<>();
        for (Path file : repository.javaFiles()) {
            String text = Repository.text(file).orElse("");
            Matcher declaration = PACKAGE.matcher(text);
            if (!declaration.find()) {
                continue;
            }
            String room = repository.root().relativize(file).getName(0) + ": " + declaration.group(1);
            used.add(room);
            boolean info = file.endsWith("package-info.java");
            if (info && text.contains("@NullMarked") && text.startsWith("/**")) {
                described.add(room);
            }
        }
        used.removeAll(described);
        assertNone(List.copyOf(used));
    }

    private List<String> matches(List<Path> files, Pattern pattern) {
        List<String> found = new ArrayList<>();
        for (Path file : files) {
            Matcher matcher = pattern.matcher(Repository.text(file).orElse(""));
            while (matcher.find()) {
                found.add(repository.name(file) + ": " + matcher.group());
            }
        }
        return found;
    }

    private static void assertNone(List<String> found) {
        assertEquals("", String.join("\n", found));
    }
}
