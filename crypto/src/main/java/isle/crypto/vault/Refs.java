package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Shown;
import isle.crypto.tree.Shown.Version;
import isle.fs.spi.Volume.Change.Put;
import isle.fs.spi.Volume.Change.Unname;
import isle.fs.spi.Volume.Prepared;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * How entries of a vault are called by those who use its volume. A directory is the ids of all that it consists of, with a
 * slash; the root is nothing at all; anything else is its inode, and a copy that lost its name to another version of the
 * same file is that with the dot of its record.
 */
final class Refs {
    private static final String SLASH = "/";
    private static final String PLUS = "+";
    private static final char COPY = '~';
    private static final int HEX = 2 * Id.BYTES;

    private static final int NUMBER_BITS = 48;
    private static final long NUMBERS = (1L << NUMBER_BITS) - 1;

    /** Number 1 is the root's. */
    private static final long FIRST = 2;

    private static final long FNV_BASIS = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private final Id root;

    Refs(Id root) {
        this.root = root;
    }

    boolean isDirectory(String ref) {
        return ref.isEmpty() || ref.endsWith(SLASH);
    }

    /** The directories that a ref means, the one that creates go into first. */
    List<Id> directories(String ref) {
        if (ref.isEmpty()) {
            return List.of(root);
        }
        List<Id> ids = new ArrayList<>();
        for (int at = 0; at < ref.length(); at += HEX + 1) {
            ids.add(Id.ofHex(ref.substring(at, at + HEX)));
        }
        return ids;
    }

    /** The inode that the ref of a file means. */
    Id inode(String ref) {
        return Id.ofHex(ref.substring(0, HEX));
    }

    String of(List<Id> directories) {
        return String.join(PLUS, directories.stream().map(Id::toString).toList()) + SLASH;
    }

    String of(Id inode) {
        return inode.toString();
    }

    String of(Shown shown) {
        if (shown.isDirectory()) {
            return of(shown.directories());
        }
        String inode = of(shown.state().inode());
        if (!shown.isCopy()) {
            return inode;
        }
        Version version = shown.versions().get(0);
        return inode + COPY + version.directory() + version.entry().dot();
    }

    /** A number that no inode is likely to have. */
    static long newNumber(RandomGenerator random) {
        return random.nextLong(FIRST, NUMBERS + 1);
    }

    /** A new inode with this number. */
    static Id newInode(long number, RandomGenerator random) {
        return new Id(random.nextLong(), (random.nextLong() << NUMBER_BITS) | number);
    }

    /** The number of what a ref means: the last bits of its id; of a copy, a hash of all of it (FNV-1a). */
    static long numberOf(String ref) {
        long number;
        if (ref.indexOf(COPY) < 0) {
            number = Id.ofHex(ref.substring(0, HEX)).low();
        } else {
            number = FNV_BASIS;
            for (int i = 0; i < ref.length(); i++) {
                number = (number ^ ref.charAt(i)) * FNV_PRIME;
            }
        }
        return Math.max(FIRST, number & NUMBERS);
    }

    /** The directories whose names these change. */
    Set<Id> changed(List<Prepared> changes) {
        Set<Id> changed = new LinkedHashSet<>();
        for (Prepared each : changes) {
            if (each.change() instanceof Put put) {
                changed.addAll(directories(put.directory()));
            } else if (each.change() instanceof Unname unname) {
                changed.addAll(directories(unname.parent()));
            }
        }
        return changed;
    }
}
