/** The identity of this host's person: what opens {@code private/}, and what is said when it does not open. */
@NullMarked
package isle.mountd.vault;

import org.jspecify.annotations.NullMarked;
