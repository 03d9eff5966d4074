package isle.fs.s3;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore.ListPage;
import isle.fs.spi.ObjectStore.ObjectSummary;
import isle.fs.spi.ObjectStore.PendingUpload;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Lists of one bucket. All ask for {@code encoding-type=url}: XML cannot carry every key. Pages begin after a key that
 * the caller names, never at a server's token, which would die with the server.
 */
final class Lister {

    /** Sorts after every continuation of a prefix that anybody uses. */
    private static final String LAST_CODE_POINT = Character.toString(Character.MAX_CODE_POINT);

    private final S3Client client;
    private final String bucket;

    Lister(S3Client client, String bucket) {
        this.client = client;
        this.bucket = bucket;
    }

    /** The answer to the smallest list there is. */
    SdkHttpResponse knock() throws FsException {
        ListObjectsV2Response response = request("", false, "", 1, null);
        requireBucket(response.name());
        return response.sdkHttpResponse();
    }

    ListPage page(String prefix, boolean delimiter, String after, int limit) throws FsException {
        String start = start(prefix, delimiter, after);
        String token = null;
        while (true) {
            ListObjectsV2Response response = request(prefix, delimiter, start, limit, token);
            requireBucket(response.name());
            List<ObjectSummary> objects = new ArrayList<>();
            for (S3Object object : response.contents()) {
                if (isAfter(object.key(), after)) {
                    objects.add(S3Metadata.summary(
                            new ObjectKey(object.key()), object.eTag(), object.size(), object.lastModified()));
                }
            }
            List<String> folders = response.commonPrefixes().stream()
                    .map(CommonPrefix::prefix)
                    .filter(folder -> isAfter(folder, after))
                    .toList();
            boolean more = Boolean.TRUE.equals(response.isTruncated());
            if (!more || !objects.isEmpty() || !folders.isEmpty()) {
                return new ListPage(objects, folders, more ? Optional.of(last(objects, folders)) : Optional.empty());
            }
            token = response.nextContinuationToken();
        }
    }

    /** Any XML at all would pass for an empty list, and an empty list for a bucket whose objects were all deleted. */
    private void requireBucket(@Nullable String name) throws FsException {
        if (!bucket.equals(name)) {
            throw new FsException.Unavailable(
                    "the answer to a list does not name bucket " + bucket + ", so it does not come from an S3 store");
        }
    }

    private ListObjectsV2Response request(
            String prefix, boolean delimiter, String start, int limit, @Nullable String token) {
        return client.listObjectsV2(request -> {
            request.bucket(bucket)
                    .prefix(prefix.isEmpty() ? null : prefix)
                    .encodingType(EncodingType.URL)
                    .maxKeys(limit);
            if (delimiter) {
                request.delimiter("/");
            }
            if (token != null) {
                request.continuationToken(token);
            } else if (!start.isEmpty()) {
                request.startAfter(start);
            }
        });
    }

    /**
     * What the store is told to start after; empty for nothing.
     *
     * <p>Garage gives an empty list when that sorts before the prefix. And a store that starts after {@code a/} finds
     * {@code a/x} and gives the folder {@code a/} once more, so it is told to start after all that is in {@code a/}.
     */
    private static String start(String prefix, boolean delimiter, String after) {
        if (isAfter(prefix, after)) {
            return "";
        }
        if (!delimiter || !after.startsWith(prefix)) {
            return after;
        }
        int slash = after.indexOf('/', prefix.length());
        return slash < 0 ? after : after.substring(0, slash + 1) + LAST_CODE_POINT;
    }

    private static boolean isAfter(String key, String after) {
        return ObjectKey.compareUtf8(key, after) > 0;
    }

    private static String last(List<ObjectSummary> objects, List<String> folders) {
        String object =
                objects.isEmpty() ? "" : objects.get(objects.size() - 1).key().value();
        String folder = folders.isEmpty() ? "" : folders.get(folders.size() - 1);
        return isAfter(object, folder) ? object : folder;
    }

    List<PendingUpload> uploads(String prefix, int limit) throws FsException {
        ListMultipartUploadsResponse response = client.listMultipartUploads(request -> request.bucket(bucket)
                .prefix(prefix.isEmpty() ? null : prefix)
                .encodingType(EncodingType.URL)
                .maxUploads(limit));
        requireBucket(response.bucket());
        List<PendingUpload> uploads = new ArrayList<>();
        for (MultipartUpload upload : response.uploads()) {
            Instant started = upload.initiated() == null ? Instant.EPOCH : upload.initiated();
            uploads.add(new PendingUpload(new ObjectKey(upload.key()), upload.uploadId(), started));
        }
        // Garage gives them in no order.
        uploads.sort(Comparator.comparing(PendingUpload::key).thenComparing(PendingUpload::started));
        return uploads;
    }
}
