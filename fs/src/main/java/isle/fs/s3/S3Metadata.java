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
import java.util.Set;
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

    /** S3's own limit on names and values of user metadata together. Garage takes more, other stores do not. */
    static final int MAX_USER_BYTES = 2048;

    /** What the SDK would send by itself when no type is given. */
    static final String DEFAULT_TYPE = "application/octet-stream";

    private static final Set<String> KEPT_HEADERS =
            Set.of("cache-control", "content-disposition", "content-encoding", "content-language", "expires");

    private S3Metadata() {}

    /**
     * Checks what the store would refuse or change.
     *
     * @throws FsException.Invalid too much of it, characters that a header cannot carry, or a header S3 does not keep
     */
    static void check(ObjectMetadata metadata) throws FsException {
        int size = 0;
        for (Map.Entry<String, String> entry : metadata.user().entrySet()) {
            String name = entry.getKey();
            if (name.isEmpty() || !name.chars().allMatch(S3Metadata::isNameCharacter)) {
                throw new FsException.Invalid("not a name of user metadata: " + Keys.shown(name));
            }
            requireHeaderValue(name, entry.getValue());
            size += name.length() + entry.getValue().length();
        }
        if (size > MAX_USER_BYTES) {
            throw new FsException.Invalid("user metadata of " + size + " bytes, the store takes " + MAX_USER_BYTES);
        }
        for (Map.Entry<String, String> entry : metadata.headers().entrySet()) {
            if (!KEPT_HEADERS.contains(entry.getKey())) {
                throw new FsException.Invalid("the store does not keep the header " + Keys.shown(entry.getKey()));
            }
            requireHeaderValue(entry.getKey(), entry.getValue());
        }
        requireHeaderValue("content-type", metadata.contentType());
    }

    private static boolean isNameCharacter(int c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    }

    private static void requireHeaderValue(String name, String value) throws FsException {
        boolean visible = value.chars().allMatch(c -> c >= ' ' && c < 0x7f);
        if (!visible || !value.equals(value.strip())) {
            throw new FsException.Invalid(
                    "the value of " + name + " has characters that a header cannot carry, or outer spaces");
        }
    }

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

    static ObjectHead of(ObjectKey key, HeadObjectResponse response) {
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

    static ObjectHead of(ObjectKey key, GetObjectResponse response, long size) {
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
            ObjectKey key, @Nullable String etag, @Nullable Long size, @Nullable Instant lastModified) {
        return new ObjectSummary(
                key, etag(etag), size == null ? 0 : size, lastModified == null ? Instant.EPOCH : lastModified);
    }

    /** An etag without the quotes that HTTP puts around it. */
    static String etag(@Nullable String quoted) {
        String etag = orEmpty(quoted);
        return etag.length() >= 2 && etag.startsWith("\"") && etag.endsWith("\"")
                ? etag.substring(1, etag.length() - 1)
                : etag;
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
