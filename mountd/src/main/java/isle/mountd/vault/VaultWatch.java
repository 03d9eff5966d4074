package isle.mountd.vault;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Looks in the background whether the store still has what it had of private/. */
public final class VaultWatch implements AutoCloseable {

    private static final long PERIOD_SECONDS = 300;

    private final VaultHealth health;
    private final CountDownLatch closed = new CountDownLatch(1);

    public VaultWatch(VaultHealth health) {
        this.health = health;
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
