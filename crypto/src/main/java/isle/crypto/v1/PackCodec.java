package isle.crypto.v1;

import isle.crypto.seal.Binding;
import isle.crypto.seal.Id;
import isle.crypto.seal.Role;
import isle.crypto.seal.Sealer;
import isle.crypto.tree.Pack;
import isle.crypto.v1.IndexCodec.Section;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;

/** Seals packs into objects and opens them: the index section, and behind it the payload section. */
public final class PackCodec {

    private final Sealer sealer;
    private final Id vault;
    private final int generation;

    /**
     * @param sealer of this generation's key
     * @param vault the vault that the packs belong to
     * @param generation of the key
     */
    public PackCodec(Sealer sealer, Id vault, int generation) {
        this.sealer = sealer;
        this.vault = vault;
        this.generation = generation;
    }

    /** An object that is ready to be sent. */
    public record SealedPack(PackKey key, ByteBuffer bytes) {}

    /**
     * Seals a pack. Twice the same gives different bytes: what is sent again has to be kept (R6).
     *
     * @param payload content that records of this pack name by {@link isle.crypto.tree.Content.Packed}; its position
     *     stays
     */
    public SealedPack seal(Pack pack, int tier, ByteBuffer payload) {
        byte[] plain = IndexCodec.encode(new Section(pack, generation, payload.remaining()));
        ByteBuffer index = seal(pack.directory(), pack.id(), Role.INDEX, ByteBuffer.wrap(plain));
        int indexBytes = index.remaining();
        ByteBuffer bytes = index;
        if (payload.hasRemaining()) {
            ByteBuffer content = seal(pack.directory(), pack.id(), Role.PAYLOAD, payload);
            bytes = ByteBuffer.allocate(indexBytes + content.remaining())
                    .put(index)
                    .put(content)
                    .flip();
        }
        return new SealedPack(new PackKey(pack.directory(), tier, generation, pack.id(), indexBytes), bytes);
    }

    private ByteBuffer seal(Id directory, Id pack, Role role, ByteBuffer plain) {
        return sealer.seal(binding(directory, pack, role), padded(plain));
    }

    /** Filled up with zeros to a length that says little; the same bytes if they have such a length. */
    static ByteBuffer padded(ByteBuffer plain) {
        int length = Math.toIntExact(Sealer.paddedPlainSize(plain.remaining()));
        if (length == plain.remaining()) {
            return plain.duplicate();
        }
        ByteBuffer padded = ByteBuffer.allocate(length);
        return padded.put(plain.duplicate()).rewind();
    }

    private Binding binding(Id directory, Id pack, Role role) {
        return new Binding(vault, generation, directory, pack, role);
    }

    /**
     * Opens the index section of a pack that was listed under this key.
     *
     * @param index the first {@link PackKey#indexBytes} bytes of the object
     * @throws FsException.Corrupt they are not what was sealed for this key
     */
    public Section openIndex(PackKey key, ByteBuffer index) throws FsException {
        if (index.remaining() != key.indexBytes()) {
            throw new FsException.Corrupt("an index section has another length than its key says");
        }
        ByteBuffer plain = sealer.open(binding(key.directory(), key.pack(), Role.INDEX), index);
        byte[] bytes = new byte[plain.remaining()];
        plain.get(bytes);
        return IndexCodec.decode(bytes, key);
    }

    /**
     * Opens a part of a payload section.
     *
     * @param directory that the pack was written for
     * @param payloadBytes plain length of the section before padding, or with it
     * @param source sealed bytes of the payload section, counted from its own beginning
     * @param offset of the part, in the plain payload
     */
    public ByteBuffer openPayload(
            Id directory, Id pack, long payloadBytes, Sealer.Source source, long offset, int length)
            throws FsException {
        if (offset < 0 || length < 0 || offset > payloadBytes - length) {
            throw new FsException.Corrupt("a record names content that its pack does not have");
        }
        Binding binding = binding(directory, pack, Role.PAYLOAD);
        return sealer.open(binding, Sealer.paddedPlainSize(payloadBytes), source, offset, length);
    }
}
