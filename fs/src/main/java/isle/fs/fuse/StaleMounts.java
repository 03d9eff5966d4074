package isle.fs.fuse;

import isle.fs.fuse.Unmounter.Attempt;
import isle.fs.fuse.Unmounter.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds the mounts that a daemon left behind when it was killed, and removes them. A mount whose daemon lives is never
 * touched, nor one of another profile.
 */
public final class StaleMounts {

    /** Time for one probe and for one attempt to unmount. */
    private static final Duration STEP = Duration.ofSeconds(5);

    private StaleMounts() {}

    /** What was found, and what became of it. */
    public enum State {
        /** The daemon was gone; the mount is removed. */
        CLEANED,
        /** The daemon was gone, but the mount could not be removed. */
        STUCK,
        /** A daemon answers: it was left alone. */
        LIVE,
        /** A daemon holds the mount and does not answer: it was left alone. */
        SILENT
    }

    /**
     * One mount.
     *
     * @param point where it is
     * @param detail what the system said, empty if nothing
     */
    public record Found(String point, State state, String detail) {}

    /**
     * Cleans all mounts of a profile. It takes a few seconds for each at most.
     *
     * @throws IOException if the programs for it cannot be started
     */
    public static List<Found> clean(String profile) throws IOException {
        List<Found> found = new ArrayList<>();
        for (MountTable.Entry mount : MountTable.read().fuseMountsOf(MountOptions.source(profile))) {
            found.add(clean(mount));
        }
        return found;
    }

    static Found clean(MountTable.Entry mount) throws IOException {
        return switch (MountProbe.probe(mount.point(), STEP)) {
            case LIVE -> new Found(mount.point(), State.LIVE, "");
            case SILENT -> new Found(mount.point(), State.SILENT, "no answer within " + STEP.toSeconds() + " s");
            case DEAD -> remove(mount);
        };
    }

    /** Its daemon is gone, so nothing can be lost by any of these steps. */
    private static Found remove(MountTable.Entry mount) throws IOException {
        Attempt attempt = Unmounter.unmount(mount.point(), false, STEP);
        if (attempt.outcome() != Outcome.DONE) {
            attempt = Unmounter.unmount(mount.point(), true, STEP);
        }
        if (attempt.outcome() != Outcome.DONE && Unmounter.abort(mount)) {
            attempt = Unmounter.unmount(mount.point(), true, STEP);
        }
        Optional<MountTable.Entry> left = MountTable.read().at(mount.point());
        boolean gone = left.isEmpty() || left.get().connection() != mount.connection();
        return new Found(mount.point(), gone ? State.CLEANED : State.STUCK, gone ? "" : attempt.text());
    }

    /**
     * Cuts off a silent mount of a profile and removes it. Only for who knows that no daemon of that profile can be at
     * work, because it holds the profile's lock. Where the system does not let us cut it off, it is only taken out of
     * the tree, and programs that wait in it wait on until its daemon ends.
     *
     * @return false if it is still there
     * @throws IOException if the programs for it cannot be started
     */
    public static boolean cutOff(String profile, Found silent) throws IOException {
        Optional<MountTable.Entry> mount = MountTable.read().fuseMountsOf(MountOptions.source(profile)).stream()
                .filter(entry -> entry.point().equals(silent.point()))
                .findFirst();
        if (mount.isEmpty()) {
            return true;
        }
        if (!Unmounter.abort(mount.get())) {
            Unmounter.unmount(mount.get().point(), true, STEP);
        }
        return remove(mount.get()).state() == State.CLEANED;
    }
}
