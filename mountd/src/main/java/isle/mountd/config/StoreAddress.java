package isle.mountd.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** How a store is named: a folder, or the address of an S3 endpoint. */
public final class StoreAddress {

    /** What a store has to be, for people. */
    public static final String EXPECTED =
            "an absolute folder, or an address such as http://127.0.0.1:3900 without user, path and query";

    private static final Pattern OTHER_SCHEME = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*://.*");

    private StoreAddress() {}

    /** The address in its one form, or empty if it is none: folders normalised, endpoints without a final slash. */
    public static Optional<String> check(String store, Path home) {
        if (!isEndpoint(store) && OTHER_SCHEME.matcher(store).matches()) {
            return Optional.empty();
        }
        if (!isEndpoint(store)) {
            return Optional.ofNullable(ConfigSection.absolute(store, home)).map(Path::toString);
        }
        try {
            URI uri = new URI(store);
            boolean plain = uri.getRawUserInfo() == null && uri.getRawQuery() == null && uri.getRawFragment() == null;
            boolean rooted = uri.getRawPath() == null
                    || uri.getRawPath().isEmpty()
                    || uri.getRawPath().equals("/");
            if (uri.getHost() == null || !plain || !rooted) {
                return Optional.empty();
            }
            String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
            return Optional.of(uri.getScheme().toLowerCase(Locale.ROOT) + "://" + uri.getHost() + port);
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    /** Whether this names an S3 endpoint, and not a folder. */
    public static boolean isEndpoint(String store) {
        String lower = store.toLowerCase(Locale.ROOT);
        return lower.startsWith("http://") || lower.startsWith("https://");
    }
}
