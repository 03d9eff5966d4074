package isle.test.arch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A vendor's library lives in one room, so that changing it changes one room. */
class VendorRoomsTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    AWS SDK            | software.amazon..                            | isle.fs.s3..
                    HTTP client        | org.apache.hc..                              | isle.fs.s3..
                    jnr                | jnr.. ru.serce.jnrfuse.. com.kenai..         | isle.fs.fuse..
                    SQLite             | org.sqlite.. java.sql.. javax.sql..          | isle.fs.index..
                    Caffeine           | com.github.benmanes..                        | isle.fs.cache.. isle.fs.vfs.. isle.fs.plain.. isle.fs.store..
                    Tink, BouncyCastle | com.google.crypto.. org.bouncycastle..       | isle.crypto..
                    jnats              | io.nats..                                    | isle.sync..
                    YAML               | org.snakeyaml.. org.yaml..                   | isle.mountd.config..
                    acme4j             | org.shredzone..                              | isle.mountd.gateway..
                    JSON               | com.fasterxml..                              | isle.mountd.. isle.cli..
                    picocli            | picocli..                                    | isle.cli..
                    java.util.logging  | java.util.logging..                          | isle.mountd..
                    """)
    void aVendorStaysInItsRoom(String vendor, String packages, String rooms) {
        noClasses()
                .that()
                .resideOutsideOfPackages(rooms.split(" "))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages.split(" "))
                .because(vendor + " lives in " + rooms)
                .allowEmptyShould(true)
                .check(IsleClasses.ALL);
    }
}
