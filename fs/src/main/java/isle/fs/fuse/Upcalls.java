package isle.fs.fuse;

import jnr.ffi.annotations.Delegate;

/**
 * Shapes of the functions that libfuse calls. Every argument of its operations is a pointer or an integer and there are
 * at most six, so all of them travel in registers of 64 bits: one shape per number of arguments is enough. Of an
 * argument that is an {@code int} in C only the lower half means anything. Numbers, not objects, because a conversion
 * per argument is what made the stock binding slow and lost bytes of names.
 */
public final class Upcalls {

    private Upcalls() {}

    /** Two arguments. */
    public interface Two {
        @Delegate
        void call(long request, long a);
    }

    /** Three arguments. */
    public interface Three {
        @Delegate
        void call(long request, long a, long b);
    }

    /** Four arguments. */
    public interface Four {
        @Delegate
        void call(long request, long a, long b, long c);
    }

    /** Five arguments. */
    public interface Five {
        @Delegate
        void call(long request, long a, long b, long c, long d);
    }

    /** Six arguments. */
    public interface Six {
        @Delegate
        void call(long request, long a, long b, long c, long d, long e);
    }
}
