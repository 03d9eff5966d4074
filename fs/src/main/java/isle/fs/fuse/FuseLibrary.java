package isle.fs.fuse;

import isle.fs.fuse.MountProblem.Kind;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;

/** Loads libfuse 2 and says what is wrong when it cannot be loaded. */
final class FuseLibrary {

    private static final String NAME = "libfuse.so.2";

    private final LibFuse fuse;
    private final LibC libc;
    private final Runtime runtime;
    private final StatLayout layout;

    private FuseLibrary(LibFuse fuse, LibC libc, Runtime runtime) {
        this.fuse = fuse;
        this.libc = libc;
        this.runtime = runtime;
        this.layout = StatLayout.of(runtime);
    }

    static FuseLibrary load() throws MountProblem {
        requirePlatform(System.getProperty("os.name", ""), System.getProperty("sun.arch.data.model", "64"));
        Runtime runtime = loadBinding();
        LibFuse fuse = loadLibrary();
        LibC libc = LibraryLoader.create(LibC.class).failImmediately().load("c");
        return new FuseLibrary(fuse, libc, runtime);
    }

    static void requirePlatform(String system, String bits) throws MountProblem {
        if (!system.equals("Linux") || !bits.equals("64")) {
            throw new MountProblem(
                    Kind.PLATFORM,
                    "Mounting works on 64-bit Linux only; this is " + system + ", " + bits + " bits.",
                    system.startsWith("Mac")
                            ? "Use the commands that need no mount (isle ls, get, put); a mount by macFUSE is not built."
                            : "Use the commands that need no mount (isle ls, get, put).");
        }
    }

    private static Runtime loadBinding() throws MountProblem {
        try {
            return Runtime.getSystemRuntime();
        } catch (LinkageError | RuntimeException e) {
            throw new MountProblem(
                    Kind.BINDING,
                    "The native part of the FUSE binding could not be unpacked into "
                            + System.getProperty("java.io.tmpdir", "the temporary folder") + " and loaded.",
                    "Give isle a temporary folder that allows programs to run: -Djava.io.tmpdir=FOLDER.",
                    e);
        }
    }

    private static LibFuse loadLibrary() throws MountProblem {
        try {
            return LibraryLoader.create(LibFuse.class).failImmediately().load(NAME);
        } catch (LinkageError e) {
            throw new MountProblem(
                    Kind.LIBRARY_MISSING, NAME + " (FUSE 2) could not be loaded.", Packages.ofThisSystem(), e);
        }
    }

    LibFuse fuse() {
        return fuse;
    }

    LibC libc() {
        return libc;
    }

    Runtime runtime() {
        return runtime;
    }

    StatLayout layout() {
        return layout;
    }
}
