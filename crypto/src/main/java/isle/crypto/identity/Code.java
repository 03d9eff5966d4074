package isle.crypto.identity;

import com.google.crypto.tink.subtle.Hkdf;
import com.google.crypto.tink.subtle.X25519;
import isle.crypto.seal.Octets;
import isle.fs.model.FsException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Locale;

/**
 * A secret that a person copies by hand: 128 random bits and 12 check bits, as 28 characters of Crockford's base32 in
 * groups of four. The recovery code is shown once and written down; a link code is shown by one host and typed on
 * another, minutes later.
 *
 * <p>Nothing slows guessing down, and nothing needs to: there are 2^128 codes.
 */
public final class Code {

    /** What a code opens. Codes of different purposes never open each other's locks, nor pass each other's check. */
    public enum Purpose {
        RECOVERY("recovery code", "isle/recovery-code/1"),
        LINK("link code", "isle/link-code/1");

        private final String title;
        private final String label;

        Purpose(String title, String label) {
            this.title = title;
            this.label = label;
        }

        /** What people call it. */
        String title() {
            return title;
        }

        private byte[] label() {
            return label.getBytes(StandardCharsets.US_ASCII);
        }
    }

    /** How many letters and digits a code has, without the dashes. */
    public static final int CHARACTERS = 28;

    private static final int SECRET_BYTES = 16;
    private static final int CHECK_BITS = 12;
    private static final int GROUP = 4;
    private static final int BITS = 5;

    /** Crockford's: no I, L, O, U. */
    private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private final Purpose purpose;
    private final byte[] secret;

    private Code(Purpose purpose, byte[] secret) {
        this.purpose = purpose;
        this.secret = secret;
    }

    /** A new one. */
    public static Code random(Purpose purpose, SecureRandom random) {
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        return new Code(purpose, secret);
    }

    static Code ofSecret(Purpose purpose, byte[] secret) {
        if (secret.length != SECRET_BYTES) {
            throw new IllegalArgumentException("a code has " + SECRET_BYTES + " bytes");
        }
        return new Code(purpose, secret.clone());
    }

    /**
     * Reads what a person typed: upper or lower case, with or without spaces and dashes, O for 0, I or L for 1.
     *
     * @throws CodeProblem if it is no code of this purpose; a mistake passes once in 4096 times
     */
    public static Code parse(Purpose purpose, String typed) throws CodeProblem {
        String text = typed.replaceAll("[\\s\\p{Pd}]", "").toUpperCase(Locale.ROOT);
        if (text.length() != CHARACTERS) {
            throw new CodeProblem.WrongLength(text.length());
        }
        int[] values = new int[CHARACTERS];
        for (int i = 0; i < CHARACTERS; i++) {
            values[i] = ALPHABET.indexOf(meant(text.charAt(i)));
            if (values[i] < 0) {
                throw new CodeProblem.WrongCharacter(i + 1);
            }
        }
        byte[] secret = new byte[SECRET_BYTES];
        int check = 0;
        for (int bit = 0; bit < CHARACTERS * BITS; bit++) {
            int value = values[bit / BITS] >>> (BITS - 1 - bit % BITS) & 1;
            if (bit < SECRET_BYTES * Byte.SIZE) {
                secret[bit / Byte.SIZE] |= (byte) (value << (Byte.SIZE - 1 - bit % Byte.SIZE));
            } else {
                check = (check << 1) | value;
            }
        }
        if (check != check(purpose, secret)) {
            throw new CodeProblem.CheckFails(purpose);
        }
        return new Code(purpose, secret);
    }

    private static char meant(char c) {
        return switch (c) {
            case 'O' -> '0';
            case 'I', 'L' -> '1';
            default -> c;
        };
    }

    /** The first 12 bits of SHA-256 over purpose and secret. */
    private static int check(Purpose purpose, byte[] secret) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(purpose.label());
            byte[] hash = digest.digest(secret);
            return ((hash[0] & 0xff) << Byte.SIZE | (hash[1] & 0xff)) >>> (2 * Byte.SIZE - CHECK_BITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** What a person is shown: seven groups of four. The secret itself: for the screen only, never for a log. */
    public String show() {
        int check = check(purpose, secret);
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < CHARACTERS; i++) {
            if (i > 0 && i % GROUP == 0) {
                shown.append('-');
            }
            int value = 0;
            for (int bit = i * BITS; bit < (i + 1) * BITS; bit++) {
                int at = bit - SECRET_BYTES * Byte.SIZE;
                int next = at < 0
                        ? secret[bit / Byte.SIZE] >>> (Byte.SIZE - 1 - bit % Byte.SIZE)
                        : check >>> (CHECK_BITS - 1 - at);
                value = (value << 1) | (next & 1);
            }
            shown.append(ALPHABET.charAt(value));
        }
        return shown.toString();
    }

    public Purpose purpose() {
        return purpose;
    }

    /** The 32-byte key for a lock with this salt: HKDF-SHA256 of the secret, the purpose as information. */
    byte[] key(Octets salt) {
        try {
            return Hkdf.computeHkdf("HmacSha256", secret, salt.toBytes(), purpose.label(), 32);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no HKDF", e);
        }
    }

    /** The public half of the key pair for a lock with this salt: X25519, the private half is {@link #key}. */
    Octets publicKey(Octets salt) {
        try {
            return Octets.copyOf(X25519.publicFromPrivate(key(salt)));
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("every 32 bytes are a key", e);
        }
    }

    /** Opens what was sealed to the key pair of a lock; errors as of {@link KeyPairs#open}. */
    byte[] open(Lock.ToRecoveryCode lock, Octets sealed, byte[] context) throws FsException {
        try {
            return KeyPairs.open(KeyPairs.hpke(key(lock.salt())), sealed, context);
        } catch (GeneralSecurityException e) {
            throw new FsException.AccessDenied("this code opens something else", e);
        }
    }

    /**
     * Reads what a person typed where either kind is fine.
     *
     * @throws CodeProblem if it is no code of any purpose
     */
    public static Code parse(String typed) throws CodeProblem {
        try {
            return parse(Purpose.RECOVERY, typed);
        } catch (CodeProblem.CheckFails other) {
            return parse(Purpose.LINK, typed);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Code that && purpose == that.purpose && MessageDigest.isEqual(secret, that.secret);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(secret);
    }

    /** Names the kind, never the code. */
    @Override
    public String toString() {
        return purpose.title();
    }
}
