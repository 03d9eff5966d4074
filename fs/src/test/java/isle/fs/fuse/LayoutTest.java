package isle.fs.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import isle.fs.model.Errno;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Numbers and places that must be those of Linux and of libfuse 2.9. */
class LayoutTest {

    @Test
    void statLiesAsTheCompilerPutsIt() {
        String processor = System.getProperty("os.arch");
        StatLayout layout = StatLayout.of(jnr.ffi.Runtime.getSystemRuntime());
        StatLayout amd64 = new StatLayout(144, 8, 16, 8, 24, 28, 32, 40, 48, 56, 8, 64, 72, 88, 104);
        StatLayout arm64 = new StatLayout(128, 8, 20, 4, 16, 24, 28, 32, 48, 56, 4, 64, 72, 88, 104);
        assumeTrue(processor.equals("amd64") || processor.equals("aarch64"));
        assertEquals(processor.equals("amd64") ? amd64 : arm64, layout);
    }

    @Test
    void everyErrorNameHasItsOwnNumber() {
        assertEquals(
                Errno.values().length,
                Arrays.stream(Errno.values())
                        .map(LinuxErrno::of)
                        .collect(Collectors.toSet())
                        .size());
        assertEquals(39, LinuxErrno.of(Errno.ENOTEMPTY));
    }

    @Test
    void everyOperationHasAPlaceOfItsOwn() {
        assertEquals(
                Operation.values().length,
                Arrays.stream(Operation.values())
                        .map(Operation::slot)
                        .distinct()
                        .count());
        assertTrue(Arrays.stream(Operation.values()).allMatch(operation -> operation.slot() < Operation.SLOTS));
    }

    @Test
    void optionsNameTheProfileOnce() {
        MountOptions options = MountOptions.of("home").withReadOnly(true).withAllowOther(true);
        assertEquals("isle:home", options.source());
        assertEquals(
                "default_permissions,fsname=isle:home,subtype=isle,allow_other,ro,big_writes,atomic_o_trunc,"
                        + "max_readahead=131072,max_background=64",
                options.libraryOptions());
    }
}
