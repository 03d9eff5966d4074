/**
 * The daemon's end of the local API: a Unix socket that only its owner may use, one thread for each connection, one
 * handler for each verb.
 */
@NullMarked
package isle.mountd.local;

import org.jspecify.annotations.NullMarked;
