package isle.fs.s3;

/** Keys of a test server. */
public record GarageKey(String id, String secret) {

    /** The same, for a store. */
    public S3Credentials credentials() {
        return S3Credentials.of(id, secret);
    }
}
