package isle.mountd;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Says again and again that something is still going on, so that nobody takes a long step for a hanging daemon. */
final class Heartbeat implements AutoCloseable {

    private static final Duration PERIOD = Duration.ofSeconds(5);

    private final CountDownLatch closed = new CountDownLatch(1);

    private Heartbeat() {}

    /** Says {@code text} every few seconds until it is closed. */
    static Heartbeat start(Consumer<String> progress, String text) {
        Heartbeat beat = new Heartbeat();
        Thread thread = new Thread(() -> beat.run(progress, text), "heartbeat");
        thread.setDaemon(true);
        thread.start();
        return beat;
    }

    private void run(Consumer<String> progress, String text) {
        try {
            while (!closed.await(PERIOD.toMillis(), TimeUnit.MILLISECONDS)) {
                progress.accept(text);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.io.UncheckedIOException e) {
            // Nobody listens any more; the step itself will notice when it answers.
            closed.countDown();
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
