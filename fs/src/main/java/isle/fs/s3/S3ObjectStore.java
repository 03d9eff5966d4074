package isle.fs.s3;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.StoreRules;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.UploadPartCopyRequest;

/**
 * A bucket of an S3 store. Thread safe; at most {@value QuickAckHttpClient#MAX_CONNECTIONS} requests are on their way
 * at a time. Every call ends within the {@link S3Limits} of its class, whatever the server does. Etags are given and
 * taken without quotes.
 */
public final class S3ObjectStore implements ObjectStore {

    /** S3's own, below which other stores refuse a part; Garage takes any. */
    private static final long MIN_PART_BYTES = 5L << 20;

    private final S3Session session;
    private final S3Settings settings;
    private final S3Limits limits;
    private final S3Client client;
    private final Lister lister;
    private final Deletions deletions;
    private final Copies copies;

    S3ObjectStore(S3Session session) {
        this.session = session;
        this.settings = session.settings();
        this.limits = session.limits();
        this.client = session.client();
        this.lister = session.lister();
        this.deletions = new Deletions(session);
        this.copies = new Copies(this);
    }

    /**
     * Opens a bucket. Sends nothing: a store that is down is no reason not to start.
     *
     * @param clock the time that requests are signed with
     */
    public static S3ObjectStore open(S3Settings settings, S3Limits limits, Clock clock) {
        return new S3ObjectStore(new S3Session(settings, limits, QuickAckHttpClient.create(), clock));
    }

    /** As {@link #open(S3Settings, S3Limits, Clock)}, with the limits that callers of the mount are promised. */
    public static S3ObjectStore open(S3Settings settings, Clock clock) {
        return open(settings, S3Limits.DEFAULT, clock);
    }

    /**
     * Finds out which kind of store this is, and what is wrong with it. Fails never: what is wrong is the result.
     *
     * @param tryWrites whether an object may be written, under {@code .isle-probe/}; it is deleted again
     * @param random names that object
     */
    public ProbeResult probe(boolean tryWrites, RandomGenerator random) {
        return new S3Probe(session).run(tryWrites, random);
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(
                StoreRules.MAX_KEY_BYTES,
                StoreRules.MAX_USER_METADATA_BYTES,
                MIN_PART_BYTES,
                true,
                "S3 " + settings.place());
    }

    @Override
    public ObjectHead head(ObjectKey key) throws FsException {
        StoreRules.key(key);
        return session.read("looking at " + shown(key), limits.metadata(), () -> headNow(key, null));
    }

    /**
     * A HEAD. Its 404 has no content that says whether it is the object that is missing, the bucket, or the store: then
     * a GET of one byte tells, because "unreachable" is never "deleted".
     */
    private ObjectHead headNow(ObjectKey key, @Nullable String ifMatch) throws FsException {
        try {
            return S3Metadata.of(key, client.headObject(request -> request.bucket(settings.bucket())
                    .key(key.value())
                    .ifMatch(S3Metadata.quoted(ifMatch))));
        } catch (AwsServiceException e) {
            if (e.statusCode() != 404) {
                throw e;
            }
            return getNow(key, 0, ByteBuffer.allocate(1), ifMatch);
        }
    }

    private ObjectHead getNow(ObjectKey key, long offset, ByteBuffer into, @Nullable String ifMatch) {
        long last = offset + into.remaining() - 1;
        return client.getObject(
                request -> request.bucket(settings.bucket())
                        .key(key.value())
                        .ifMatch(S3Metadata.quoted(ifMatch))
                        .range("bytes=" + offset + "-" + last),
                new Download(key, offset, into));
    }

    @Override
    public ObjectHead get(ObjectKey key, long offset, ByteBuffer into, @Nullable String ifMatch) throws FsException {
        StoreRules.key(key);
        StoreRules.range(offset, into);
        int length = into.remaining();
        return session.read("reading " + shown(key), limits.download(length), () -> {
            if (length == 0) {
                return headNow(key, ifMatch);
            }
            try {
                return getNow(key, offset, into, ifMatch);
            } catch (AwsServiceException e) {
                if (e.statusCode() != 416) {
                    throw e;
                }
                // Nothing at or after the offset, which the port does not call an error.
                return headNow(key, ifMatch);
            }
        });
    }

    @Override
    public PutResult put(ObjectKey key, Body body, ObjectMetadata metadata) throws FsException {
        StoreRules.key(key);
        StoreRules.metadata(metadata);
        PutObjectRequest.Builder request =
                PutObjectRequest.builder().bucket(settings.bucket()).key(key.value());
        S3Metadata.into(request, metadata);
        try {
            return session.replace("writing " + shown(key), limits.upload(body.size()), () -> {
                PutObjectRequest ready =
                        request.checksumCRC32(Uploads.checksum(body)).build();
                String etag = client.putObject(ready, Uploads.of(body, ready.contentType()))
                        .eTag();
                return new PutResult(S3Metadata.etag(etag), Optional.empty());
            });
        } catch (FsException.Unavailable e) {
            throw reason(key, e);
        }
    }

    /**
     * A store that refuses a large body hangs up before it has read it, and its answer may be lost on the way: a request
     * without a body is told why.
     */
    private FsException reason(ObjectKey key, FsException.Unavailable hungUp) {
        if (!String.valueOf(hungUp.getMessage()).contains(S3Errors.HUNG_UP)) {
            return hungUp;
        }
        try {
            head(key);
            return hungUp;
        } catch (FsException.NotFound e) {
            return hungUp;
        } catch (FsException e) {
            return e;
        }
    }

    @Override
    public PutResult copy(
            ObjectKey source, @Nullable String ifMatch, ObjectKey target, @Nullable ObjectMetadata metadata)
            throws FsException {
        StoreRules.key(source);
        StoreRules.key(target);
        CopyObjectRequest.Builder request = CopyObjectRequest.builder()
                .sourceBucket(settings.bucket())
                .sourceKey(source.value())
                .copySourceIfMatch(S3Metadata.quoted(ifMatch))
                .destinationBucket(settings.bucket())
                .destinationKey(target.value());
        if (metadata != null) {
            StoreRules.metadata(metadata);
            S3Metadata.into(request, metadata);
        }
        String doing = "copying " + shown(source) + " to " + shown(target);
        PutResult copied = session.replace(doing, limits.serverWork(), () -> {
            var result = client.copyObject(request.build()).copyObjectResult();
            return new PutResult(S3Metadata.etag(result.eTag()), Optional.ofNullable(result.lastModified()));
        });
        return copies.lasting(source, target, metadata, copied);
    }

    @Override
    public void delete(ObjectKey key) throws FsException {
        StoreRules.key(key);
        deletions.one(key);
    }

    @Override
    public Map<ObjectKey, FsException> deleteMany(List<ObjectKey> keys) throws FsException {
        StoreRules.keys(keys);
        return deletions.many(keys);
    }

    @Override
    public ListPage list(String prefix, boolean delimiter, String after, int limit) throws FsException {
        StoreRules.limit(limit);
        return session.read(listing(prefix), limits.list(), () -> lister.page(prefix, delimiter, after, limit));
    }

    private String listing(String prefix) {
        return "listing " + (prefix.isEmpty() ? "bucket " + settings.bucket() : Keys.shown(prefix));
    }

    @Override
    public String startUpload(ObjectKey key, ObjectMetadata metadata) throws FsException {
        StoreRules.key(key);
        StoreRules.metadata(metadata);
        CreateMultipartUploadRequest.Builder request =
                CreateMultipartUploadRequest.builder().bucket(settings.bucket()).key(key.value());
        CreateMultipartUploadRequest ready = S3Metadata.into(request, metadata).build();
        return session.write("starting to write " + shown(key), limits.metadata(), () -> {
            String id = client.createMultipartUpload(ready).uploadId();
            if (id == null || id.isEmpty()) {
                throw new FsException.Unavailable("the answer has no upload id, so it does not come from an S3 store");
            }
            return id;
        });
    }

    @Override
    public String uploadPart(ObjectKey key, String uploadId, int part, Body body) throws FsException {
        StoreRules.key(key);
        StoreRules.part(part, body);
        try {
            return session.write("writing part " + part + " of " + shown(key), limits.upload(body.size()), () -> {
                String check = Uploads.checksum(body);
                String etag = client.uploadPart(
                                request -> request.bucket(settings.bucket())
                                        .key(key.value())
                                        .uploadId(uploadId)
                                        .partNumber(part)
                                        .checksumCRC32(check),
                                Uploads.of(body, S3Metadata.DEFAULT_TYPE))
                        .eTag();
                return S3Metadata.etag(etag);
            });
        } catch (FsException.Unavailable e) {
            throw reason(key, e);
        }
    }

    @Override
    public String copyPart(ObjectKey key, String uploadId, int part, PartSource source) throws FsException {
        StoreRules.key(key);
        StoreRules.key(source.key());
        StoreRules.part(part);
        return session.write("copying part " + part + " of " + shown(key), limits.serverWork(), () -> {
            // Garage copies what there is of a range that ends beyond its source, and reports success.
            ObjectSummary from = headNow(source.key(), source.ifMatch()).summary();
            StoreRules.source(source, from.size());
            String range = "bytes=" + source.offset() + "-" + (source.offset() + source.length() - 1);
            UploadPartCopyRequest request = UploadPartCopyRequest.builder()
                    .sourceBucket(settings.bucket())
                    .sourceKey(source.key().value())
                    .copySourceIfMatch(S3Metadata.quoted(from.etag()))
                    .copySourceRange(range)
                    .destinationBucket(settings.bucket())
                    .destinationKey(key.value())
                    .uploadId(uploadId)
                    .partNumber(part)
                    .build();
            return S3Metadata.etag(
                    client.uploadPartCopy(request).copyPartResult().eTag());
        });
    }

    @Override
    public PutResult completeUpload(ObjectKey key, String uploadId, List<Part> parts) throws FsException {
        StoreRules.key(key);
        StoreRules.parts(parts);
        List<CompletedPart> completed = parts.stream()
                .map(part -> CompletedPart.builder()
                        .partNumber(part.number())
                        .eTag(S3Metadata.quoted(part.etag()))
                        .build())
                .toList();
        return session.write("finishing " + shown(key), limits.serverWork(), () -> {
            try {
                CompleteMultipartUploadResponse response =
                        client.completeMultipartUpload(request -> request.bucket(settings.bucket())
                                .key(key.value())
                                .uploadId(uploadId)
                                .multipartUpload(upload -> upload.parts(completed)));
                return new PutResult(S3Metadata.etag(response.eTag()), Optional.empty());
            } catch (AwsServiceException e) {
                if (S3Errors.isNoSuchUpload(e) && Deadline.current().attempts() > 1) {
                    return alreadyCompleted(key, parts, e);
                }
                throw e;
            }
        });
    }

    /** An attempt after one whose answer was lost finds the upload gone and the object there. */
    private PutResult alreadyCompleted(ObjectKey key, List<Part> parts, AwsServiceException gone) throws FsException {
        ObjectHead head;
        try {
            head = headNow(key, null);
        } catch (AwsServiceException e) {
            throw S3Errors.isNoSuchObject(e) ? gone : e;
        }
        if (!MultipartEtag.matches(head.summary().etag(), parts)) {
            throw gone;
        }
        return new PutResult(head.summary().etag(), Optional.empty());
    }

    @Override
    public void abortUpload(ObjectKey key, String uploadId) throws FsException {
        StoreRules.key(key);
        session.write("giving up writing " + shown(key), limits.metadata(), () -> {
            try {
                return client.abortMultipartUpload(request ->
                        request.bucket(settings.bucket()).key(key.value()).uploadId(uploadId));
            } catch (AwsServiceException e) {
                if (S3Errors.isNoSuchUpload(e)) {
                    return uploadId;
                }
                throw e;
            }
        });
    }

    @Override
    public List<PendingUpload> pendingUploads(String prefix) throws FsException {
        return session.read("looking for unfinished uploads", limits.list(), () -> lister.uploads(prefix, MAX_PAGE));
    }

    /** S3 itself says nothing of capacity. */
    @Override
    public Statistics statistics() {
        return new Statistics(Optional.empty(), Optional.empty(), Optional.empty());
    }

    @Override
    public void close() {
        session.close();
    }

    private static String shown(ObjectKey key) {
        return Keys.shown(key.value());
    }
}
