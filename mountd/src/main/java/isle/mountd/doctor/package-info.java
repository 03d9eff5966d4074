/** What is wrong with this machine and this profile, and how to mend it. */
@NullMarked
package isle.mountd.doctor;

import org.jspecify.annotations.NullMarked;
