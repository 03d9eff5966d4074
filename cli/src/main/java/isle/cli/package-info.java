/**
 * The command line: one command for each file, without logic of its own. It talks to the daemon over
 * {@link isle.mountd.api}.
 */
@NullMarked
package isle.cli;

import org.jspecify.annotations.NullMarked;
