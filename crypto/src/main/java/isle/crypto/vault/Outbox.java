package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Dot;
import isle.crypto.v1.PackCodec.SealedPack;
import isle.crypto.v1.PackKey;
import isle.crypto.v1.PackStore;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What this host has promised to send: sealed packs that are on its disk before the first byte is sent, so that a retry,
 * also one after a crash, sends the same bytes under the same keys (R6). Its bytes: {@code FORMAT.md}, "On this host".
 *
 * <p>One batch at a time is outstanding. May be used by several threads; whoever asks for a token does not wait for the
 * store.
 */
final class Outbox implements AutoCloseable {

    static final String FILE = "batch";

    private static final byte[] MAGIC = "isle-out".getBytes(StandardCharsets.US_ASCII);
    private static final short FORMAT = 1;
    private static final int HASH_BYTES = 32;

    private final LocalDisk disk;
    private final Id vault;
    private final PackStore packs;
    private final Parallel parallel;
    private final SentTokens tokens;

    private final ReentrantLock sending = new ReentrantLock();
    private final Set<PackKey> acknowledged = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Batch outstanding;

    /**
     * Packs that are sent together.
     *
     * @param phases packs of one phase in any order, all of a phase before the next
     * @param tokens what each change has become; no names
     */
    record Batch(List<List<SealedPack>> phases, Map<String, Became> tokens) {
        Batch {
            phases = phases.stream().map(List::copyOf).toList();
            tokens = Map.copyOf(tokens);
        }

        /** All of them, in order. */
        List<SealedPack> packs() {
            return phases.stream().flatMap(List::stream).toList();
        }
    }

    /** A record of a directory. */
    record Became(Id directory, Dot dot) {}

    /**
     * Finds what an earlier process left. A batch that is damaged is none: its changes are published anew.
     *
     * @param disk the folder of the outbox
     */
    Outbox(LocalDisk disk, Id vault, PackStore packs, Parallel parallel) throws FsException {
        this.disk = disk;
        this.vault = vault;
        this.packs = packs;
        this.parallel = parallel;
        this.tokens = new SentTokens(disk);
        this.outstanding = disk.read(FILE).flatMap(this::decode).orElse(null);
    }

    /** What is not known to have arrived whole. */
    Optional<Batch> outstanding() {
        return Optional.ofNullable(outstanding);
    }

    /** A pack of what is not known to have arrived whole; its bytes are needed here as well. */
    Optional<SealedPack> promised(Id pack) {
        Batch batch = outstanding;
        return batch == null
                ? Optional.empty()
                : batch.packs().stream()
                        .filter(each -> each.key().pack().equals(pack))
                        .findFirst();
    }

    /**
     * Promises to send a batch; it is on the disk when this returns.
     *
     * @throws FsException.Busy one is outstanding
     * @throws FsException.NoSpace the disk is full; nothing is promised
     */
    void write(Batch batch) throws FsException {
        sending.lock();
        try {
            if (outstanding != null) {
                throw new FsException.Busy("a batch of the vault is outstanding");
            }
            disk.write(FILE, encode(batch));
            acknowledged.clear();
            outstanding = batch;
        } finally {
            sending.unlock();
        }
    }

    /**
     * Sends what is outstanding, if anything.
     *
     * @throws FsException it is not known to have arrived whole; it stays outstanding
     */
    void send() throws FsException {
        sending.lock();
        try {
            Batch batch = outstanding;
            if (batch == null) {
                return;
            }
            for (List<SealedPack> phase : batch.phases()) {
                List<SealedPack> rest = phase.stream()
                        .filter(each -> !acknowledged.contains(each.key()))
                        .toList();
                parallel.run(rest.size(), index -> {
                    packs.put(rest.get(index));
                    acknowledged.add(rest.get(index).key());
                });
            }
            tokens.add(batch.tokens());
            disk.delete(FILE);
            outstanding = null;
        } finally {
            sending.unlock();
        }
    }

    /** What a token became that was in the batch that is outstanding or in one of the last that were sent. */
    Optional<Became> recognise(String token) {
        Batch batch = outstanding;
        Became became = batch == null ? null : batch.tokens().get(token);
        return became == null ? tokens.find(token) : Optional.of(became);
    }

    private List<ByteBuffer> encode(Batch batch) {
        List<ByteBuffer> pieces = new ArrayList<>();
        ByteBuffer start = ByteBuffer.allocate(MAGIC.length + Short.BYTES + Id.BYTES)
                .put(MAGIC)
                .putShort(FORMAT);
        vault.put(start);
        pieces.add(start.flip());
        pieces.add(SentTokens.encode(batch.tokens()));
        pieces.add(
                ByteBuffer.allocate(Integer.BYTES).putInt(batch.packs().size()).flip());
        for (int phase = 0; phase < batch.phases().size(); phase++) {
            for (SealedPack pack : batch.phases().get(phase)) {
                byte[] key = pack.key().key().value().getBytes(StandardCharsets.US_ASCII);
                pieces.add(ByteBuffer.allocate(2 * Integer.BYTES + Short.BYTES + key.length)
                        .putInt(phase)
                        .putShort((short) key.length)
                        .put(key)
                        .putInt(pack.bytes().remaining())
                        .flip());
                pieces.add(pack.bytes().duplicate());
            }
        }
        MessageDigest hash = hash();
        pieces.forEach(piece -> hash.update(piece.duplicate()));
        pieces.add(ByteBuffer.wrap(hash.digest()));
        return pieces;
    }

    private Optional<Batch> decode(byte[] bytes) {
        int end = bytes.length - HASH_BYTES;
        if (end < 0) {
            return Optional.empty();
        }
        MessageDigest hash = hash();
        hash.update(bytes, 0, end);
        ByteBuffer source = ByteBuffer.wrap(bytes, 0, end);
        if (!ByteBuffer.wrap(hash.digest()).equals(ByteBuffer.wrap(bytes, end, HASH_BYTES))) {
            return Optional.empty();
        }
        byte[] magic = new byte[MAGIC.length];
        source.get(magic);
        if (!ByteBuffer.wrap(magic).equals(ByteBuffer.wrap(MAGIC))
                || source.getShort() != FORMAT
                || !Id.get(source).equals(vault)) {
            return Optional.empty();
        }
        Map<String, Became> became = SentTokens.decode(source);
        Map<Integer, List<SealedPack>> phases = new LinkedHashMap<>();
        try {
            for (int left = source.getInt(); left > 0; left--) {
                List<SealedPack> phase = phases.computeIfAbsent(source.getInt(), p -> new ArrayList<>());
                byte[] key = new byte[source.getShort()];
                source.get(key);
                byte[] sealed = new byte[source.getInt()];
                source.get(sealed);
                ObjectKey object = new ObjectKey(new String(key, StandardCharsets.US_ASCII));
                phase.add(new SealedPack(PackKey.parse(object), ByteBuffer.wrap(sealed)));
            }
        } catch (FsException e) {
            return Optional.empty();
        }
        return Optional.of(new Batch(List.copyOf(phases.values()), became));
    }

    private static MessageDigest hash() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }

    @Override
    public void close() {
        tokens.close();
    }
}
