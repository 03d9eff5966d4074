/**
 * The kernel binding, a shell over {@link isle.fs.vfs}: each handler is a call, a reply and the mapping of an error, by
 * the one table from {@code FsException} to errno. Quirks of the kernel and of jnr live here.
 */
@NullMarked
package isle.fs.fuse;

import org.jspecify.annotations.NullMarked;
