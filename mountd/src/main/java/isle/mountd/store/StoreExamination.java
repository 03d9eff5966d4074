package isle.mountd.store;

import isle.fs.s3.ProbeResult;
import isle.fs.s3.S3ObjectStore;
import isle.mountd.health.HealthCode;
import isle.mountd.health.HealthRegistry;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Looks, in the background, whether remote stores still accept us: keys, rights, region, clock. What a store refuses to
 * one request is told there; here it is found out before anybody needs it. One list request a volume and look.
 */
public final class StoreExamination implements AutoCloseable {

    private static final long PERIOD_SECONDS = 300;

    private final Map<String, S3ObjectStore> stores;
    private final HealthRegistry health;
    private final CountDownLatch closed = new CountDownLatch(1);

    /** @param stores by the names of their volumes */
    public StoreExamination(Map<String, S3ObjectStore> stores, HealthRegistry health) {
        this.stores = new LinkedHashMap<>(stores);
        this.health = health;
    }

    /** Looks from now on. */
    public void start() {
        Thread thread = new Thread(this::run, "store-examination");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            do {
                stores.forEach(this::examine);
            } while (!closed.await(PERIOD_SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void examine(String volume, S3ObjectStore store) {
        ProbeResult result = store.probe(false, new SecureRandom());
        if (result.outcome() == ProbeResult.Outcome.UNREACHABLE || closed.getCount() == 0) {
            // Somebody else tells that, faster.
            return;
        }
        report(volume, result);
    }

    void report(String volume, ProbeResult result) {
        boolean clock = result.clockAhead()
                .filter(ahead -> ahead.abs().compareTo(StoreAdvice.NOTABLE_SKEW) > 0)
                .isPresent();
        health.set(
                clock || result.outcome() == ProbeResult.Outcome.WRONG_CLOCK,
                HealthCode.CLOCK_SKEW,
                volume,
                result.clockAhead()
                        .map(ahead -> "This machine's clock is " + ahead.abs().toSeconds() + " s "
                                + (ahead.isNegative() ? "behind" : "ahead of") + " that of the store of " + volume
                                + ".")
                        .orElse("The clocks of this machine and of the store of " + volume + " are too far apart."),
                "Set the clock: timedatectl set-ntp true, or install chrony. Stores refuse at 15 minutes.");
        health.set(
                !result.isReadable() && result.outcome() != ProbeResult.Outcome.WRONG_CLOCK,
                HealthCode.STORE_REFUSES,
                volume,
                "The store of " + volume + " refuses: " + result.message() + ".",
                StoreAdvice.action(result));
    }

    /** Looks no more. */
    @Override
    public void close() {
        closed.countDown();
    }
}
