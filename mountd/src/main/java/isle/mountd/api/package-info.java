/**
 * The local API of the daemon: the requests and answers that pass over its socket, one JSON line each. It is all that
 * the command line knows of the daemon.
 */
@NullMarked
package isle.mountd.api;

import org.jspecify.annotations.NullMarked;
