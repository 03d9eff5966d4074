package isle.fs.fuse;

import java.util.ArrayList;
import java.util.List;
import jnr.ffi.provider.ClosureManager;

/**
 * {@code struct fuse_lowlevel_ops}: for each operation that is implemented, the address of a closure. What is not
 * implemented stays empty, and libfuse answers ENOSYS, after which the kernel either does it itself (locks, poll) or
 * reports it (ioctl). It must outlive the session.
 */
final class OperationTable {

    private final ClosureManager closures;
    private final long[] functions = new long[Operation.SLOTS];

    /** Closures live as long as somebody holds them. */
    private final List<Object> held = new ArrayList<>();

    private long address;

    OperationTable(jnr.ffi.Runtime runtime) {
        this.closures = runtime.getClosureManager();
    }

    void set(Operation operation, Upcalls.Two handler) {
        put(operation, Upcalls.Two.class, handler);
    }

    void set(Operation operation, Upcalls.Three handler) {
        put(operation, Upcalls.Three.class, handler);
    }

    void set(Operation operation, Upcalls.Four handler) {
        put(operation, Upcalls.Four.class, handler);
    }

    void set(Operation operation, Upcalls.Five handler) {
        put(operation, Upcalls.Five.class, handler);
    }

    void set(Operation operation, Upcalls.Six handler) {
        put(operation, Upcalls.Six.class, handler);
    }

    private <T> void put(Operation operation, Class<T> shape, T handler) {
        jnr.ffi.Pointer function = closures.getClosurePointer(shape, handler);
        held.add(handler);
        held.add(function);
        functions[operation.slot()] = function.address();
    }

    /** The struct in native memory; libfuse copies it. */
    long address() {
        if (address == 0) {
            address = Native.allocate((int) size());
            for (int i = 0; i < functions.length; i++) {
                Native.putLong(address + (long) i * Long.BYTES, functions[i]);
            }
        }
        return address;
    }

    long size() {
        return (long) functions.length * Long.BYTES;
    }

    /** Frees the struct. The closures go with this object. */
    void free() {
        if (address != 0) {
            Native.free(address);
            address = 0;
        }
    }
}
