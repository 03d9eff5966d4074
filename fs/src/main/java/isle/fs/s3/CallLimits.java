package isle.fs.s3;

import java.time.Duration;

/**
 * How long one call on the store may take.
 *
 * @param attempt longest time of one attempt, body included
 * @param quiet longest time in which the server may send nothing
 * @param total longest time of the call with all its attempts and the pauses between them
 */
record CallLimits(Duration attempt, Duration quiet, Duration total) {

    CallLimits {
        if (attempt.compareTo(total) > 0 || quiet.compareTo(attempt) > 0 || quiet.isZero() || quiet.isNegative()) {
            throw new IllegalArgumentException(
                    "limits out of order: quiet " + quiet + ", attempt " + attempt + ", total " + total);
        }
    }
}
