package isle.mountd.vault;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Looks in the background whether the store still has what it had of private/, and what of it nobody needs. */
public final class VaultWatch implements AutoCloseable {

    private static final long PERIOD_SECONDS = 300;

    private final VaultHealth health;
    private final BooleanSupplier isIdle;
    private final CountDownLatch closed = new CountDownLatch(1);

    /** @param isIdle whether nothing of private/ waits here for being stored, and its header was read from the store */
    public VaultWatch(VaultHealth health, BooleanSupplier isIdle) {
        this.health = health;
        this.isIdle = isIdle;
    }

    /** Looks from now on. */
    public void start() {
        Thread thread = new Thread(this::run, "vault-watch");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (!closed.await(PERIOD_SECONDS, TimeUnit.SECONDS)) {
                health.look();
                if (isIdle.getAsBoolean()) {
                    health.collect();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Looks no more, and takes back what it has told. */
    @Override
    public void close() {
        closed.countDown();
        health.clear();
    }
}
