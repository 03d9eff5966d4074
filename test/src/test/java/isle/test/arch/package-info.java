/**
 * The shape of isle: which room may know which, where a vendor's library may be used, and how the repository is kept
 * tidy.
 */
@NullMarked
package isle.test.arch;

import org.jspecify.annotations.NullMarked;
