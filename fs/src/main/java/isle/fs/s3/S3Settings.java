package isle.fs.s3;

import java.net.URI;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Where a bucket is and with which keys it is reached. {@code toString} shows no secret.
 *
 * @param endpoint {@code http://HOST:PORT} or {@code https://HOST[:PORT]}, without a path
 * @param region must be the server's own; Garage's default is {@code garage}
 * @param bucket 3 to 63 lower-case letters, digits, dots and hyphens
 */
public record S3Settings(URI endpoint, String region, String bucket, S3Credentials credentials) {

    private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    private static final Pattern REGION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,62}");

    public S3Settings {
        requireEndpoint(endpoint);
        if (!REGION.matcher(region).matches()) {
            throw new IllegalArgumentException("not a region: " + region);
        }
        if (!BUCKET.matcher(bucket).matches()) {
            throw new IllegalArgumentException("not a bucket name: " + bucket);
        }
    }

    private static void requireEndpoint(URI endpoint) {
        String scheme = endpoint.getScheme() == null ? "" : endpoint.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new IllegalArgumentException("an S3 endpoint begins with http:// or https://");
        }
        if (endpoint.getHost() == null) {
            throw new IllegalArgumentException("an S3 endpoint names a host, as in http://127.0.0.1:3900");
        }
        if (endpoint.getRawUserInfo() != null) {
            // Not quoted: what stands before the @ may be a secret.
            throw new IllegalArgumentException("an S3 endpoint carries no credentials");
        }
        String path = endpoint.getRawPath();
        if ((path != null && !path.isEmpty() && !path.equals("/"))
                || endpoint.getRawQuery() != null
                || endpoint.getRawFragment() != null) {
            throw new IllegalArgumentException("an S3 endpoint has neither path nor query");
        }
    }

    /** The same store and keys, another bucket. */
    public S3Settings withBucket(String other) {
        return new S3Settings(endpoint, region, other, credentials);
    }

    /** For people: where this is, without credentials. */
    String place() {
        return "bucket " + bucket + " at " + endpoint;
    }
}
