/** From settings to object stores: which keys, which bucket, and what a refusal means for a person. */
@NullMarked
package isle.mountd.store;

import org.jspecify.annotations.NullMarked;
