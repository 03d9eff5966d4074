/**
 * The change log, leases and claims, presence and resync, over NATS. It implements the ports of {@link isle.fs.spi} and
 * never meets {@code crypto}.
 */
@NullMarked
package isle.sync;

import org.jspecify.annotations.NullMarked;
