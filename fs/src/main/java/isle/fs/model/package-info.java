/**
 * The value types of isle: inode ids, attributes, file names, object keys, blocks, generations and the sealed family
 * of {@code FsException}. They are records that validate themselves, and they depend on nothing else of isle.
 */
@NullMarked
package isle.fs.model;

import org.jspecify.annotations.NullMarked;
