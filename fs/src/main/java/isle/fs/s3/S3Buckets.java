package isle.fs.s3;

import isle.fs.model.FsException;
import java.time.Clock;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ExpirationStatus;
import software.amazon.awssdk.services.s3.model.LifecycleRule;

/** Makes buckets that are not there yet. */
public final class S3Buckets {

    /** What {@link #ensure} found or did. */
    public enum State {
        /** The bucket was there. It is left as it is. */
        EXISTED,
        /** The bucket was made, and the store removes uploads in it that nobody finishes within a day. */
        CREATED,
        /** The bucket was made; the store does not remove unfinished uploads by itself. */
        CREATED_WITHOUT_CLEANUP
    }

    private static final Set<String> THERE_ALREADY = Set.of("BucketAlreadyOwnedByYou", "BucketAlreadyExists");
    private static final int DAYS_OF_UNFINISHED_UPLOADS = 1;

    private S3Buckets() {}

    /**
     * Makes the bucket of {@code settings} if it does not exist.
     *
     * @throws FsException.AccessDenied the bucket does not exist and the keys may not make it; or they may not see it
     */
    public static State ensure(S3Settings settings, S3Limits limits, Clock clock) throws FsException {
        try (S3Session session = new S3Session(settings, limits, QuickAckHttpClient.create(), clock)) {
            return ensure(session);
        }
    }

    private static State ensure(S3Session session) throws FsException {
        String doing = "looking for " + session.settings().place();
        try {
            session.inTime(
                    doing, session.limits().list(), () -> session.lister().knock());
            return State.EXISTED;
        } catch (AwsServiceException e) {
            if (Refusal.of(e, session.clock()) != Refusal.NO_BUCKET) {
                throw session.errors().translate(doing, e);
            }
        }
        return create(session);
    }

    private static State create(S3Session session) throws FsException {
        String bucket = session.settings().bucket();
        String doing = "making " + session.settings().place();
        S3Client client = session.client();
        try {
            session.inTime(
                    doing, session.limits().serverWork(), () -> client.createBucket(request -> request.bucket(bucket)));
        } catch (AwsServiceException e) {
            if (THERE_ALREADY.contains(Refusal.codeOf(e))) {
                return State.EXISTED;
            }
            if (Refusal.of(e, session.clock()) == Refusal.MISSING_RIGHT) {
                throw new FsException.AccessDenied(doing + ": there is no such bucket and these keys may not make one;"
                        + " somebody who administers the store has to make it and let these keys read and write it");
            }
            throw session.errors().translate(doing, e);
        }
        try {
            session.inTime(doing, session.limits().serverWork(), () -> cleanUp(client, bucket));
            return State.CREATED;
        } catch (AwsServiceException | FsException e) {
            // Left-over parts cost space only, and isle looks for its own: no reason not to use the bucket.
            return State.CREATED_WITHOUT_CLEANUP;
        }
    }

    private static boolean cleanUp(S3Client client, String bucket) {
        LifecycleRule rule = LifecycleRule.builder()
                .id("unfinished-uploads")
                .status(ExpirationStatus.ENABLED)
                .filter(all -> all.prefix(""))
                .abortIncompleteMultipartUpload(abort -> abort.daysAfterInitiation(DAYS_OF_UNFINISHED_UPLOADS))
                .build();
        client.putBucketLifecycleConfiguration(
                request -> request.bucket(bucket).lifecycleConfiguration(rules -> rules.rules(rule)));
        return true;
    }
}
