package isle.crypto.seal;

import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;

/**
 * Makes the cipher fast before anybody waits for it. Java uses the processor's instructions for AES-GCM only once the
 * calls around them are compiled, and that takes a number of calls, not of bytes: a new process seals its first half
 * gigabyte at 85 MB/s unless thousands of small calls came before (measured; they take one to three seconds of one
 * processor). To be run in a thread of its own, of low priority; ends early when that is interrupted.
 */
public final class Prewarm implements Runnable {

    private static final int CALLS = 20_000;
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
