/**
 * Random operations on the mount and on a plain folder of the same machine: the plain folder is the model. What either
 * answers, and what either holds, has to be equal.
 */
@NullMarked
package isle.test.model;

import org.jspecify.annotations.NullMarked;
