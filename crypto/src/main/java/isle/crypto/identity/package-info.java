/**
 * Who may open a vault: keys of users and devices, the codes that bring them back, the keys of the vault, and the signed
 * header records in the store that say all this. {@code crypto/FORMAT.md} gives every byte.
 *
 * <p>The key tree: a device's keys open the user's keys, these open the vault's keys, these open everything else.
 */
@NullMarked
package isle.crypto.identity;

import org.jspecify.annotations.NullMarked;
