/**
 * The write-ahead journal: operations and dirty extents that the store does not have yet. It is their only authority:
 * replayed after a crash, drained by the committer.
 */
@NullMarked
package isle.fs.journal;

import org.jspecify.annotations.NullMarked;
