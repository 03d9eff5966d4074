package isle.fs.s3;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.http.SdkHttpResponse;

/**
 * Why a store refused a request, where somebody has to put something right. Garage answers nearly all of these with
 * 403 AccessDenied, so its text has to tell them apart; other stores have codes.
 */
enum Refusal {
    UNKNOWN_ACCESS_KEY,
    WRONG_SECRET_KEY,
    WRONG_CLOCK,
    WRONG_REGION,
    NO_BUCKET,
    OVER_QUOTA,
    /** The keys are right and have no right to this; or the answer does not say. */
    MISSING_RIGHT,
    /** Not a refusal of this kind. */
    NONE;

    /** From here on the clock is the likely reason of a refusal that speaks of a date. */
    private static final Duration NOTABLE_SKEW = Duration.ofMinutes(5);

    private static final Set<String> UNKNOWN_KEY_CODES = Set.of("InvalidAccessKeyId", "InvalidSecurity");
    private static final Set<String> SECRET_CODES =
            Set.of("SignatureDoesNotMatch", "InvalidSignatureException", "InvalidToken", "ExpiredToken");
    private static final Set<String> CLOCK_CODES =
            Set.of("RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture");
    private static final Set<String> REGION_CODES =
            Set.of("AuthorizationHeaderMalformed", "PermanentRedirect", "IllegalLocationConstraintException");
    private static final Set<String> QUOTA_CODES =
            Set.of("QuotaExceeded", "XMinioAdminBucketQuotaExceeded", "ServiceQuotaExceededException");

    static Refusal of(AwsServiceException answer, Clock clock) {
        int status = answer.statusCode();
        String code = codeOf(answer);
        String text = textOf(answer).toLowerCase(Locale.ROOT);
        boolean forbidden = status == 403;
        if (code.equals("NoSuchBucket")) {
            return NO_BUCKET;
        }
        if (QUOTA_CODES.contains(code) || (forbidden && text.contains("quota"))) {
            return OVER_QUOTA;
        }
        if (REGION_CODES.contains(code) || status == 301) {
            return WRONG_REGION;
        }
        boolean speaksOfTime = (forbidden || status == 400) && (text.contains("date") || text.contains("time"));
        boolean farOff = skewOf(answer, clock)
                .filter(skew -> skew.abs().compareTo(NOTABLE_SKEW) > 0)
                .isPresent();
        if (CLOCK_CODES.contains(code) || (speaksOfTime && farOff)) {
            return WRONG_CLOCK;
        }
        if (UNKNOWN_KEY_CODES.contains(code) || (forbidden && text.contains("no such key"))) {
            return UNKNOWN_ACCESS_KEY;
        }
        if (SECRET_CODES.contains(code) || (forbidden && text.contains("signature"))) {
            return WRONG_SECRET_KEY;
        }
        // The answer to a HEAD has no text, and whatever is wrong with the keys is a bare 400 or 403 there.
        return forbidden || status == 401 || (status == 400 && code.isEmpty()) ? MISSING_RIGHT : NONE;
    }

    /** The code of S3 in an answer, empty when it has none. */
    static String codeOf(AwsServiceException answer) {
        AwsErrorDetails details = answer.awsErrorDetails();
        return details == null || details.errorCode() == null ? "" : details.errorCode();
    }

    /** What the store wrote, empty when nothing. It may quote keys. */
    static String textOf(AwsServiceException answer) {
        AwsErrorDetails details = answer.awsErrorDetails();
        return details == null || details.errorMessage() == null ? "" : details.errorMessage();
    }

    /** How far {@code clock} is ahead of the store's, to the second, when the answer has a date. */
    static Optional<Duration> skewOf(AwsServiceException answer, Clock clock) {
        AwsErrorDetails details = answer.awsErrorDetails();
        return details == null ? Optional.empty() : skewOf(details.sdkHttpResponse(), clock);
    }

    /** How far {@code clock} is ahead of the store's, to the second, when the answer has a date. */
    static Optional<Duration> skewOf(@Nullable SdkHttpResponse answer, Clock clock) {
        if (answer == null) {
            return Optional.empty();
        }
        return answer.firstMatchingHeader("Date").flatMap(date -> {
            try {
                ZonedDateTime there = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME);
                return Optional.of(Duration.between(there.toInstant(), clock.instant()));
            } catch (DateTimeException e) {
                return Optional.empty();
            }
        });
    }
}
