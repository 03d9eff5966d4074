package isle.crypto.seal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Where a sealed object belongs: the associated data of its seal. Bytes that were sealed under one binding open under no
 * other, so nobody who can write to the store passes an object off as another one.
 *
 * @param vault the vault
 * @param generation number of the key generation that it is sealed under, from 1
 * @param owner the directory or file that it is part of
 * @param object its own id, drawn at sealing and used once
 * @param role what it is there for
 */
public record Binding(Id vault, int generation, Id owner, Id object, Role role) {

    /** How many bytes every encoded binding has. */
    public static final int BYTES = 65;

    private static final byte FORMAT = 1;
    private static final byte[] DOMAIN = "isle-object".getBytes(StandardCharsets.US_ASCII);

    public Binding {
        if (generation < 1) {
            throw new IllegalArgumentException("key generation " + generation);
        }
    }

    /** The bytes that the seal covers. Every field has its place and its length, so two bindings never share bytes. */
    public byte[] encode() {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        bytes.put(FORMAT).put(DOMAIN);
        vault.put(bytes);
        bytes.putInt(generation);
        owner.put(bytes);
        object.put(bytes);
        bytes.put((byte) role.code());
        return bytes.array();
    }
}
