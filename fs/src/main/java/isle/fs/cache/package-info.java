/**
 * The block cache: in memory, bounded by bytes, and on disk, where a block has exactly the bytes it has in the store;
 * with read-ahead and pins.
 */
@NullMarked
package isle.fs.cache;

import org.jspecify.annotations.NullMarked;
