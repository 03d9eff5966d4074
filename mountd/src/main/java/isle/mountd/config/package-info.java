/**
 * The configuration of a profile: {@code daemon.yml}, its defaults and limits, and where a profile's files are.
 */
@NullMarked
package isle.mountd.config;

import org.jspecify.annotations.NullMarked;
