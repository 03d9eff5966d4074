package isle.fs.s3;

import isle.fs.model.FsException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.services.s3.model.S3Error;

/**
 * The one place where failures of the SDK become {@link FsException}s. What a store writes into an error is used to
 * tell the kind, and quoted only where it helps, without keys: some stores quote the access key.
 */
final class S3Errors {
    /** In the message of a request whose connection ended before an answer came. */
    static final String HUNG_UP = " hung up: ";

    /** What arrived is not what was sent: the next attempt may be luckier. */
    private static final Set<String> OTHER_CONTENT =
            Set.of("BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch");

    private static final int MAX_QUOTE = 200;

    private static final Set<String> TOO_LARGE = Set.of("EntityTooLarge", "MetadataTooLarge");
    private static final Set<String> DISK_FULL = Set.of("XMinioStorageFull", "InsufficientStorage");

    private final S3Settings settings;
    private final Clock clock;

    S3Errors(S3Settings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * The error of the port for a failure of the SDK.
     *
     * @param doing what was tried, as in "reading a/b"
     */
    FsException translate(String doing, Throwable failure) {
        if (failure instanceof AwsServiceException answer) {
            return answered(doing, answer);
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SourceFailed source) {
                return source.getCause() instanceof FsException own
                        ? own
                        : new FsException.Failed(doing + ": the content cannot be read", source.getCause());
            }
            if (cause instanceof AbortedException || cause instanceof InterruptedException) {
                Thread.currentThread().interrupt();
                return new FsException.Unavailable(doing + ": interrupted");
            }
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof FsException own) {
                return own;
            }
            if (cause instanceof IOException network) {
                return unreachable(doing, network);
            }
        }
        for (Throwable suppressed : failure.getSuppressed()) {
            if (suppressed instanceof IOException network) {
                return unreachable(doing, network);
            }
        }
        if (failure instanceof UncheckedIOException) {
            return new FsException.Unavailable(doing + ": the connection to " + settings.endpoint() + " failed");
        }
        if (String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT).contains("credentials")) {
            return new FsException.AccessDenied(
                    doing + ": the keys cannot be read any more (" + settings.credentials() + ")");
        }
        return new FsException.Unavailable(
                doing + ": " + settings.endpoint() + " gave an answer that is not S3 (" + quote(failure) + ")");
    }

    private FsException unreachable(String doing, IOException failure) {
        if (Thread.currentThread().isInterrupted()) {
            return new FsException.Unavailable(doing + ": interrupted", failure);
        }
        String where = doing + ": " + settings.endpoint();
        if (failure instanceof DeadlineExceeded) {
            return new FsException.TimedOut(where + " gave " + failure.getMessage(), failure);
        }
        if (failure instanceof ConnectionRequestTimeoutException) {
            return new FsException.TimedOut(
                    doing + ": all " + QuickAckHttpClient.MAX_CONNECTIONS + " connections to the store are busy",
                    failure);
        }
        if (failure instanceof ConnectTimeoutException) {
            return new FsException.TimedOut(where + " cannot be connected to: no answer", failure);
        }
        if (failure instanceof InterruptedIOException) {
            return new FsException.TimedOut(where + " stopped answering", failure);
        }
        if (failure instanceof UnknownHostException) {
            return new FsException.Unavailable(doing + ": " + failure.getMessage(), failure);
        }
        if (failure instanceof ConnectException) {
            return new FsException.Unavailable(where + " refuses connections", failure);
        }
        if (failure instanceof SSLException) {
            return new FsException.Unavailable(
                    where + " cannot be talked to over TLS: " + failure.getMessage(), failure);
        }
        return new FsException.Unavailable(where + HUNG_UP + failure.getMessage(), failure);
    }

    private FsException answered(String doing, AwsServiceException answer) {
        String code = Refusal.codeOf(answer);
        String text = Refusal.textOf(answer);
        int status = answer.statusCode();
        Refusal refusal = Refusal.of(answer, clock);
        if (refusal != Refusal.NONE) {
            return refused(doing, refusal, answer);
        }
        if (status == 404 && code.equals("NoSuchUpload")) {
            return new FsException.NotFound(doing + ": the upload is gone");
        }
        if (isNoSuchObject(answer)) {
            return new FsException.NotFound(doing + ": no such object");
        }
        if (status == 404) {
            // Another kind of server may answer here. "Unreachable" is never "deleted".
            return new FsException.Unavailable(
                    doing + ": " + settings.endpoint() + " does not answer like an S3 store");
        }
        if (status == 412 || status == 304) {
            return new FsException.PreconditionFailed(doing + ": the object has changed");
        }
        if (status == 507 || DISK_FULL.contains(code)) {
            return new FsException.NoSpace(doing + ": the store's disks are full");
        }
        if (status == 408 || status == 429 || status >= 500) {
            return status == 501
                    ? new FsException.Unsupported(doing + ": the store does not know this request")
                    : new FsException.Unavailable(
                            doing + ": " + settings.endpoint() + " answered " + nameOf(status, code, text));
        }
        if (code.startsWith("KeyTooLong")) {
            return new FsException.NameTooLong(doing + ": the store takes no key as long as this");
        }
        if (TOO_LARGE.contains(code) || status == 413 || status == 431) {
            return new FsException.TooLarge(doing + ": larger than the store takes");
        }
        if (status == 405) {
            return new FsException.Unsupported(doing + ": the store does not allow this request");
        }
        if (OTHER_CONTENT.contains(code)) {
            return new FsException.Unavailable(doing + ": the content was not the same when it arrived");
        }
        if (status == 400) {
            return new FsException.Invalid(doing + ": the store refused it with " + nameOf(status, code, text));
        }
        return new FsException.Failed(doing + ": the store refused it with " + nameOf(status, code, text));
    }

    /** Why one of many objects was not deleted; empty when it was not there, which is as good. */
    Optional<FsException> notDeleted(S3Error error) {
        String code = error.code() == null ? "" : error.code();
        String doing = "deleting " + Keys.shown(error.key());
        return switch (code) {
            case "NoSuchKey" -> Optional.empty();
            case "AccessDenied" -> Optional.of(missingRight(doing));
            default ->
                Optional.of(new FsException.Unavailable(doing + ": the store answered " + quote(code) + " ("
                        + quote(String.valueOf(error.message())) + ")"));
        };
    }

    /** Whether the content to be sent could not be read. */
    static boolean isOfSource(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SourceFailed) {
                return true;
            }
        }
        return false;
    }

    /** The store itself says that there is no such object. The answer to a HEAD does not say so. */
    static boolean isNoSuchObject(AwsServiceException answer) {
        return answer.statusCode() == 404 && Refusal.codeOf(answer).equals("NoSuchKey");
    }

    static boolean isNoSuchUpload(AwsServiceException answer) {
        return answer.statusCode() == 404 && Refusal.codeOf(answer).equals("NoSuchUpload");
    }

    /** A refusal that does not say whether the keys are wrong or may only do other things. */
    boolean isUnexplained(AwsServiceException answer) {
        return Refusal.of(answer, clock) == Refusal.MISSING_RIGHT;
    }

    private FsException missingRight(String doing) {
        return new FsException.AccessDenied(doing + ": the keys do not have this right on bucket " + settings.bucket());
    }

    private FsException refused(String doing, Refusal refusal, AwsServiceException answer) {
        return switch (refusal) {
            case UNKNOWN_ACCESS_KEY ->
                new FsException.AccessDenied(doing + ": wrong keys: the store does not know this access key ("
                        + settings.credentials() + ")");
            case WRONG_SECRET_KEY ->
                new FsException.AccessDenied(doing
                        + ": wrong keys: the secret key does not belong to the access key (" + settings.credentials()
                        + ")");
            case WRONG_CLOCK ->
                new FsException.AccessDenied(doing + ": the clock of this machine is "
                        + Refusal.skewOf(answer, clock).map(S3Errors::describe).orElse("too far")
                        + " off from that of the store");
            case WRONG_REGION ->
                new FsException.AccessDenied(doing + ": the store at " + settings.endpoint() + " is not in region "
                        + settings.region() + " (" + quote(Refusal.textOf(answer)) + ")");
            case NO_BUCKET ->
                // Not NotFound: that would say of each object that it was deleted.
                new FsException.Unavailable(doing + ": there is no bucket " + settings.bucket() + " at "
                        + settings.endpoint() + " that these keys may see");
            case OVER_QUOTA ->
                new FsException.QuotaExceeded(doing + ": the quota of bucket " + settings.bucket() + " is used up");
            case MISSING_RIGHT -> missingRight(doing);
            case NONE -> throw new IllegalArgumentException("not refused");
        };
    }

    /** A length of time for people, without sign. */
    static String describe(Duration time) {
        long seconds = time.abs().toSeconds();
        if (seconds >= 2 * 86_400) {
            return Math.round(seconds / 86_400.0) + " days";
        }
        if (seconds >= 2 * 3600) {
            return Math.round(seconds / 3600.0) + " hours";
        }
        return seconds >= 120 ? Math.round(seconds / 60.0) + " minutes" : seconds + " seconds";
    }

    private String nameOf(int status, String code, String text) {
        String quoted = quote(text);
        return status + (code.isEmpty() ? "" : " " + quote(code)) + (quoted.isEmpty() ? "" : " (" + quoted + ")");
    }

    private String quote(Throwable failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : quote(failure.getMessage());
    }

    private String quote(String foreign) {
        String clean = settings.credentials()
                .redact(foreign)
                .replaceAll("\\p{Cntrl}+", " ")
                .strip();
        return clean.length() <= MAX_QUOTE ? clean : clean.substring(0, MAX_QUOTE) + "…";
    }
}
