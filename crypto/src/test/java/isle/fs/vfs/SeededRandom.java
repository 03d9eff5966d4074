package isle.fs.vfs;

import java.security.SecureRandom;
import java.util.Random;

/** Draws the same for the same seed; for histories that have to be repeatable, and nothing else. */
final class SeededRandom extends SecureRandom {
    private static final long serialVersionUID = 1L;

    private final Random random;

    SeededRandom(long seed) {
        this.random = new Random(seed);
    }

    @Override
    public void nextBytes(byte[] bytes) {
        random.nextBytes(bytes);
    }
}
