/**
 * Runs the real program the way a person does: a process with a profile of its own, mounted in a temporary folder. Tests
 * never touch a mount from their own JVM, since a daemon that hangs would hang them too: what works in a mount is a child
 * process with a time-out.
 */
@NullMarked
package isle.test.rig;

import org.jspecify.annotations.NullMarked;
