package isle.crypto.v1;

import isle.crypto.seal.Id;
import isle.crypto.v1.MarkCodec.SealedMark;
import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ListPage;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.ObjectSummary;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The marks of a vault in a store, and what the collection has to know of it and to do to it (R15). */
public final class MarkStore {

    private static final String HEADERS = "h/";

    /** What a vault has in a store: header records, packs, content, history packs, marks. */
    private static final Set<String> KNOWN =
            Set.of(HEADERS, PackKey.PREFIX, PackStore.OBJECTS, HistoryKey.PREFIX, MarkKey.PREFIX);

    /** No mark is longer: it has at most 20 000 objects, each of 26 bytes. What a key claims takes no more memory. */
    private static final int MOST_BYTES = 1 << 20;

    private final ObjectStore store;
    private final Id vault;
    private final KeyRing keys;

    public MarkStore(ObjectStore store, Id vault, PackStore.Keys keys) {
        this.store = store;
        this.vault = vault;
        this.keys = new KeyRing(keys);
    }

    /**
     * Makes sure that nothing is in the store that this program does not know: what a later one keeps there may name
     * content.
     *
     * @throws FsException.Unsupported something is
     */
    public void check() throws FsException {
        ListPage page = store.list("", true, "", ObjectStore.MAX_PAGE);
        if (!page.objects().isEmpty() || page.next().isPresent() || !KNOWN.containsAll(page.commonPrefixes())) {
            throw new FsException.Unsupported("there is something in the vault that this isle does not know");
        }
        for (ObjectSummary each : WholeList.of(store, HistoryKey.PREFIX)) {
            HistoryKey.parse(each.key());
        }
        for (ObjectSummary each : WholeList.of(store, PackKey.PREFIX)) {
            PackKey.parse(each.key());
        }
    }

    /**
     * Whether all header records are known, and older than this: a device that one of them lets in has been heard of.
     *
     * @param known ids of the records that could be read
     */
    public boolean knowsHeaders(Set<Id> known, Instant before) throws FsException {
        Set<String> keys = known.stream().map(id -> HEADERS + id).collect(Collectors.toSet());
        return WholeList.of(store, HEADERS).stream()
                .allMatch(each ->
                        keys.contains(each.key().value()) && each.lastModified().isBefore(before));
    }

    /** What is in {@code b/}, in order; objects there that are none by their keys are left out, and nobody touches them. */
    public SortedMap<Spare, ObjectSummary> content() throws FsException {
        SortedMap<Spare, ObjectSummary> found = new TreeMap<>();
        for (ObjectSummary object : WholeList.of(store, PackStore.OBJECTS)) {
            try {
                found.put(Spare.parse(object.key()), object);
            } catch (FsException.Corrupt e) {
                // no isle of this format has put it there
            }
        }
        return found;
    }

    /** The marks of all devices, with what the list says of each; objects there that are none by their keys are left out. */
    public Map<MarkKey, ObjectSummary> list() throws FsException {
        Map<MarkKey, ObjectSummary> found = new LinkedHashMap<>();
        for (ObjectSummary object : WholeList.of(store, MarkKey.PREFIX)) {
            try {
                found.put(MarkKey.parse(object.key()), object);
            } catch (FsException.Corrupt e) {
                // it says nothing
            }
        }
        return found;
    }

    /**
     * Fetches and opens a mark.
     *
     * @throws FsException.Corrupt it is not what was sealed for this key
     * @throws FsException.NotFound it is there no more
     * @throws FsException.Unsupported a later isle has written it
     * @throws FsException.AccessDenied the key that it is sealed under is not known here
     */
    public Mark read(MarkKey key) throws FsException {
        if (key.bytes() > MOST_BYTES) {
            throw new FsException.Corrupt("a mark of more than " + MOST_BYTES + " bytes");
        }
        ByteBuffer bytes = ByteBuffer.allocate(key.bytes());
        store.get(key.key(), 0, bytes, null);
        bytes.flip();
        return keys.opened(key.generation(), sealer -> new MarkCodec(sealer, vault, key.generation())
                .open(key, bytes.duplicate()));
    }

    /**
     * Seals and stores a mark.
     *
     * @param id one that was never used
     * @param generation of the vault key to seal under
     */
    public MarkKey put(Id device, Id id, int generation, Mark mark) throws FsException {
        SealedMark sealed = new MarkCodec(keys.sealers(generation).get(0), vault, generation).seal(device, id, mark);
        byte[] bytes = new byte[sealed.bytes().remaining()];
        sealed.bytes().duplicate().get(bytes);
        store.put(sealed.key().key(), Body.of(bytes), ObjectMetadata.NONE);
        return sealed.key();
    }

    /** Takes marks away. */
    public void deleteMarks(Collection<MarkKey> gone) throws FsException {
        PackStore.deleteAll(store, gone.stream().map(MarkKey::key).toList());
    }

    /**
     * Takes content away, for ever.
     *
     * @throws FsException of one that is still there
     */
    public void deleteContent(Collection<Spare> gone) throws FsException {
        PackStore.deleteAll(store, gone.stream().map(Spare::key).toList());
    }
}
