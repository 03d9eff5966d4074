package isle.fs.s3;

import java.time.Duration;
import java.util.Optional;

/**
 * What a store turned out to be.
 *
 * @param outcome what can be done with the bucket
 * @param conditionalPut whether it can be trusted with conditional writes
 * @param clockAhead how far the clock of this machine is ahead of the store's (negative: behind), to the second; empty
 *     when the store did not answer or tell
 * @param message one sentence for people, without keys
 */
public record ProbeResult(
        Outcome outcome, ConditionalPut conditionalPut, Optional<Duration> clockAhead, String message) {

    /** What can be done with the bucket. */
    public enum Outcome {
        /** Objects were written, read and deleted. */
        WRITABLE,
        /** Objects can be read; writing was not tried. */
        READABLE,
        /** Objects can be read, and the keys may not write. */
        READ_ONLY,
        /** Objects can be read, and the quota or the disks leave no room to write. */
        FULL,
        /** There is no such bucket, or the keys may not see it. */
        NO_BUCKET,
        /** The store does not know the access key, or the secret key is another's. */
        WRONG_KEYS,
        /** The keys are right and have no right to this bucket. */
        NO_RIGHTS,
        /** The store is in another region than the settings say. */
        WRONG_REGION,
        /** The clocks are too far apart for the store to accept anything. */
        WRONG_CLOCK,
        /** No answer, or none of S3. */
        UNREACHABLE
    }

    /** What a PUT with {@code If-None-Match: *} does when the object exists. */
    public enum ConditionalPut {
        /** It is refused, as on AWS. */
        HONOURED,
        /** It overwrites, as on Garage. */
        IGNORED,
        /** Not tried. */
        UNKNOWN
    }

    /** Whether reading is possible. */
    public boolean isReadable() {
        return switch (outcome) {
            case WRITABLE, READABLE, READ_ONLY, FULL -> true;
            case NO_BUCKET, WRONG_KEYS, NO_RIGHTS, WRONG_REGION, WRONG_CLOCK, UNREACHABLE -> false;
        };
    }
}
