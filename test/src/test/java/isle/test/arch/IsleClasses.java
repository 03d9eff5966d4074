package isle.test.arch;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.regex.Pattern;

/** The classes of all modules, without their tests: contract suites may know more than the rooms they test. */
final class IsleClasses {

    private static final Pattern TESTS = Pattern.compile(".*(/test-classes/|-tests\\.jar!/).*");
    private static final ImportOption PRODUCT_ONLY = location -> !location.matches(TESTS);

    static final JavaClasses ALL =
            new ClassFileImporter().withImportOption(PRODUCT_ONLY).importPackages("isle");

    private IsleClasses() {}
}
