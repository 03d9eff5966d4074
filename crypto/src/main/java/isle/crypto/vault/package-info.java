/**
 * The volume of a vault: what this host keeps of it, what it sends, and where content comes from. Nothing here writes a
 * name, or a byte of a file, to the disk of this host other than sealed.
 */
@NullMarked
package isle.crypto.vault;

import org.jspecify.annotations.NullMarked;
