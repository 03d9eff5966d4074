package isle.fs.s3;

import isle.fs.model.FsException;
import isle.fs.s3.ProbeResult.ConditionalPut;
import isle.fs.s3.ProbeResult.Outcome;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.S3Client;

/** Finds out which kind of store this is, and what is wrong with it, in at most four small requests. */
final class S3Probe {

    /** No user's object is ever here. */
    private static final String FOLDER = ".isle-probe/";

    private final S3Session session;
    private final S3Client client;
    private final String bucket;

    S3Probe(S3Session session) {
        this.session = session;
        this.client = session.client();
        this.bucket = session.settings().bucket();
    }

    ProbeResult run(boolean tryWrites, RandomGenerator random) {
        String doing = "reaching " + session.settings().place();
        Optional<Duration> ahead;
        try {
            SdkHttpResponse answer = session.inTime(
                    doing, session.limits().list(), () -> session.lister().knock());
            ahead = Refusal.skewOf(answer, session.clock());
        } catch (AwsServiceException e) {
            return new ProbeResult(
                    outcomeOf(e, Outcome.NO_RIGHTS),
                    ConditionalPut.UNKNOWN,
                    Refusal.skewOf(e, session.clock()),
                    sentence(session.errors().translate(doing, e)));
        } catch (FsException e) {
            return new ProbeResult(Outcome.UNREACHABLE, ConditionalPut.UNKNOWN, Optional.empty(), sentence(e));
        }
        if (!tryWrites) {
            return new ProbeResult(
                    Outcome.READABLE,
                    ConditionalPut.UNKNOWN,
                    ahead,
                    session.settings().place() + " can be read");
        }
        return write(ahead, FOLDER + Long.toHexString(random.nextLong()));
    }

    private ProbeResult write(Optional<Duration> ahead, String key) {
        String doing = "writing to " + session.settings().place();
        try {
            ConditionalPut kind = session.inTime(doing, session.limits().upload(1), () -> putTwice(key));
            return new ProbeResult(
                    Outcome.WRITABLE, kind, ahead, session.settings().place() + " can be read and written");
        } catch (AwsServiceException e) {
            Outcome outcome = outcomeOf(e, Outcome.READ_ONLY);
            String message = outcome == Outcome.READ_ONLY
                    ? "these keys may read " + session.settings().place() + " but not write to it"
                    : sentence(session.errors().translate(doing, e));
            return new ProbeResult(outcome, ConditionalPut.UNKNOWN, ahead, message);
        } catch (FsException e) {
            return new ProbeResult(Outcome.UNREACHABLE, ConditionalPut.UNKNOWN, ahead, sentence(e));
        }
    }

    /** Garage overwrites and says nothing: then nothing may ever rely on conditional writes. */
    private ConditionalPut putTwice(String key) {
        put(key);
        ConditionalPut kind = ConditionalPut.IGNORED;
        try {
            put(key);
        } catch (AwsServiceException e) {
            if (e.statusCode() != 412 && e.statusCode() != 409) {
                throw e;
            }
            kind = ConditionalPut.HONOURED;
        } finally {
            client.deleteObject(request -> request.bucket(bucket).key(key));
        }
        return kind;
    }

    private void put(String key) {
        client.putObject(
                request -> request.bucket(bucket).key(key).ifNoneMatch("*"), RequestBody.fromBytes(new byte[] {1}));
    }

    private static String sentence(FsException e) {
        return Objects.requireNonNullElse(e.getMessage(), "failed");
    }

    private Outcome outcomeOf(AwsServiceException answer, Outcome withoutRight) {
        return switch (Refusal.of(answer, session.clock())) {
            case UNKNOWN_ACCESS_KEY, WRONG_SECRET_KEY -> Outcome.WRONG_KEYS;
            case WRONG_CLOCK -> Outcome.WRONG_CLOCK;
            case WRONG_REGION -> Outcome.WRONG_REGION;
            case NO_BUCKET -> Outcome.NO_BUCKET;
            case OVER_QUOTA -> Outcome.FULL;
            case MISSING_RIGHT -> withoutRight;
            case NONE -> answer.statusCode() == 507 ? Outcome.FULL : Outcome.UNREACHABLE;
        };
    }
}
