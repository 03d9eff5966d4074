/**
 * What makes bytes fit for a store that is not trusted: sizes that tell little, and a seal that binds an object to its
 * place. {@code crypto/FORMAT.md} gives every byte. Knows nothing of who holds the keys: that is
 * {@code isle.crypto.identity}.
 */
@NullMarked
package isle.crypto.seal;

import org.jspecify.annotations.NullMarked;
