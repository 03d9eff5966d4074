/** Format 1 of a vault: the bytes of {@code crypto/FORMAT.md}. */
@NullMarked
package isle.crypto.v1;

import org.jspecify.annotations.NullMarked;
