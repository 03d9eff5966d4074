/**
 * Object stores that need no vendor library: the local directory (the embedded default), the one in memory, and the
 * decorators that meter, cache, break or imitate the quirks of a store. The fakes of our tests are this real code.
 */
@NullMarked
package isle.fs.store;

import org.jspecify.annotations.NullMarked;
