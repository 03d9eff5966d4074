package isle.fs.fuse;

import isle.fs.fuse.MountProblem.Kind;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One connection to the kernel, in native memory: from the mount to the moment when the kernel has ended it. */
final class Session {

    private static final int F_SETFD = 2;
    private static final int FD_CLOEXEC = 1;

    private static final int ARGUMENTS_VECTOR = 8;
    private static final int ARGUMENTS_SIZE = 24;

    private static final int ERROR_SIZE = 16;
    private static final int VECTOR_SIZE = 16;
    private static final int HEADER_UNIQUE = 8;

    private final FuseLibrary library;
    private final LibFuse fuse;
    private final List<Long> allocated = new ArrayList<>();
    private volatile CacheTimeouts timeouts;
    private long session;
    private long channel;

    Session(FuseLibrary library, CacheTimeouts timeouts) {
        this.library = library;
        this.fuse = library.fuse();
        this.timeouts = timeouts;
    }

    /**
     * Mounts. The kernel sends requests from now on.
     *
     * @param mountPoint an existing folder
     */
    void open(Path mountPoint, MountOptions options, OperationTable operations) throws MountProblem {
        long path = string(mountPoint.toString(), pathCharset());
        long arguments = arguments(List.of("isle", "-o", options.libraryOptions()));
        channel = fuse.fuse_mount(path, arguments);
        if (channel == 0) {
            fuse.fuse_opt_free_args(arguments);
            freeAll();
            throw new MountProblem(
                    Kind.REFUSED,
                    "The system refused to mount at " + mountPoint + "; its own words are on standard error.",
                    "Run isle doctor, which tries each thing that a mount needs.");
        }
        session = fuse.fuse_lowlevel_new(arguments, operations.address(), operations.size(), 0);
        fuse.fuse_opt_free_args(arguments);
        if (session == 0) {
            fuse.fuse_unmount(path, channel);
            freeAll();
            throw new MountProblem(
                    Kind.REFUSED,
                    "This version of libfuse (" + fuse.fuse_version() + ") does not take the options of isle.",
                    Packages.ofThisSystem());
        }
        fuse.fuse_session_add_chan(session, channel);
        // A child that kept the device open would keep a dead mount alive, and programs hang in it.
        library.libc().fcntl(fuse.fuse_chan_fd(channel), F_SETFD, FD_CLOEXEC);
    }

    private static Charset pathCharset() {
        String name = System.getProperty("sun.jnu.encoding");
        return name == null ? Charset.defaultCharset() : Charset.forName(name);
    }

    /** {@code struct fuse_args}. */
    private long arguments(List<String> values) {
        long vector = allocate((values.size() + 1) * Long.BYTES);
        for (int i = 0; i < values.size(); i++) {
            Native.putLong(vector + (long) i * Long.BYTES, string(values.get(i), Charset.defaultCharset()));
        }
        long arguments = allocate(ARGUMENTS_SIZE);
        Native.putInt(arguments, values.size());
        Native.putLong(arguments + ARGUMENTS_VECTOR, vector);
        return arguments;
    }

    private long string(String text, Charset charset) {
        byte[] bytes = text.getBytes(charset);
        long address = allocate(bytes.length + 1);
        Native.putBytes(address, bytes);
        return address;
    }

    private long allocate(int size) {
        long address = Native.allocate(size);
        allocated.add(address);
        return address;
    }

    LibFuse fuse() {
        return fuse;
    }

    StatLayout layout() {
        return library.layout();
    }

    CacheTimeouts timeouts() {
        return timeouts;
    }

    void setTimeouts(CacheTimeouts value) {
        timeouts = value;
    }

    long channel() {
        return channel;
    }

    /** Waits for a request; its length, 0 when the kernel has ended the connection, or a negative errno. */
    int receive(long channelPointer, long buffer, int size) {
        return fuse.fuse_chan_recv(channelPointer, buffer, size);
    }

    void process(long buffer, int length) {
        fuse.fuse_session_process(session, buffer, length, channel);
    }

    boolean isEnded() {
        return fuse.fuse_session_exited(session) != 0;
    }

    /** Answers EIO to a request whose handler was never reached. */
    void fail(long requestHeader) {
        long memory = Native.allocate(ERROR_SIZE + VECTOR_SIZE);
        try {
            Native.putInt(memory, ERROR_SIZE);
            Native.putInt(memory + Integer.BYTES, -LinuxErrno.EIO);
            Native.putLong(memory + HEADER_UNIQUE, Native.getLong(requestHeader + HEADER_UNIQUE));
            Native.putLong(memory + ERROR_SIZE, memory);
            Native.putLong(memory + ERROR_SIZE + Long.BYTES, ERROR_SIZE);
            fuse.fuse_chan_send(channel, memory + ERROR_SIZE, 1);
        } finally {
            Native.free(memory);
        }
    }

    /** Frees everything and closes the device. Nobody may use the session any more. */
    void destroy() {
        fuse.fuse_session_destroy(session);
        freeAll();
    }

    private void freeAll() {
        allocated.forEach(Native::free);
        allocated.clear();
    }
}
