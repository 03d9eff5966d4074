/**
 * Health as data: what is not as it should be, with a code, since when, and what to do. The command line, the files in
 * the mount and later the web page show the same records.
 */
@NullMarked
package isle.mountd.health;

import org.jspecify.annotations.NullMarked;
