package isle.crypto.seal;

import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;

/**
 * Makes the cipher fast before anybody waits for it. Java uses the processor's instructions for AES-GCM only once the
 * code around them is compiled, which by itself takes half a gigabyte at 60 to 100 MB/s, or thousands of small calls. With
 * the daemon's options (the calls of these instructions are compiled at once) it takes some ten large calls, or these small
 * ones, a third of a second. To be run in a thread of its own; ends early when that is interrupted.
 */
public final class Prewarm implements Runnable {

    private static final int CALLS = 1_000;
    private static final int BYTES = 16 * 1024;

    private final SecureRandom random;
    private final int calls;
    private int done;

    public Prewarm(SecureRandom random) {
        this(random, CALLS);
    }

    Prewarm(SecureRandom random, int calls) {
        this.random = random;
        this.calls = calls;
    }

    @Override
    public void run() {
        byte[] key = new byte[Sealer.KEY_BYTES];
        random.nextBytes(key);
        Sealer sealer = new Sealer(key);
        Binding binding = new Binding(Id.random(random), 1, Id.random(random), Id.random(random), Role.BLOCK);
        ByteBuffer plain = ByteBuffer.allocate(BYTES);
        try {
            for (done = 0; done < calls && !Thread.currentThread().isInterrupted(); done++) {
                sealer.open(binding, sealer.seal(binding, plain));
            }
        } catch (FsException e) {
            throw new IllegalStateException("what was sealed does not open", e);
        }
    }

    /** How many calls the last run has made. */
    int done() {
        return done;
    }
}
