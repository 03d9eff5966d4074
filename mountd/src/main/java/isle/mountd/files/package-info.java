/**
 * Work on files by path, for the commands that need no mount: {@code ls cat put get mkdir mv rm}. It goes through the
 * same virtual file system as the mount, so journal, cache and rules are the same.
 */
@NullMarked
package isle.mountd.files;

import org.jspecify.annotations.NullMarked;
