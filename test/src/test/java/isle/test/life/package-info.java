/** How the real program starts, stops, refuses and recovers. */
@NullMarked
package isle.test.life;

import org.jspecify.annotations.NullMarked;
