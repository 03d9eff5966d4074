package isle.fs.s3;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.auth.spi.scheme.AuthSchemeOption;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.auth.scheme.S3AuthSchemeProvider;

/** Makes the SDK's client, with the settings that every version of Garage understands. */
final class S3Clients {

    static final int MAX_ATTEMPTS = 3;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

    private S3Clients() {}

    /**
     * A client of the store of {@code settings}.
     *
     * @param clock the time that requests are signed with
     */
    static S3Client create(S3Settings settings, SdkHttpClient http, Clock clock) {
        return S3Client.builder()
                .endpointOverride(withoutPath(settings.endpoint()))
                .region(Region.of(settings.region()))
                .credentialsProvider(settings.credentials().provider())
                .forcePathStyle(true)
                // The SDK's default is a trailer that old Garages store as part of the object.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .serviceConfiguration(S3Configuration.builder()
                        .chunkedEncodingEnabled(false)
                        .expectContinueEnabled(false)
                        .build())
                .disableS3ExpressSessionAuth(true)
                .crossRegionAccessEnabled(false)
                .authSchemeProvider(signingWith(clock))
                .putAuthScheme(new LeanAuthScheme())
                .httpClient(http)
                .overrideConfiguration(o -> o.retryStrategy(retries())
                        // ~/.aws/config is read for keys only: its other settings are meant for other stores.
                        .defaultProfileFile(emptyProfile()))
                .build();
    }

    /** Not even with a slash at its end: the SDK then drops a slash at the start of a key. */
    private static URI withoutPath(URI endpoint) {
        return URI.create(endpoint.getScheme() + "://" + endpoint.getRawAuthority());
    }

    private static ProfileFile emptyProfile() {
        return ProfileFile.builder()
                .content(InputStream.nullInputStream())
                .type(ProfileFile.Type.CONFIGURATION)
                .build();
    }

    private static S3AuthSchemeProvider signingWith(Clock clock) {
        S3AuthSchemeProvider standard = S3AuthSchemeProvider.defaultProvider();
        return params -> standard.resolveAuthScheme(params).stream()
                .<AuthSchemeOption>map(option -> option.toBuilder()
                        .putSignerProperty(HttpSigner.SIGNING_CLOCK, clock)
                        .build())
                .toList();
    }

    private static RetryStrategy retries() {
        BackoffStrategy pauses = BackoffStrategy.exponentialDelay(FIRST_PAUSE, LONGEST_PAUSE);
        return StandardRetryStrategy.builder()
                .maxAttempts(MAX_ATTEMPTS)
                .backoffStrategy(pauses)
                .throttlingBackoffStrategy(pauses)
                .treatAsThrottling(failure -> false)
                .retryOnException(S3Clients::isWorthRepeating)
                // Deadlines bound the attempts. The SDK's budget would be spent after an outage, and the first request
                // that meets a stale connection then fails.
                .circuitBreakerEnabled(false)
                .useClientDefaults(false)
                .build();
    }

    /** Whether the store, or something on the way to it, may still have the request. */
    private static boolean mayBeCarriedOut(Throwable failure) {
        if (failure instanceof SdkServiceException answer) {
            // From a gateway, which does not know what the store does.
            return List.of(502, 504).contains(answer.statusCode());
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException
                    || cause instanceof UnknownHostException
                    || cause instanceof ConnectTimeoutException
                    || cause instanceof ConnectionRequestTimeoutException) {
                return false;
            }
        }
        return true;
    }

    /** Only what may go away by itself, and only while the call has time left. */
    private static boolean isWorthRepeating(Throwable failure) {
        if (!Deadline.current().allowsAnotherAttempt() || Thread.currentThread().isInterrupted()) {
            return false;
        }
        if (Deadline.current().isWrite() && mayBeCarriedOut(failure)) {
            return false;
        }
        if (failure instanceof SdkServiceException answer) {
            return List.of(408, 429, 500, 502, 503, 504).contains(answer.statusCode());
        }
        boolean network =
                failure instanceof RetryableException || Deadline.current().isAnswerCut();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SourceFailed || cause instanceof AbortedException) {
                return false;
            }
            network |= cause instanceof IOException;
        }
        return network;
    }
}
