/**
 * The persistent local mirror of what the store lists: entries, attributes and sync cursors, in SQLite. It may be lost
 * at any time: it is rebuilt from the store and the journal.
 */
@NullMarked
package isle.fs.index;

import org.jspecify.annotations.NullMarked;
