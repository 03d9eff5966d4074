/**
 * The kernel binding, a shell over {@link isle.fs.vfs}: each handler is a call, a reply and the mapping of an error, by
 * the one table from {@code FsException} to errno. Quirks of the kernel and of jnr live here.
 *
 * <p>What looks odd but is meant:
 *
 * <ul>
 *   <li><b>libfuse 2 by its lower interface</b>, where a node of the kernel is an inode of ours. The path-based one keeps
 *       a node per path: two hard links are two files with two caches to the kernel, every request walks a path that
 *       somebody else may have renamed, an open file that is unlinked needs a hiding rename, time-outs are fixed for the
 *       life of a mount, and the numbers by which the kernel is told of changes are to be guessed. pjdfstest passes with
 *       time-outs of an hour; one stat costs 0.6 to 0.9 times the processor time of a C program on the path-based
 *       interface in the same run (1.5 times one without threads), content 1.0 to 1.2 times.
 *   <li><b>jnr-ffi with numbers only.</b> jnr-fuse's own callbacks decode names with the default character set, which
 *       loses bytes, and convert each argument to an object. It is asked for the layout of {@code struct stat} alone.
 *   <li><b>The loop runs on Java threads</b>, two of them. jffi attaches a native thread to the virtual machine and
 *       detaches it on each of its first thousand calls, and idle readers of the device wake one another in vain.
 *   <li><b>The loop answers for handlers that were not reached.</b> An exception in the binding's own code, when memory
 *       is short, is swallowed there; the caller would wait for ever.
 *   <li><b>Nothing here touches the mount itself</b>: probing and unmounting are child processes with a time limit. A
 *       thread that waits for its own mount keeps a killed process as a zombie, and the mount with it.
 *   <li><b>"Not found" for an inode is told as ESTALE</b>, see {@link isle.fs.fuse.Operation#onSubject}: only then does
 *       the kernel drop a name that has gone elsewhere.
 *   <li><b>{@code st_blksize} is 128 KiB</b>, so that programs that write through a buffer write large pieces.
 * </ul>
 */
@NullMarked
package isle.fs.fuse;

import org.jspecify.annotations.NullMarked;
