/**
 * The ports of isle, about five methods each: what the file system needs from the world and what a volume offers to
 * it. Only {@code ObjectStore} is wider, because it is S3's own vocabulary. Ports know {@link isle.fs.model} and
 * nothing else, so that {@code crypto} and {@code sync} can implement them and never meet.
 */
@NullMarked
package isle.fs.spi;

import org.jspecify.annotations.NullMarked;
