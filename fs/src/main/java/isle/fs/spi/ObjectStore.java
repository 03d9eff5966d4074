package isle.fs.spi;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One bucket, in the vocabulary of S3 and no richer than Garage: no compare-and-set, no versions, no events, the last
 * writer wins. Wider than the other ports because it is S3's own vocabulary.
 *
 * <p>Rules for every implementation, held by {@code ObjectStoreContract}: every call has a deadline; every method may be
 * repeated; a failure is an {@link FsException} and nothing else; a key over {@link Capabilities#maxKeyBytes()} is
 * {@link FsException.NameTooLong} before anything is sent; a missing key is {@link FsException.NotFound} from
 * {@link #head}, {@link #get} and {@link #copy} and success from {@link #delete}; lists are in the order of UTF-8 bytes
 * and show a put, copy or delete as soon as it returned; equal etags mean equal bytes, and a new put of a key changes
 * its etag or its {@code lastModified} in lists; an argument out of its range is {@link FsException.Invalid}, user
 * metadata over {@link Capabilities#maxUserMetadataBytes()} {@link FsException.TooLarge}, before anything is sent;
 * {@link FsException.Unavailable} and {@link FsException.TimedOut} say that nothing is known about the outcome.
 */
public interface ObjectStore extends AutoCloseable {

    /** Most keys of one page of {@link #list} and of one call of {@link #deleteMany}. */
    int MAX_PAGE = 1000;

    /** What this store can do. Constant for the life of the object. */
    Capabilities capabilities();

    /** Metadata of an object. */
    ObjectHead head(ObjectKey key) throws FsException;

    /**
     * Reads from {@code offset} until {@code into} is full or the object ends, in one request.
     *
     * @param offset may lie at or beyond the end: nothing is read then
     * @param into receives the bytes; its position moves by what was read, and it is not full only at the object's end.
     *     After an exception its position and content mean nothing
     * @param ifMatch when given, the etag that the object must have
     * @return metadata of the object that was read
     * @throws FsException.PreconditionFailed the object has another etag than {@code ifMatch}
     */
    ObjectHead get(ObjectKey key, long offset, ByteBuffer into, @Nullable String ifMatch) throws FsException;

    /** Writes a whole object, atomically: readers see the old or the new one. Durable when it returns. */
    PutResult put(ObjectKey key, Body body, ObjectMetadata metadata) throws FsException;

    /**
     * Copies inside the bucket, onto another key or onto itself, without the bytes passing through here.
     *
     * @param ifMatch when given, the etag that the source must have
     * @param metadata replaces the metadata when given; else that of the source is kept
     */
    PutResult copy(ObjectKey source, @Nullable String ifMatch, ObjectKey target, @Nullable ObjectMetadata metadata)
            throws FsException;

    /** Deletes; a key that does not exist is a success. */
    void delete(ObjectKey key) throws FsException;

    /**
     * Deletes up to {@link #MAX_PAGE} keys in one request; none of them when one is too long.
     *
     * @return the keys that were not deleted, with the reason
     */
    Map<ObjectKey, FsException> deleteMany(List<ObjectKey> keys) throws FsException;

    /**
     * One page of keys.
     *
     * @param prefix only keys that begin with it; may be empty
     * @param delimiter when true, keys with a slash after the prefix are folded into common prefixes that end in "/"
     * @param after only keys and common prefixes greater than this; empty for the first page
     * @param limit 1 to {@link #MAX_PAGE}
     */
    ListPage list(String prefix, boolean delimiter, String after, int limit) throws FsException;

    /** Starts a multipart upload and returns its id. Nothing shows under the key before {@link #completeUpload}. */
    String startUpload(ObjectKey key, ObjectMetadata metadata) throws FsException;

    /**
     * Uploads one part (numbers from 1 to 10 000); a part sent again replaces the first. Returns the part's etag.
     *
     * @throws FsException.NotFound the key has no such upload: never started, aborted or completed
     * @throws FsException.Invalid the part is empty
     */
    String uploadPart(ObjectKey key, String uploadId, int part, Body body) throws FsException;

    /**
     * Takes one part from a range of an existing object. {@code ifMatch} as in {@link #copy}. Returns the etag.
     *
     * @throws FsException.NotFound no such source, or the key has no such upload
     * @throws FsException.Invalid the range is empty or does not lie in the source
     */
    String copyPart(ObjectKey key, String uploadId, int part, PartSource source) throws FsException;

    /**
     * Makes the object out of its parts, given in ascending order with the etags that the parts returned; parts that
     * are not named are forgotten.
     *
     * @throws FsException.NotFound the key has no such upload. After a lost reply this may mean that it is complete:
     *     the caller knows its own object by what is in its metadata
     * @throws FsException.Invalid a part was never uploaded, or has another etag
     */
    PutResult completeUpload(ObjectKey key, String uploadId, List<Part> parts) throws FsException;

    /** Forgets an upload and its parts; an unknown id is a success. */
    void abortUpload(ObjectKey key, String uploadId) throws FsException;

    /** Uploads that were started and neither completed nor aborted, of keys with this prefix; at most 1000. */
    List<PendingUpload> pendingUploads(String prefix) throws FsException;

    /** Capacity figures, as far as the store gives them. */
    Statistics statistics() throws FsException;

    @Override
    void close();

    /**
     * Content to be sent. May be opened more than once (retries), each time giving the same bytes.
     */
    interface Body {
        long size();

        InputStream open() throws IOException;

        /** A body over an array that nobody changes afterwards. */
        static Body of(byte[] bytes) {
            return new Body() {
                @Override
                public long size() {
                    return bytes.length;
                }

                @Override
                public InputStream open() {
                    return new java.io.ByteArrayInputStream(bytes);
                }
            };
        }
    }

    /**
     * What travels with an object beside its content.
     *
     * @param user user metadata: lower-case ASCII names without the {@code x-amz-meta-} prefix, ASCII values
     * @param contentType media type, empty for the store's default
     * @param headers standard headers that S3 keeps: cache-control, content-disposition, content-encoding,
     *     content-language, expires; lower-case names
     */
    record ObjectMetadata(Map<String, String> user, String contentType, Map<String, String> headers) {
        public static final ObjectMetadata NONE = new ObjectMetadata(Map.of(), "", Map.of());

        public ObjectMetadata {
            user = Map.copyOf(user);
            headers = Map.copyOf(headers);
        }
    }

    /** What a list says of an object. {@code lastModified} has milliseconds in lists, maybe only seconds in heads. */
    record ObjectSummary(ObjectKey key, String etag, long size, Instant lastModified) {}

    /** What a head or a get says of an object. */
    record ObjectHead(ObjectSummary summary, ObjectMetadata metadata) {}

    /**
     * What a write says.
     *
     * @param lastModified when the store tells it, in milliseconds
     */
    record PutResult(String etag, Optional<Instant> lastModified) {}

    /**
     * One page of a list.
     *
     * @param next pass it as {@code after} to get the next page; empty on the last one
     */
    record ListPage(List<ObjectSummary> objects, List<String> commonPrefixes, Optional<String> next) {
        public ListPage {
            objects = List.copyOf(objects);
            commonPrefixes = List.copyOf(commonPrefixes);
        }
    }

    /** A part of an upload: its number from 1 on and the etag it was given. */
    record Part(int number, String etag) {}

    /** A range of an existing object: {@code length} bytes from {@code offset}. */
    record PartSource(ObjectKey key, @Nullable String ifMatch, long offset, long length) {}

    record PendingUpload(ObjectKey key, String uploadId, Instant started) {}

    /** Bytes; empty where the store does not say. */
    record Statistics(Optional<Long> usedBytes, Optional<Long> totalBytes, Optional<Long> freeBytes) {}

    /**
     * @param maxKeyBytes longest key in UTF-8 bytes
     * @param maxUserMetadataBytes sum of names and values of user metadata
     * @param minPartBytes smallest part of an upload but the last
     * @param copyIsCheap a copy shares the bytes of its source
     * @param description for people: kind and place of the store, without credentials
     */
    record Capabilities(
            int maxKeyBytes, int maxUserMetadataBytes, long minPartBytes, boolean copyIsCheap, String description) {}
}
