package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.seal.Sealer;
import isle.crypto.tree.Content;
import isle.crypto.v1.PackCodec.SealedPack;
import isle.crypto.v1.PackStore;
import isle.crypto.v1.PackStore.Kept;
import isle.crypto.vault.VaultState.Known;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Reads the content of small files out of payload sections, wherever those are (R12). A section that is short, or asked
 * for a second time, is fetched whole and kept for a while: files of one pack are mostly read together.
 */
final class Payloads {

    /** A section of up to so many bytes is fetched whole at once. */
    static final int SMALL = 256 << 10;

    /** A section of more bytes is never kept; a full one is, with its padding. */
    private static final long LARGEST = Sealer.paddedPlainSize(PackBuilder.MOST_PAYLOAD);

    private static final long MOST_KEPT = 12 << 20;
    private static final int MOST_REMEMBERED = 4096;
    private static final int LOCKS = 16;

    private final PackStore packs;
    private final VaultState state;
    private final Promises promises;
    private final Headers headers;
    private final Recent<Section, byte[]> opened = new Recent<>(MOST_KEPT, bytes -> bytes.length);
    private final Recent<Section, Boolean> asked = new Recent<>(MOST_REMEMBERED, mark -> 1);
    private final Recent<Id, Kept> apart = new Recent<>(MOST_REMEMBERED, copy -> 1);
    private final List<ReentrantLock> locks = new ArrayList<>();

    /** Packs that this host has promised to send: the store need not have them yet. */
    @FunctionalInterface
    interface Promises {
        /** There are none. */
        Promises NONE = pack -> Optional.empty();

        /** One of them by its id, if it is one. */
        Optional<SealedPack> find(Id pack);
    }

    private record Section(Id directory, Id pack, int generation) {
        Section(Content.Packed content) {
            this(content.directory(), content.pack(), content.generation());
        }
    }

    Payloads(PackStore packs, VaultState state, Promises promises, Headers headers) {
        this.packs = packs;
        this.state = state;
        this.promises = promises;
        this.headers = headers;
        for (int i = 0; i < LOCKS; i++) {
            locks.add(new ReentrantLock());
        }
    }

    /**
     * Reads bytes of a small file.
     *
     * @param offset in the file; what is asked for is within it
     * @throws FsException.Corrupt they are not there, or not what was written
     */
    ByteBuffer read(Content.Packed content, int offset, int length) throws FsException {
        Section section = new Section(content);
        byte[] whole = opened.get(section);
        if (whole == null) {
            // who else wants the same section waits for it, instead of fetching it too
            ReentrantLock lock = locks.get(Math.floorMod(section.hashCode(), LOCKS));
            lock.lock();
            try {
                whole = opened.get(section);
                if (whole == null) {
                    whole = located(content, (size, source) -> wholeIfWorthIt(content, size, source))
                            .orElse(null);
                }
            } finally {
                lock.unlock();
            }
        }
        if (whole == null) {
            return located(content, (size, source) -> part(content, size, source, offset, length));
        }
        long from = content.offset() + offset;
        if (from > whole.length - length) {
            throw new FsException.Corrupt("a record names content that its pack does not have");
        }
        return ByteBuffer.wrap(whole, (int) from, length);
    }

    /** Reads something out of a payload section. */
    private interface Reading<T> {
        T from(long payloadBytes, Sealer.Source source) throws FsException;
    }

    private Optional<byte[]> wholeIfWorthIt(Content.Packed content, long size, Sealer.Source source)
            throws FsException {
        Section section = new Section(content);
        boolean again = asked.get(section) != null;
        asked.put(section, true);
        if (size > SMALL && (size > LARGEST || !again)) {
            return Optional.empty();
        }
        ByteBuffer plain = packs.open(content, size, source, 0, (int) size);
        byte[] bytes = new byte[plain.remaining()];
        plain.get(bytes);
        opened.put(section, bytes);
        return Optional.of(bytes);
    }

    private ByteBuffer part(Content.Packed content, long size, Sealer.Source source, int offset, int length)
            throws FsException {
        return headers.open(
                content.pack(),
                source,
                remembering -> packs.open(content, size, remembering, content.offset() + offset, length));
    }

    private <T> T located(Content.Packed content, Reading<T> reading) throws FsException {
        for (int attempt = 0; attempt < 2; attempt++) {
            Known known = state.pack(content.pack()).orElse(null);
            SealedPack promised = promises.find(content.pack()).orElse(null);
            if (known != null && promised != null) {
                return reading.from(known.payloadBytes(), payload(promised));
            }
            if (known != null && known.there()) {
                try {
                    return reading.from(known.payloadBytes(), packs.payload(known.key()));
                } catch (FsException.NotFound e) {
                    // a compaction has taken it in
                    state.gone(known.key());
                }
            }
            try {
                Kept kept = kept(content.pack());
                return reading.from(kept.payloadBytes(), packs.payload(kept));
            } catch (FsException.NotFound e) {
                // it is in a pack that was not read yet, or was taken in just now
            }
            if (attempt == 0) {
                state.refresh(List.of(content.directory()));
            }
        }
        throw new FsException.Corrupt("the content of a file is missing in the store: neither its pack "
                + content.pack() + " is there nor a copy of what was in it");
    }

    private static Sealer.Source payload(SealedPack promised) {
        ByteBuffer bytes = promised.bytes();
        int start = bytes.position() + promised.key().indexBytes();
        return (at, count) -> bytes.slice(Math.toIntExact(start + at), count);
    }

    private Kept kept(Id pack) throws FsException {
        Kept known = apart.get(pack);
        if (known != null) {
            return known;
        }
        Kept kept = packs.kept(pack);
        apart.put(pack, kept);
        return kept;
    }
}
