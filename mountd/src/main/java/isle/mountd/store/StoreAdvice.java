package isle.mountd.store;

import isle.fs.s3.ProbeResult;
import isle.mountd.api.FailureKind;
import java.time.Duration;

/** What a person can do about a store that does not serve. */
public final class StoreAdvice {

    /** Clocks further apart than this are worth a word; S3 refuses at 15 minutes. */
    public static final Duration NOTABLE_SKEW = Duration.ofMinutes(1);

    private StoreAdvice() {}

    static FailureKind kind(ProbeResult result) {
        return switch (result.outcome()) {
            case UNREACHABLE -> FailureKind.STORE_UNREACHABLE;
            case WRONG_KEYS, NO_RIGHTS, WRONG_CLOCK, WRONG_REGION -> FailureKind.REFUSED;
            case NO_BUCKET, WRITABLE, READABLE, READ_ONLY, FULL -> FailureKind.FAILED;
        };
    }

    /** One sentence; empty if there is nothing to do. */
    public static String action(ProbeResult result) {
        return switch (result.outcome()) {
            case WRITABLE, READABLE -> "";
            case READ_ONLY -> "Mount with --read-only, or let these keys write to the bucket.";
            case FULL -> "Free space in the bucket, or raise its quota.";
            case NO_BUCKET ->
                "Make the bucket and let these keys read and write it; garage: bucket create, bucket allow.";
            case WRONG_KEYS -> "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to the store's keys and mount again.";
            case NO_RIGHTS -> "Let these keys read and write the bucket; garage: bucket allow --read --write.";
            case WRONG_REGION -> "Name the store's region: isle mount --region REGION.";
            case WRONG_CLOCK -> "Set the clock: timedatectl set-ntp true, or install chrony.";
            case UNREACHABLE -> "Check that the store runs and that the address is right.";
        };
    }
}
