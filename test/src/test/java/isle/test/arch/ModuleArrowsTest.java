package isle.test.arch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which module may know which. {@code crypto} and {@code sync} never meet; {@code mountd} wires. */
class ModuleArrowsTest {

    /** Else a rule could hold because there was nothing to look at. */
    @ParameterizedTest
    @ValueSource(strings = {"isle.fs", "isle.crypto", "isle.sync", "isle.mountd", "isle.cli"})
    void everyModuleIsSeen(String module) {
        assertTrue(
                IsleClasses.ALL.stream().anyMatch(c -> c.getPackageName().startsWith(module)),
                () -> "no class of " + module + " on the class path");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    isle.fs..     | isle.fs..
                    isle.crypto.. | isle.crypto.. isle.fs.spi.. isle.fs.model..
                    isle.sync..   | isle.sync.. isle.fs.spi.. isle.fs.model..
                    isle.mountd.. | isle.mountd.. isle.fs.. isle.crypto.. isle.sync..
                    isle.cli..    | isle.cli.. isle.mountd.api..
                    """)
    void aModuleKnowsOnly(String module, String known) {
        noClasses()
                .that()
                .resideInAPackage(module)
                .should()
                .dependOnClassesThat(ofIsleOutside(known.split(" ")))
                .allowEmptyShould(true)
                .check(IsleClasses.ALL);
    }

    @Test
    void nothingKnowsTheTests() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("isle.test..", "org.junit..", "com.tngtech.archunit..")
                .check(IsleClasses.ALL);
    }

    static DescribedPredicate<JavaClass> ofIsleOutside(String... rooms) {
        return JavaClass.Predicates.resideInAPackage("isle..")
                .and(DescribedPredicate.not(JavaClass.Predicates.resideInAnyPackage(rooms)))
                .as("reside in isle, but not in %s", String.join(", ", rooms));
    }
}
