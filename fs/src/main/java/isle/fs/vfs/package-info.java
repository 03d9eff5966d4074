/**
 * The file system itself: inodes, dentries, handles, dirty extents, the rules of POSIX and locking. It works on inodes
 * and knows neither the kernel's binding nor a store.
 */
@NullMarked
package isle.fs.vfs;

import org.jspecify.annotations.NullMarked;
