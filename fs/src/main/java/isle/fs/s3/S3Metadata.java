package isle.fs.s3;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore.ObjectHead;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.ObjectSummary;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.MetadataDirective;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/** Metadata of objects, to and from the SDK's requests and responses. */
final class S3Metadata {

    /** What the SDK would send by itself when no type is given. */
    static final String DEFAULT_TYPE = "application/octet-stream";

    private S3Metadata() {}

    static PutObjectRequest.Builder into(PutObjectRequest.Builder request, ObjectMetadata metadata) {
        return request.metadata(metadata.user())
                .contentType(typeOf(metadata))
                .overrideConfiguration(headersOf(metadata));
    }

    static CreateMultipartUploadRequest.Builder into(
            CreateMultipartUploadRequest.Builder request, ObjectMetadata metadata) {
        return request.metadata(metadata.user())
                .contentType(typeOf(metadata))
                .overrideConfiguration(headersOf(metadata));
    }

    /** Replaces all metadata of the copy; what is not given is gone. */
    static CopyObjectRequest.Builder into(CopyObjectRequest.Builder request, ObjectMetadata metadata) {
        return request.metadataDirective(MetadataDirective.REPLACE)
                .metadata(metadata.user())
                .contentType(typeOf(metadata))
                .overrideConfiguration(headersOf(metadata));
    }

    private static String typeOf(ObjectMetadata metadata) {
        return metadata.contentType().isEmpty() ? DEFAULT_TYPE : metadata.contentType();
    }

    /** As plain headers, because the SDK parses and rewrites the value of some. */
    private static AwsRequestOverrideConfiguration headersOf(ObjectMetadata metadata) {
        AwsRequestOverrideConfiguration.Builder headers = AwsRequestOverrideConfiguration.builder();
        metadata.headers().forEach(headers::putHeader);
        return headers.build();
    }

    static ObjectHead of(ObjectKey key, HeadObjectResponse response) throws FsException {
        Map<String, String> headers = new HashMap<>();
        put(headers, "cache-control", response.cacheControl());
        put(headers, "content-disposition", response.contentDisposition());
        put(headers, "content-encoding", response.contentEncoding());
        put(headers, "content-language", response.contentLanguage());
        put(headers, "expires", response.expiresString());
        ObjectMetadata metadata =
                new ObjectMetadata(lowerCase(response.metadata()), orEmpty(response.contentType()), headers);
        return new ObjectHead(
                summary(key, response.eTag(), response.contentLength(), response.lastModified()), metadata);
    }

    static ObjectHead of(ObjectKey key, GetObjectResponse response, long size) throws FsException {
        Map<String, String> headers = new HashMap<>();
        put(headers, "cache-control", response.cacheControl());
        put(headers, "content-disposition", response.contentDisposition());
        put(headers, "content-encoding", response.contentEncoding());
        put(headers, "content-language", response.contentLanguage());
        put(headers, "expires", response.expiresString());
        ObjectMetadata metadata =
                new ObjectMetadata(lowerCase(response.metadata()), orEmpty(response.contentType()), headers);
        return new ObjectHead(summary(key, response.eTag(), size, response.lastModified()), metadata);
    }

    static ObjectSummary summary(
            ObjectKey key, @Nullable String etag, @Nullable Long size, @Nullable Instant lastModified)
            throws FsException {
        return new ObjectSummary(
                key, etag(etag), size == null ? 0 : size, lastModified == null ? Instant.EPOCH : lastModified);
    }

    /**
     * An etag without the quotes that HTTP puts around it.
     *
     * @throws FsException.Unavailable there is none: something else than a store answered, say the gateway of a hotel,
     *     and whatever the answer claims did not happen
     */
    static String etag(@Nullable String quoted) throws FsException {
        String etag = orEmpty(quoted);
        if (etag.length() >= 2 && etag.startsWith("\"") && etag.endsWith("\"")) {
            etag = etag.substring(1, etag.length() - 1);
        }
        if (etag.isEmpty()) {
            throw new FsException.Unavailable("the answer has no etag, so it does not come from an S3 store");
        }
        return etag;
    }

    /** An etag as HTTP wants it; null stays null. */
    static @Nullable String quoted(@Nullable String etag) {
        return etag == null ? null : "\"" + etag + "\"";
    }

    private static Map<String, String> lowerCase(Map<String, String> user) {
        Map<String, String> lower = new HashMap<>();
        user.forEach((name, value) -> lower.put(name.toLowerCase(Locale.ROOT), value));
        return lower;
    }

    private static void put(Map<String, String> headers, String name, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            headers.put(name, value);
        }
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
