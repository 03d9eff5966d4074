package isle.fs.s3;

import isle.fs.spi.ObjectStore.Part;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** The etag of an object that was made of parts: the MD5 of the parts' etags, and how many they were. */
final class MultipartEtag {

    private MultipartEtag() {}

    /** Whether {@code etag} is that of an object of these parts. False when the etags of the parts are no MD5s. */
    static boolean matches(String etag, List<Part> parts) {
        MessageDigest ofBytes = md5();
        MessageDigest ofText = md5();
        for (Part part : parts) {
            ofText.update(part.etag().getBytes(StandardCharsets.US_ASCII));
            try {
                ofBytes.update(HexFormat.of().parseHex(part.etag()));
            } catch (IllegalArgumentException notHex) {
                return false;
            }
        }
        String count = "-" + parts.size();
        // S3 hashes the etags as bytes, Garage as text.
        return etag.equals(hex(ofBytes) + count) || etag.equals(hex(ofText) + count);
    }

    private static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
