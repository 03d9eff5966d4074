/**
 * The volumes {@code public/} and {@code protected/}: one object for each file, so that every S3 client can read them.
 */
@NullMarked
package isle.fs.plain;

import org.jspecify.annotations.NullMarked;
