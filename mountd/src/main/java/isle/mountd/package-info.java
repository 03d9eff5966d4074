/**
 * The daemon, and the one place where the parts are wired together: composition, threads, ports, child processes and
 * health.
 */
@NullMarked
package isle.mountd;

import org.jspecify.annotations.NullMarked;
