package isle.fs.s3;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.DeletedObject;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Error;

/** Deletes objects, and believes it only of a store that says so of each. */
final class Deletions {

    private static final int NO_CONTENT = 204;

    private final S3Session session;
    private final S3Client client;
    private final String bucket;

    Deletions(S3Session session) {
        this.session = session;
        this.client = session.client();
        this.bucket = session.settings().bucket();
    }

    void one(ObjectKey key) throws FsException {
        session.replace("deleting " + Keys.shown(key.value()), session.limits().metadata(), () -> {
            try {
                int status = client.deleteObject(
                                request -> request.bucket(bucket).key(key.value()))
                        .sdkHttpResponse()
                        .statusCode();
                if (status != NO_CONTENT) {
                    throw new FsException.Unavailable(
                            "a deletion was answered with " + status + ", which an S3 store does not do");
                }
                return key;
            } catch (AwsServiceException e) {
                if (S3Errors.isNoSuchObject(e)) {
                    return key;
                }
                throw e;
            }
        });
    }

    /** Returns the keys that were not deleted. */
    Map<ObjectKey, FsException> many(List<ObjectKey> keys) throws FsException {
        List<ObjectKey> together = new ArrayList<>();
        List<ObjectKey> single = new ArrayList<>();
        for (ObjectKey key : keys) {
            (Keys.fitsXml(key) ? together : single).add(key);
        }
        Map<ObjectKey, FsException> failed = new HashMap<>();
        if (!together.isEmpty()) {
            failed.putAll(inOneRequest(together));
        }
        oneByOne(single, failed);
        return failed;
    }

    private Map<ObjectKey, FsException> inOneRequest(List<ObjectKey> keys) throws FsException {
        List<ObjectIdentifier> named = keys.stream()
                .map(key -> ObjectIdentifier.builder().key(key.value()).build())
                .toList();
        DeleteObjectsResponse response = session.replace(
                "deleting " + keys.size() + " objects",
                session.limits().deletions(keys.size()),
                () -> client.deleteObjects(request -> request.bucket(bucket).delete(all -> all.objects(named))));
        Map<ObjectKey, FsException> failed = new HashMap<>();
        for (ObjectKey key : keys) {
            failed.put(key, new FsException.Unavailable("the store does not say whether it deleted " + shown(key)));
        }
        for (DeletedObject deleted : response.deleted()) {
            failed.remove(new ObjectKey(deleted.key()));
        }
        for (S3Error error : response.errors()) {
            ObjectKey key = new ObjectKey(error.key());
            session.errors()
                    .notDeleted(error)
                    .ifPresentOrElse(reason -> failed.put(key, reason), () -> failed.remove(key));
        }
        return failed;
    }

    private void oneByOne(List<ObjectKey> keys, Map<ObjectKey, FsException> failed) {
        FsException outage = null;
        for (ObjectKey key : keys) {
            if (outage != null) {
                failed.put(key, outage);
                continue;
            }
            try {
                one(key);
            } catch (FsException e) {
                failed.put(key, e);
                // Otherwise each of up to a thousand keys would wait for its own time-out.
                outage = e.isTransient() ? e : null;
            }
        }
    }

    private static String shown(ObjectKey key) {
        return Keys.shown(key.value());
    }
}
