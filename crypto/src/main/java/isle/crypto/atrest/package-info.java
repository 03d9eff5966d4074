/**
 * What this host keeps of a vault on its own disk lies there sealed: blocks of the cache, and the journal. The keys are
 * derived from one local key, which is itself sealed to the device. {@code crypto/FORMAT.md} gives every byte.
 *
 * <p>Unlike what goes into a store, these bytes are read by the host that wrote them only, and can be sealed anew at any
 * time. What this does not notice is an older state of a whole folder: who can bring that back has the host.
 */
@NullMarked
package isle.crypto.atrest;

import org.jspecify.annotations.NullMarked;
