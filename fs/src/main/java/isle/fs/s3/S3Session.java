package isle.fs.s3;

import isle.fs.model.FsException;
import isle.fs.s3.Deadline.Call;
import java.io.UncheckedIOException;
import java.time.Clock;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;

/** The connections to one store, and the way every request goes: within its time, failures explained. */
final class S3Session implements AutoCloseable {

    private final S3Settings settings;
    private final S3Limits limits;
    private final QuickAckHttpClient http;
    private final Clock clock;
    private final S3Client client;
    private final S3Errors errors;
    private final Lister lister;
    private volatile boolean closed;

    S3Session(S3Settings settings, S3Limits limits, QuickAckHttpClient http, Clock clock) {
        this.settings = settings;
        this.limits = limits;
        this.http = http;
        this.clock = clock;
        this.client = S3Clients.create(settings, http, clock);
        this.errors = new S3Errors(settings, clock);
        this.lister = new Lister(client, settings.bucket());
    }

    S3Settings settings() {
        return settings;
    }

    S3Limits limits() {
        return limits;
    }

    Clock clock() {
        return clock;
    }

    S3Client client() {
        return client;
    }

    S3Errors errors() {
        return errors;
    }

    Lister lister() {
        return lister;
    }

    /** Runs requests that change nothing; failures come out translated. */
    <T> T read(String doing, CallLimits time, Call<T> request) throws FsException {
        return call(doing, time, request, false);
    }

    /** Runs requests that change something; failures come out translated. */
    <T> T write(String doing, CallLimits time, Call<T> request) throws FsException {
        return call(doing, time, request, true);
    }

    /** As {@link #write}, of a whole object: nothing is sent again while what was sent may still be carried out. */
    <T> T replace(String doing, CallLimits time, Call<T> request) throws FsException {
        return write(doing, time, () -> {
            Deadline.current().write();
            return request.run();
        });
    }

    private <T> T call(String doing, CallLimits time, Call<T> request, boolean write) throws FsException {
        try {
            return inTime(doing, time, () -> explaining(doing, request, write));
        } catch (AwsServiceException e) {
            throw errors.translate(doing, e);
        }
    }

    /** "Access denied" does not say whether reading is allowed, and the answer to a HEAD says nothing at all. */
    private <T> T explaining(String doing, Call<T> request, boolean write) throws FsException {
        try {
            return request.run();
        } catch (AwsServiceException e) {
            if (!errors.isUnexplained(e)) {
                throw e;
            }
            lister.knock();
            throw write
                    ? new FsException.ReadOnly(
                            doing + ": these keys may read bucket " + settings.bucket() + " but not write to it")
                    : errors.translate(doing, e);
        }
    }

    /** Runs requests under one deadline. What the server answered comes out as it is, all else translated. */
    <T> T inTime(String doing, CallLimits time, Call<T> requests) throws FsException {
        if (closed) {
            throw new FsException.Unavailable(doing + ": the store is closed");
        }
        try {
            return Deadline.within(time, requests);
        } catch (AwsServiceException e) {
            throw e;
        } catch (RuntimeException e) {
            if (closed) {
                throw new FsException.Unavailable(doing + ": the store was closed", e);
            }
            // The SDK wraps failures of reading the content in whatever is at hand.
            if (e instanceof SdkException || e instanceof UncheckedIOException || S3Errors.isOfSource(e)) {
                throw errors.translate(doing, e);
            }
            throw e;
        }
    }

    @Override
    public void close() {
        closed = true;
        client.close();
        http.close();
    }
}
