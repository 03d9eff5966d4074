/**
 * Identity, keysets, recovery, and the vault: the volume of {@code private/} and {@code groups/}. It implements the
 * ports of {@link isle.fs.spi} and never meets {@code sync}.
 */
@NullMarked
package isle.crypto;

import org.jspecify.annotations.NullMarked;
