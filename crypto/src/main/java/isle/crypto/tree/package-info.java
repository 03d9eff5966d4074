/**
 * The tree of a vault as hosts join it: what packs say, what a directory holds, how copies of one name are shown, how
 * packs are joined into fewer, and where directories are. Pure functions of what was read; nothing here knows bytes,
 * keys, requests or clocks. The rules are numbered as in {@code crypto/FORMAT.md}.
 */
@NullMarked
package isle.crypto.tree;

import org.jspecify.annotations.NullMarked;
