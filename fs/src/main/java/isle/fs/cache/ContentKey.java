package isle.fs.cache;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Names a content of a volume in a fixed number of bytes: the first half of the SHA-256 of both names. Neither name
 * can be told from it without guessing both, so that files on disk say nothing of what they belong to.
 *
 * @param volume a short hash of the volume's name, by which the bytes on disk are counted
 */
record ContentKey(long high, long low, int volume) {

    /** {@code volumeTag} is what {@link #volumeTag(String)} gives for {@code volume}. */
    static ContentKey of(String volume, int volumeTag, String contentId) {
        ByteBuffer digest = ByteBuffer.wrap(digest(volume, contentId));
        return new ContentKey(digest.getLong(), digest.getLong(), volumeTag);
    }

    static int volumeTag(String volume) {
        return ByteBuffer.wrap(digest(volume, "")).getInt();
    }

    /** Chars go in as they are: an encoding would make all malformed ids equal. */
    private static byte[] digest(String volume, String contentId) {
        ByteBuffer text = ByteBuffer.allocate(Integer.BYTES + Character.BYTES * (volume.length() + contentId.length()));
        text.putInt(volume.length());
        text.asCharBuffer().put(volume).put(contentId);
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.array());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    String hex() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }

    /** The parts are hashes already. */
    @Override
    public int hashCode() {
        return (int) (low ^ (low >>> 32));
    }
}
