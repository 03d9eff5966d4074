package isle.crypto.identity;

import isle.crypto.seal.Octets;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Arrays;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/** Makes a key of a passphrase: Argon2id version 1.3 (RFC 9106), over the UTF-8 of the passphrase in form NFC. */
final class Passphrase {

    private static final int KEY_BYTES = 32;

    private Passphrase() {}

    /**
     * The 32-byte key. Takes about as long as the cost says. What is made of the passphrase in between is wiped; the
     * passphrase itself is the caller's to wipe.
     */
    static byte[] key(char[] passphrase, PassphraseCost cost, Octets salt) {
        byte[] utf8 = utf8(passphrase);
        try {
            Argon2BytesGenerator generator = new Argon2BytesGenerator();
            generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                    .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                    .withMemoryAsKB(cost.memoryKib())
                    .withIterations(cost.passes())
                    .withParallelism(cost.lanes())
                    .withSalt(salt.toBytes())
                    .build());
            byte[] key = new byte[KEY_BYTES];
            generator.generateBytes(utf8, key);
            return key;
        } finally {
            Arrays.fill(utf8, (byte) 0);
        }
    }

    /**
     * One passphrase gives the same bytes whichever way a keyboard composes its accents. Only a passphrase beyond ASCII
     * needs that, and costs a String, which cannot be wiped.
     */
    private static byte[] utf8(char[] passphrase) {
        CharBuffer chars = CharBuffer.wrap(passphrase);
        boolean ascii = chars.chars().allMatch(c -> c < 0x80);
        ByteBuffer encoded = StandardCharsets.UTF_8.encode(
                ascii ? chars : CharBuffer.wrap(Normalizer.normalize(chars, Normalizer.Form.NFC)));
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        encoded.clear();
        while (encoded.hasRemaining()) {
            encoded.put((byte) 0);
        }
        return bytes;
    }
}
