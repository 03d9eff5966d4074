/** How a host comes to a vault: founds it, opens it, joins it with a code. */
@NullMarked
package isle.crypto.access;

import org.jspecify.annotations.NullMarked;
