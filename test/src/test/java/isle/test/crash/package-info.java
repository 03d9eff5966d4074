/** The real daemon is killed while programs write, and its store is taken away: nothing acknowledged may be lost. */
@NullMarked
package isle.test.crash;

import org.jspecify.annotations.NullMarked;
