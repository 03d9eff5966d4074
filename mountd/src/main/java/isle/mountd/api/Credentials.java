package isle.mountd.api;

import java.util.Map;
import java.util.Optional;

/**
 * Keys of an S3 store. They pass only over the daemon's socket and into a file that nobody else can read; this class
 * never prints them.
 *
 * @param accessKey id of the key
 * @param secretKey the secret that belongs to it
 * @param sessionToken for temporary keys
 */
public record Credentials(String accessKey, String secretKey, Optional<String> sessionToken) {

    public Credentials {
        if (accessKey.isEmpty() || secretKey.isEmpty()) {
            throw new IllegalArgumentException("credentials without a key");
        }
    }

    /** The keys that the environment names in {@code AWS_ACCESS_KEY_ID} and {@code AWS_SECRET_ACCESS_KEY}. */
    public static Optional<Credentials> ofEnvironment(Map<String, String> environment) {
        String id = environment.getOrDefault("AWS_ACCESS_KEY_ID", "");
        String secret = environment.getOrDefault("AWS_SECRET_ACCESS_KEY", "");
        String token = environment.getOrDefault("AWS_SESSION_TOKEN", "");
        return id.isEmpty() || secret.isEmpty()
                ? Optional.empty()
                : Optional.of(new Credentials(id, secret, token.isEmpty() ? Optional.empty() : Optional.of(token)));
    }

    public JsonObject toJson() {
        return JsonObject.EMPTY
                .with("accessKey", accessKey)
                .with("secretKey", secretKey)
                .with("sessionToken", sessionToken);
    }

    /** What {@link #toJson()} made. */
    public static Credentials ofJson(JsonObject json) throws ProtocolException {
        try {
            return new Credentials(json.text("accessKey"), json.text("secretKey"), json.optionalText("sessionToken"));
        } catch (IllegalArgumentException e) {
            throw new ProtocolException("credentials without a key");
        }
    }

    @Override
    public String toString() {
        return "Credentials[hidden]";
    }
}
