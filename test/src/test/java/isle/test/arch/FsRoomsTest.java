package isle.test.arch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which room of {@code fs} may know which. */
class FsRoomsTest {

    /** The values stand alone: the JDK, and annotations. */
    @Test
    void modelKnowsNothing() {
        classes()
                .that()
                .resideInAPackage("isle.fs.model..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("isle.fs.model..", "java..", "org.jspecify..", "com.google.errorprone..")
                .allowEmptyShould(true)
                .check(IsleClasses.ALL);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    spi     | model
                    s3      | model spi
                    store   | model spi cache
                    index   | model spi
                    cache   | model spi
                    journal | model spi
                    plain   | model spi index cache
                    vfs     | model spi journal index cache
                    fuse    | model vfs
                    """)
    void aRoomKnowsOnly(String room, String known) {
        String[] rooms = (room + " " + known).split(" ");
        for (int i = 0; i < rooms.length; i++) {
            rooms[i] = "isle.fs." + rooms[i] + "..";
        }
        noClasses()
                .that()
                .resideInAPackage("isle.fs." + room + "..")
                .should()
                .dependOnClassesThat(ModuleArrowsTest.ofIsleOutside(rooms))
                .allowEmptyShould(true)
                .check(IsleClasses.ALL);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"isle.fs.(*)..", "isle.crypto.(**)", "isle.sync.(**)", "isle.mountd.(*)..", "isle.cli.(**)"})
    void noRoomsKnowEachOtherInACircle(String rooms) {
        slices().matching(rooms)
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(IsleClasses.ALL);
    }
}
