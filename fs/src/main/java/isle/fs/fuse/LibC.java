package isle.fs.fuse;

import jnr.ffi.annotations.IgnoreError;

/** The one call of the C library that we need beside libfuse. Public for the same reason as {@link LibFuse}. */
@IgnoreError
public interface LibC {
    /** {@code fcntl(2)} with a number as argument. */
    int fcntl(int descriptor, int command, int argument);
}
