package isle.fs.s3;

/** Keys of a test server. */
public record GarageKey(String id, String secret) {

    S3Credentials credentials() {
        return S3Credentials.of(id, secret);
    }
}
