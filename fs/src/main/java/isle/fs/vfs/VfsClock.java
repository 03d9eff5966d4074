package isle.fs.vfs;

import isle.fs.model.Timestamp;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/** Time as the VFS needs it: the wall clock for stamps, a monotonic one for waiting. */
public record VfsClock(InstantSource wall, LongSupplier ticker) {

    /** The clocks of the machine. */
    public static VfsClock system() {
        return new VfsClock(InstantSource.system(), System::nanoTime);
    }

    Timestamp now() {
        return Timestamp.of(wall.instant());
    }

    long millis() {
        return wall.millis();
    }

    /** Monotonic nanoseconds; only differences mean something. */
    long nanos() {
        return ticker.getAsLong();
    }
}
