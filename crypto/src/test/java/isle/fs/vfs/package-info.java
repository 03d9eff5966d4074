/** Tests of a vault's volume below the VFS, beside the parts of the VFS that they play on. */
@NullMarked
package isle.fs.vfs;

import org.jspecify.annotations.NullMarked;
