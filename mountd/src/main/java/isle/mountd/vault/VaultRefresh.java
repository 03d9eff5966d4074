package isle.mountd.vault;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Looks in the background whether the header of an open vault says something new. */
public final class VaultRefresh implements AutoCloseable {

    private static final long PERIOD_SECONDS = 300;

    /** While the store is away, so that what happened meanwhile is heard of soon. */
    private static final long AWAY_SECONDS = 15;

    private final PrivateVault vault;
    private final CountDownLatch closed = new CountDownLatch(1);

    public VaultRefresh(PrivateVault vault) {
        this.vault = vault;
    }

    /** Looks from now on. */
    public void start() {
        Thread thread = new Thread(this::run, "vault-refresh");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (!closed.await(vault.isFromCopy() ? AWAY_SECONDS : PERIOD_SECONDS, TimeUnit.SECONDS)) {
                vault.refresh();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Looks no more. */
    @Override
    public void close() {
        closed.countDown();
    }
}
