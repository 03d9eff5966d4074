/** Programs that people use, unchanged, on the mount and on the same buckets. */
@NullMarked
package isle.test.tools;

import org.jspecify.annotations.NullMarked;
