package isle.fs.store;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.StoreRules;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * What a Garage does differently from a store of ours, without a Garage: etags are MD5 of the content, so that the same
 * bytes put again have the same etag; heads give times in seconds; a put does not tell its time; pages are cut to 1000;
 * many headers are refused; and a copy is stamped with the plain clock of its node, so that with a clock that lags it is
 * acknowledged and lost.
 *
 * <p>Objects that were in the inner store before keep their etags.
 */
public final class GarageQuirksObjectStore extends DecoratedObjectStore {

    /** Its HTTP server answers 431 to a hundred headers. */
    private static final int MAX_HEADERS = 99;

    private final InstantSource clock;

    /** Etag of the inner store (new with each put, kept by copies) to the one that is shown. */
    private final Map<String, String> shown = new ConcurrentHashMap<>();

    /** Held exclusively while an object and its shown etag come into being, so that nobody sees one without the other. */
    private final ReadWriteLock etags = new ReentrantReadWriteLock();

    private final LongAdder lostCopies = new LongAdder();
    private volatile Duration clockLag = Duration.ZERO;

    public GarageQuirksObjectStore(ObjectStore inner, InstantSource clock) {
        super(inner);
        this.clock = clock;
    }

    /** How far the node that serves copies is behind: a copy onto a younger object is lost then. Zero at first. */
    public void setClockLag(Duration clockLag) {
        this.clockLag = clockLag;
    }

    /** Copies that were acknowledged and lost. */
    public long lostCopies() {
        return lostCopies.sum();
    }

    @Override
    <T> T around(StoreRequest request, Call<T> call) throws FsException {
        return under(etags.readLock(), call);
    }

    private static <T> T under(Lock lock, Call<T> call) throws FsException {
        lock.lock();
        try {
            return call.run();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Capabilities capabilities() {
        Capabilities of = super.capabilities();
        return new Capabilities(
                Math.min(of.maxKeyBytes(), StoreRules.MAX_KEY_BYTES),
                Math.min(of.maxUserMetadataBytes(), StoreRules.MAX_USER_METADATA_BYTES),
                of.minPartBytes(),
                of.copyIsCheap(),
                of.description() + ", with the quirks of Garage");
    }

    @Override
    public ObjectHead head(ObjectKey key) throws FsException {
        StoreRules.key(key);
        return under(etags.readLock(), () -> inSeconds(inner.head(key)));
    }

    @Override
    public ObjectHead get(ObjectKey key, long offset, ByteBuffer into, @Nullable String ifMatch) throws FsException {
        StoreRules.key(key);
        return under(etags.readLock(), () -> inSeconds(inner.get(key, offset, into, innerEtag(key, ifMatch))));
    }

    @Override
    public PutResult put(ObjectKey key, Body body, ObjectMetadata metadata) throws FsException {
        check(key, metadata);
        String etag = HexFormat.of().formatHex(md5(body));
        return under(etags.writeLock(), () -> shownAs(etag, inner.put(key, body, metadata)));
    }

    @Override
    public PutResult copy(
            ObjectKey source, @Nullable String ifMatch, ObjectKey target, @Nullable ObjectMetadata metadata)
            throws FsException {
        StoreRules.key(source);
        check(target, metadata == null ? ObjectMetadata.NONE : metadata);
        return under(etags.writeLock(), () -> copyOrLose(source, ifMatch, target, metadata));
    }

    private PutResult copyOrLose(
            ObjectKey source, @Nullable String ifMatch, ObjectKey target, @Nullable ObjectMetadata metadata)
            throws FsException {
        String innerEtag = innerEtag(source, ifMatch);
        Instant stamp = clock.instant().minus(clockLag);
        if (!clockLag.isZero() && isYounger(target, stamp)) {
            ObjectHead head = inner.head(source);
            StoreRules.matches(source, head.summary().etag(), innerEtag);
            lostCopies.increment();
            return new PutResult(show(head.summary().etag()), Optional.of(stamp.truncatedTo(ChronoUnit.MILLIS)));
        }
        PutResult copied = inner.copy(source, innerEtag, target, metadata);
        return new PutResult(show(copied.etag()), copied.lastModified());
    }

    private boolean isYounger(ObjectKey target, Instant stamp) throws FsException {
        try {
            return inner.head(target).summary().lastModified().isAfter(stamp);
        } catch (FsException.NotFound e) {
            return false;
        }
    }

    @Override
    public ListPage list(String prefix, boolean delimiter, String after, int limit) throws FsException {
        return under(etags.readLock(), () -> shown(inner.list(prefix, delimiter, after, Math.min(limit, MAX_PAGE))));
    }

    private ListPage shown(ListPage page) {
        List<ObjectSummary> objects = new ArrayList<>();
        for (ObjectSummary of : page.objects()) {
            objects.add(new ObjectSummary(of.key(), show(of.etag()), of.size(), of.lastModified()));
        }
        return new ListPage(objects, page.commonPrefixes(), page.next());
    }

    @Override
    public String startUpload(ObjectKey key, ObjectMetadata metadata) throws FsException {
        check(key, metadata);
        return super.startUpload(key, metadata);
    }

    @Override
    public String copyPart(ObjectKey key, String uploadId, int part, PartSource source) throws FsException {
        return under(etags.readLock(), () -> {
            String innerEtag = innerEtag(source.key(), source.ifMatch());
            PartSource translated = new PartSource(source.key(), innerEtag, source.offset(), source.length());
            return inner.copyPart(key, uploadId, part, translated);
        });
    }

    @Override
    public PutResult completeUpload(ObjectKey key, String uploadId, List<Part> parts) throws FsException {
        MessageDigest digest = newMd5();
        parts.forEach(part -> digest.update(part.etag().getBytes(StandardCharsets.US_ASCII)));
        String etag = HexFormat.of().formatHex(digest.digest()) + "-" + parts.size();
        return under(etags.writeLock(), () -> shownAs(etag, inner.completeUpload(key, uploadId, parts)));
    }

    private static void check(ObjectKey key, ObjectMetadata metadata) throws FsException {
        StoreRules.key(key);
        StoreRules.metadata(metadata);
        int headers = metadata.user().size() + metadata.headers().size();
        if (headers > MAX_HEADERS) {
            throw new FsException.TooLarge(
                    headers + " headers of metadata, more than the " + MAX_HEADERS + " that the server takes");
        }
    }

    private String show(String innerEtag) {
        return shown.getOrDefault(innerEtag, innerEtag);
    }

    private PutResult shownAs(String etag, PutResult result) {
        shown.put(result.etag(), etag);
        return new PutResult(etag, Optional.empty());
    }

    private ObjectHead inSeconds(ObjectHead head) {
        ObjectSummary of = head.summary();
        Instant seconds = of.lastModified().truncatedTo(ChronoUnit.SECONDS);
        return new ObjectHead(new ObjectSummary(of.key(), show(of.etag()), of.size(), seconds), head.metadata());
    }

    /** The etag to ask the inner store for, so that it is the one that compares, in the same moment as it reads. */
    private @Nullable String innerEtag(ObjectKey key, @Nullable String ifMatch) throws FsException {
        if (ifMatch == null) {
            return null;
        }
        String innerEtag = inner.head(key).summary().etag();
        StoreRules.matches(key, show(innerEtag), ifMatch);
        return innerEtag;
    }

    private static byte[] md5(Body body) throws FsException {
        MessageDigest digest = newMd5();
        try (InputStream in = new DigestInputStream(body.open(), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw e instanceof FsException known
                    ? known
                    : new FsException.Failed("the content to be stored cannot be read: " + e.getMessage(), e);
        }
        return digest.digest();
    }

    private static MessageDigest newMd5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has MD5", e);
        }
    }
}
