package isle.fs.fuse;

import jnr.ffi.annotations.IgnoreError;

/**
 * What we use of {@code libfuse.so.2}: its lower interface, where the kernel's node id is ours to choose. Addresses and
 * {@code size_t}, {@code off_t} are plain {@code long}; every result that is an {@code int} is zero, a count, or a
 * negative errno. It is public because the binding generates an implementation in another package.
 */
@SuppressWarnings("MemberName") // the names are the library's
@IgnoreError
public interface LibFuse {

    /** The version of the library, 29 for 2.9. */
    int fuse_version();

    /** Mounts: by {@code mount(2)} or the set-uid helper. 0 if it could not; why is on standard error only. */
    long fuse_mount(long mountPoint, long arguments);

    /** Closes a channel that has no session, and unmounts. */
    void fuse_unmount(long mountPoint, long channel);

    /** Frees what option parsing allocated in {@code struct fuse_args}. */
    void fuse_opt_free_args(long arguments);

    /** Makes a session that calls these operations. 0 if an option is not known. */
    long fuse_lowlevel_new(long arguments, long operations, long size, long userData);

    void fuse_session_add_chan(long session, long channel);

    /** Frees the session and its channel and closes the descriptor of the device. */
    void fuse_session_destroy(long session);

    /** Not zero when the kernel has ended the connection. */
    int fuse_session_exited(long session);

    /** Descriptor of the device. */
    int fuse_chan_fd(long channel);

    /** Waits for one request of the kernel. 0 when the session has ended. */
    int fuse_chan_recv(long channelPointer, long buffer, long size);

    /** Sends raw bytes ({@code struct iovec}) to the kernel. */
    int fuse_chan_send(long channel, long vectors, long count);

    /** Decodes a request and calls its operation, on this thread. */
    void fuse_session_process(long session, long buffer, long length, long channel);

    int fuse_reply_err(long request, int errno);

    void fuse_reply_none(long request);

    int fuse_reply_entry(long request, long entryParam);

    int fuse_reply_create(long request, long entryParam, long fileInfo);

    int fuse_reply_attr(long request, long stat, double timeoutSeconds);

    int fuse_reply_readlink(long request, long target);

    int fuse_reply_open(long request, long fileInfo);

    int fuse_reply_write(long request, long count);

    int fuse_reply_buf(long request, long buffer, long size);

    int fuse_reply_statfs(long request, long statvfs);

    int fuse_reply_xattr(long request, long size);

    /** Makes the kernel forget attributes ({@code offset} negative: nothing else) and cached pages of an inode. */
    int fuse_lowlevel_notify_inval_inode(long channel, long inode, long offset, long length);

    /** Makes the kernel forget what it knows of a name; the byte behind the name must be 0. */
    int fuse_lowlevel_notify_inval_entry(long channel, long parent, long name, long length);
}
