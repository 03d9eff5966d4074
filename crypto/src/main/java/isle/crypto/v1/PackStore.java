package isle.crypto.v1;

import isle.crypto.seal.Binding;
import isle.crypto.seal.Id;
import isle.crypto.seal.Role;
import isle.crypto.seal.Sealer;
import isle.crypto.tree.Content;
import isle.crypto.v1.IndexCodec.Section;
import isle.crypto.v1.PackCodec.SealedPack;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.ObjectSummary;
import isle.fs.spi.ObjectStore.PutResult;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The packs and the content of a vault, in a store: listed, fetched and opened, sealed and put. It does not know what they
 * say together.
 */
public final class PackStore {

    /** What the keys of content outside of packs begin with. */
    static final String OBJECTS = "b/";

    /** No index section is longer; a key that says so is no reason to make room for it. */
    static final int MOST_INDEX_BYTES = 64 << 20;

    /** No block is longer. */
    private static final int MOST_BLOCK_BYTES = 4 << 20;

    /** What follows the id of a pack in the key of its copy. */
    private static final Pattern KEPT = Pattern.compile("\\.([1-9][0-9]{0,8})");

    private final ObjectStore store;
    private final Id vault;
    private final KeyRing keys;
    private Instant newest = Instant.MIN;

    /** The keys of a vault. */
    public interface Keys {
        /**
         * What may open an object of this generation, the likeliest first; empty if its key is not known here.
         *
         * @param generation number of the key generation
         */
        List<Sealer> sealers(int generation);
    }

    /**
     * What a list gave.
     *
     * @param strangers objects that are no packs by their keys
     * @param objects what the list says of each pack
     */
    public record Listed(List<PackKey> packs, List<ObjectKey> strangers, Map<PackKey, ObjectSummary> objects) {}

    public PackStore(ObjectStore store, Id vault, Keys keys) {
        this.store = store;
        this.vault = vault;
        this.keys = new KeyRing(keys);
    }

    /** The packs of one directory. */
    public Listed list(Id directory) throws FsException {
        return list(PackKey.prefix(directory));
    }

    /** The packs of all directories. */
    public Listed listAll() throws FsException {
        return list(PackKey.PREFIX);
    }

    private Listed list(String prefix) throws FsException {
        List<PackKey> packs = new ArrayList<>();
        List<ObjectKey> strangers = new ArrayList<>();
        Map<PackKey, ObjectSummary> objects = new HashMap<>();
        for (ObjectSummary object : WholeList.of(store, prefix)) {
            saw(object.lastModified());
            try {
                PackKey key = PackKey.parse(object.key());
                packs.add(key);
                objects.put(key, object);
            } catch (FsException.Corrupt e) {
                strangers.add(object.key());
            }
        }
        return new Listed(packs, strangers, objects);
    }

    private synchronized void saw(Instant time) {
        newest = time.isAfter(newest) ? time : newest;
    }

    /** The latest time of any object that the store has told since this was made: its clock was there already. */
    public synchronized Instant newest() {
        return newest;
    }

    /**
     * Fetches and opens the index section of a pack that was listed.
     *
     * @throws FsException.Corrupt it is not what was sealed for this key
     * @throws FsException.NotFound it is there no more: a compaction has taken it in
     * @throws FsException.AccessDenied the key that it is sealed under is not known here
     */
    public Section read(PackKey key) throws FsException {
        return open(key, index(key));
    }

    /**
     * Fetches the index section of a pack that was listed, as it is in the store.
     *
     * @throws FsException.Corrupt no index section is as long as its key says
     * @throws FsException.NotFound it is there no more: a compaction has taken it in
     */
    public ByteBuffer index(PackKey key) throws FsException {
        if (key.indexBytes() > MOST_INDEX_BYTES) {
            throw new FsException.Corrupt("an index section of more than " + MOST_INDEX_BYTES + " bytes");
        }
        return fetch(store, key.key(), 0, key.indexBytes());
    }

    /**
     * Opens an index section.
     *
     * @throws FsException.Corrupt it is not what was sealed for this key
     * @throws FsException.AccessDenied the key that it is sealed under is not known here
     */
    public Section open(PackKey key, ByteBuffer index) throws FsException {
        return keys.opened(
                key.generation(), sealer -> codec(sealer, key.generation()).openIndex(key, index));
    }

    /** The sealed bytes of the payload section of a pack that is there. */
    public Sealer.Source payload(PackKey key) {
        return (at, count) -> fetch(store, key.key(), key.indexBytes() + at, count);
    }

    /**
     * Fetches the sealed bytes of an object in {@code b/}.
     *
     * @param into is filled from the first byte on
     * @throws FsException.Corrupt the object has fewer bytes
     */
    public void fetch(Id id, ByteBuffer into) throws FsException {
        store.get(object(id), 0, into, null);
        if (into.hasRemaining()) {
            throw new FsException.Corrupt("a block of a file ends early in the store");
        }
    }

    /** The sealed bytes of an object in {@code b/}. */
    public Sealer.Source bytes(Id id) {
        ObjectKey key = object(id);
        return (at, count) -> fetch(store, key, at, count);
    }

    /**
     * The copy of a pack that a compaction has taken in (R11).
     *
     * @param payloadBytes plain length of its payload section, padding included
     */
    public record Kept(ObjectKey key, int indexBytes, long payloadBytes) {}

    /**
     * Looks for the copy of a pack.
     *
     * @throws FsException.NotFound there is none
     * @throws FsException.Corrupt it is none by its size
     */
    public Kept kept(Id pack) throws FsException {
        String prefix = OBJECTS + pack;
        for (ObjectSummary object : store.list(prefix + ".", false, "", 2).objects()) {
            String key = object.key().value();
            Matcher length = KEPT.matcher(key.startsWith(prefix) ? key.substring(prefix.length()) : "");
            if (length.matches()) {
                int indexBytes = Integer.parseInt(length.group(1));
                if (object.size() < indexBytes || object.size() > Integer.MAX_VALUE) {
                    throw new FsException.Corrupt("no copy of a pack has " + object.size() + " bytes");
                }
                return new Kept(object.key(), indexBytes, Sealer.plainSize(object.size() - indexBytes));
            }
        }
        throw new FsException.NotFound("no copy of the pack " + pack);
    }

    /** The sealed bytes of the payload section of a copy. */
    public Sealer.Source payload(Kept kept) {
        return (at, count) -> fetch(store, kept.key(), kept.indexBytes() + at, count);
    }

    /**
     * Copies a pack to where its payload is found when it is gone from {@code d/}, inside the store. It is there whole
     * when this returns.
     *
     * @param listed what a list says of the pack
     * @throws FsException.NotFound the pack is not there any more
     */
    public void keep(PackKey key, ObjectSummary listed) throws FsException {
        ObjectKey target = new ObjectKey(OBJECTS + key.pack() + "." + key.indexBytes());
        PutResult copied = store.copy(key.key(), listed.etag(), target, null);
        copied.lastModified().ifPresent(this::saw);
        if (!copied.etag().equals(listed.etag())) {
            // equal etags would mean equal bytes; this store gives a copy another one
            ByteBuffer one = fetch(store, key.key(), 0, Math.toIntExact(listed.size()));
            ByteBuffer other = fetch(store, target, 0, Math.toIntExact(listed.size()));
            if (!one.equals(other) || store.head(target).summary().size() != listed.size()) {
                throw new FsException.Failed("a copy of a pack has other bytes than the pack");
            }
        }
    }

    /**
     * Takes packs away.
     *
     * @throws FsException of one that is still there
     */
    public void delete(List<PackKey> gone) throws FsException {
        deleteAll(store, gone.stream().map(PackKey::key).toList());
    }

    /**
     * Takes history packs away.
     *
     * @throws FsException of one that is still there
     */
    public void deleteHistory(List<HistoryKey> gone) throws FsException {
        deleteAll(store, gone.stream().map(HistoryKey::key).toList());
    }

    /** @throws FsException of one that is still there */
    static void deleteAll(ObjectStore store, List<ObjectKey> gone) throws FsException {
        for (int from = 0; from < gone.size(); from += ObjectStore.MAX_PAGE) {
            List<ObjectKey> page = gone.subList(from, Math.min(gone.size(), from + ObjectStore.MAX_PAGE));
            for (FsException failure : store.deleteMany(page).values()) {
                throw failure;
            }
        }
    }

    /**
     * Opens a part of a payload section, wherever its bytes are.
     *
     * @param content says which one; its own range does not matter
     * @param payloadBytes plain length of the section
     * @param source its sealed bytes
     * @param offset in the plain section
     */
    public ByteBuffer open(Content.Packed content, long payloadBytes, Sealer.Source source, long offset, int length)
            throws FsException {
        return keys.opened(content.generation(), sealer -> codec(sealer, content.generation())
                .openPayload(content.directory(), content.pack(), payloadBytes, source, offset, length));
    }

    /**
     * Reads bytes of a small file.
     *
     * @param where the payload is that they were written in
     * @param offset in the file
     */
    public ByteBuffer read(Content.Packed content, Located where, long offset, int length) throws FsException {
        if (offset < 0 || length < 0 || offset > content.length() - length) {
            throw new FsException.Invalid("bytes that the file does not have");
        }
        return open(content, where.payloadBytes(), where.source(), content.offset() + offset, length);
    }

    /**
     * Where the payload of a pack is.
     *
     * @param payloadBytes plain length of the section
     * @param source its sealed bytes
     */
    public record Located(long payloadBytes, Sealer.Source source) {}

    /** The payload of a pack that is there. */
    public Located in(PackKey key, Section section) {
        return new Located(section.payloadBytes(), payload(key));
    }

    /** The payload of a pack that a compaction has taken in. */
    public Located apart(Content.Packed content) throws FsException {
        Kept kept = kept(content.pack());
        return new Located(kept.payloadBytes(), payload(kept));
    }

    /**
     * Reads a block.
     *
     * @param file inode that the block is sealed for
     */
    public ByteBuffer read(Id file, Content.Block block) throws FsException {
        return read(file, Role.BLOCK, block);
    }

    ByteBuffer read(Id file, Role role, Content.Block block) throws FsException {
        return open(file, role, block, bytes(block.object()), 0, ByteBuffer.allocate(length(block)))
                .flip();
    }

    /**
     * Opens bytes of a block into a buffer.
     *
     * @param file inode that the block is sealed for
     * @param into is filled; it is as empty as before if this fails
     * @return {@code into}
     */
    public ByteBuffer open(Id file, Content.Block block, Sealer.Source source, int offset, ByteBuffer into)
            throws FsException {
        return open(file, Role.BLOCK, block, source, offset, into);
    }

    private ByteBuffer open(Id file, Role role, Content.Block block, Sealer.Source source, int offset, ByteBuffer into)
            throws FsException {
        Binding binding = new Binding(vault, block.generation(), file, block.object(), role);
        return keys.opened(block.generation(), sealer -> {
            sealer.open(binding, Sealer.paddedPlainSize(length(block)), source, offset, into);
            return into;
        });
    }

    /**
     * Plain bytes of a block.
     *
     * @throws FsException.Corrupt no block has so many
     */
    public static int length(Content.Block block) throws FsException.Corrupt {
        if (block.length() > MOST_BLOCK_BYTES) {
            throw new FsException.Corrupt("no block has " + block.length() + " bytes");
        }
        return block.length();
    }

    /** Bytes that a block of so many bytes takes in the store. */
    public static int sealedBytes(int plainBytes) {
        return Math.toIntExact(Sealer.sealedSize(Sealer.paddedPlainSize(plainBytes)));
    }

    /** Stores a pack. The same again has the same effect as once (R6). */
    public void put(SealedPack sealed) throws FsException {
        put(sealed.key().key(), sealed.bytes());
    }

    /**
     * Seals and stores a block of a file.
     *
     * @param object an id that was never used
     * @param sealed room for the sealed bytes, as many as {@link #sealedBytes}; it is the store's until this returns, and
     *     when this fails, too
     */
    public Content.Block put(Id file, Id object, int generation, ByteBuffer plain, ByteBuffer sealed)
            throws FsException {
        return put(new Binding(vault, generation, file, object, Role.BLOCK), plain, sealed);
    }

    /** What names blocks is stored as they are. */
    Content.Block put(Id file, Role role, Id object, int generation, ByteBuffer plain) throws FsException {
        ByteBuffer sealed = ByteBuffer.allocate(sealedBytes(plain.remaining()));
        return put(new Binding(vault, generation, file, object, role), plain, sealed);
    }

    private Content.Block put(Binding binding, ByteBuffer plain, ByteBuffer sealed) throws FsException {
        int length = plain.remaining();
        keys.sealers(binding.generation()).get(0).seal(binding, PackCodec.padded(plain), sealed);
        put(object(binding.object()), sealed.flip());
        return new Content.Block(binding.object(), binding.generation(), length);
    }

    private void put(ObjectKey key, ByteBuffer bytes) throws FsException {
        store.put(key, Body.of(array(bytes)), ObjectMetadata.NONE)
                .lastModified()
                .ifPresent(this::saw);
    }

    /** Seals packs under the key of this generation. */
    public PackCodec codec(int generation) throws FsException {
        return codec(keys.sealers(generation).get(0), generation);
    }

    private PackCodec codec(Sealer sealer, int generation) {
        return new PackCodec(sealer, vault, generation);
    }

    /** The bytes, without a copy where there is nothing else in their array: a block has 4 MiB. */
    private static byte[] array(ByteBuffer bytes) {
        if (bytes.hasArray() && bytes.arrayOffset() == 0 && bytes.remaining() == bytes.array().length) {
            return bytes.array();
        }
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return copy;
    }

    static ObjectKey object(Id id) {
        return new ObjectKey(OBJECTS + id);
    }

    private static ByteBuffer fetch(ObjectStore store, ObjectKey key, long offset, int length) throws FsException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        store.get(key, offset, bytes, null);
        return bytes.flip();
    }

    /**
     * The history packs of one directory; objects there that are none by their keys are left out.
     *
     * @return with what the list says of each
     */
    public Map<HistoryKey, ObjectSummary> history(Id directory) throws FsException {
        return history(HistoryKey.prefix(directory));
    }

    /** Those of all directories. */
    public Map<HistoryKey, ObjectSummary> history() throws FsException {
        return history(HistoryKey.PREFIX);
    }

    private Map<HistoryKey, ObjectSummary> history(String prefix) throws FsException {
        Map<HistoryKey, ObjectSummary> found = new LinkedHashMap<>();
        for (ObjectSummary object : WholeList.of(store, prefix)) {
            saw(object.lastModified());
            try {
                found.put(HistoryKey.parse(object.key()), object);
            } catch (FsException.Corrupt e) {
                // no isle has put it there
            }
        }
        return found;
    }

    /**
     * Fetches and opens a history pack that was listed.
     *
     * @throws FsException.Corrupt it is not what was sealed for this key
     * @throws FsException.NotFound it is there no more: it was merged into another one
     * @throws FsException.AccessDenied the key that it is sealed under is not known here
     */
    public List<HistoryCodec.Past> read(HistoryKey key) throws FsException {
        if (key.bytes() > MOST_INDEX_BYTES) {
            throw new FsException.Corrupt("a history pack of more than " + MOST_INDEX_BYTES + " bytes");
        }
        ByteBuffer bytes = fetch(store, key.key(), 0, key.bytes());
        return keys.opened(
                key.generation(), sealer -> new HistoryCodec(sealer, vault, key.generation()).open(key, bytes));
    }

    /** Seals history packs under the key of this generation. */
    public HistoryCodec historyCodec(int generation) throws FsException {
        return new HistoryCodec(keys.sealers(generation).get(0), vault, generation);
    }

    /** Stores a history pack. */
    public void put(HistoryCodec.SealedHistory sealed) throws FsException {
        put(sealed.key().key(), sealed.bytes());
    }

    /** What is in {@code b/}, by id; objects there that are none by their keys are left out. */
    public Map<Id, ObjectSummary> objects() throws FsException {
        Map<Id, ObjectSummary> objects = new HashMap<>();
        for (ObjectSummary object : WholeList.of(store, OBJECTS)) {
            try {
                String name = object.key().value().substring(OBJECTS.length());
                int end = name.indexOf('.');
                objects.put(Id.ofHex(end < 0 ? name : name.substring(0, end)), object);
            } catch (IllegalArgumentException e) {
                // no isle has put it there
            }
        }
        return objects;
    }
}
