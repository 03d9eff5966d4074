package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.tree.Content.Block;
import isle.crypto.tree.Dot;
import isle.crypto.tree.Shown;
import isle.crypto.tree.Shown.Version;
import isle.crypto.tree.Shown.VersionId;
import isle.fs.model.Attributes;
import isle.fs.model.EntryVersion;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;

/**
 * What tells versions of entries apart: the dots of all records that are behind one, and where its bytes are. A version
 * says in itself what a change of it supersedes (R3), however much is known by then.
 */
final class Versions {
    private static final String COMMA = ",";
    private static final char SEPARATOR = ':';
    private static final int HEX = 2 * Id.BYTES;
    private static final int RADIX = 16;
    private static final int HASH_BYTES = 16;

    private Versions() {}

    static EntryVersion of(Shown shown) {
        List<VersionId> behind = new ArrayList<>();
        for (Version each : shown.versions()) {
            behind.add(new VersionId(each.directory(), each.entry().dot()));
        }
        return of(behind, shown.state().content(), shown.state().attributes());
    }

    static EntryVersion of(Collection<VersionId> behind, Content content, Attributes attributes) {
        List<String> parts = new ArrayList<>();
        for (VersionId each : behind) {
            Dot dot = each.dot();
            parts.add(each.directory()
                    + String.valueOf(SEPARATOR)
                    + Long.toHexString(dot.incarnation())
                    + SEPARATOR
                    + Long.toHexString(dot.counter()));
        }
        parts.sort(null);
        return new EntryVersion(String.join(COMMA, parts), contentId(content), attributes.size());
    }

    /** The dots behind a version. */
    static List<VersionId> behind(EntryVersion version) throws FsException {
        List<VersionId> behind = new ArrayList<>();
        String token = version.token();
        try {
            for (int at = 0; at < token.length(); ) {
                int end = token.indexOf(COMMA, at) < 0 ? token.length() : token.indexOf(COMMA, at);
                int split = token.indexOf(SEPARATOR, at + HEX + 1);
                Dot dot = new Dot(
                        Long.parseUnsignedLong(token.substring(at + HEX + 1, split), RADIX),
                        Long.parseLong(token.substring(split + 1, end), RADIX));
                behind.add(new VersionId(Id.ofHex(token.substring(at, at + HEX)), dot));
                at = end + 1;
            }
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new FsException.Corrupt("a version that is none of a vault", e);
        }
        return behind;
    }

    private static String contentId(Content content) {
        if (content instanceof Content.Packed packed) {
            return "p" + packed.directory() + packed.pack() + "." + packed.offset() + "." + packed.length();
        }
        if (content instanceof Content.Blocks blocks) {
            return "b" + hash(blocks.blocks());
        }
        if (content instanceof Content.Tree tree) {
            return "t" + tree.root().object();
        }
        return "0";
    }

    private static String hash(List<Block> blocks) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Block each : blocks) {
                ByteBuffer bytes = ByteBuffer.allocate(Id.BYTES + Integer.BYTES);
                each.object().put(bytes);
                digest.update(bytes.putInt(each.length()).flip());
            }
            return HexFormat.of().formatHex(digest.digest(), 0, HASH_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
