package isle.mountd;

import isle.fs.fuse.FuseMount;
import isle.fs.fuse.Invalidation;
import isle.fs.fuse.MountOptions;
import isle.fs.fuse.MountProblem;
import isle.fs.fuse.StaleMounts;
import isle.fs.model.FileName;
import isle.fs.vfs.ChangeListener;
import isle.fs.vfs.FileSystem;
import isle.mountd.api.DaemonException;
import isle.mountd.api.FailureKind;
import isle.mountd.config.Settings;
import isle.mountd.health.HealthCode;
import isle.mountd.health.HealthRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the volumes are shown, if they are: the one mount of a daemon. */
final class MountPlace {

    private static final Logger LOG = LoggerFactory.getLogger(MountPlace.class);

    /** Programs that are about to end get so long before they count as users of the mount. */
    private static final Duration BUSY_LIMIT = Duration.ofSeconds(2);

    private final Settings settings;
    private final String profile;
    private final HealthRegistry health;
    private volatile @Nullable FuseMount mount;

    /** @param profile name by which a mount of this profile is found again */
    MountPlace(Settings settings, String profile, HealthRegistry health) {
        this.settings = settings;
        this.profile = profile;
        this.health = health;
    }

    /** Removes what a killed daemon of this profile left. The caller holds the profile's lock. */
    void cleanUp() {
        try {
            for (StaleMounts.Found found : StaleMounts.clean(profile)) {
                boolean silent = found.state() == StaleMounts.State.SILENT;
                boolean gone = silent ? StaleMounts.cutOff(profile, found) : found.state() == StaleMounts.State.CLEANED;
                LOG.info("A mount that a killed daemon left at {}: {}", found.point(), gone ? "removed" : "stuck");
                health.set(
                        !gone,
                        HealthCode.STALE_MOUNT,
                        found.point(),
                        "A mount that a killed daemon left at " + found.point() + " cannot be removed.",
                        "Remove it by hand: fusermount -uz " + found.point());
            }
        } catch (IOException e) {
            LOG.warn("Looking for mounts of a killed daemon: {}", e.getMessage());
        }
    }

    /** A person may have unmounted it with fusermount or in the file manager. */
    Optional<String> mounted() {
        FuseMount now = mount;
        return now == null || now.ended().isDone()
                ? Optional.empty()
                : Optional.of(now.point().toString());
    }

    void show(FileSystem files) throws DaemonException {
        MountOptions options =
                MountOptions.of(profile).withReadOnly(settings.readOnly()).withAllowOther(settings.allowOther());
        try {
            mount = FuseMount.mount(files, settings.mount(), options);
        } catch (MountProblem e) {
            throw problem(e);
        }
    }

    void takeAway(boolean force) throws DaemonException {
        FuseMount now = mount;
        if (now == null) {
            return;
        }
        try {
            now.unmount(BUSY_LIMIT);
        } catch (MountProblem e) {
            if (!force) {
                throw problem(e);
            }
            LOG.warn("{} It is detached.", e.getMessage());
            detach(now);
        }
        mount = null;
    }

    private static void detach(FuseMount mount) throws DaemonException {
        try {
            mount.detach();
        } catch (MountProblem e) {
            throw problem(e);
        }
    }

    private static DaemonException problem(MountProblem e) {
        FailureKind kind =
                switch (e.kind()) {
                    case DEVICE_FORBIDDEN, NOT_OWNER, ALLOW_OTHER, REFUSED -> FailureKind.REFUSED;
                    case NO_ANSWER -> FailureKind.TIMED_OUT;
                    case PLATFORM,
                            LIBRARY_MISSING,
                            BINDING,
                            DEVICE_MISSING,
                            HELPER_MISSING,
                            NOT_A_DIRECTORY,
                            NOT_EMPTY,
                            ALREADY_MOUNTED,
                            BUSY -> FailureKind.FAILED;
                };
        return new DaemonException(kind, String.valueOf(e.getMessage()), e.action());
    }

    /** Passes changes that other hosts made on to the kernel, while there is a mount. */
    ChangeListener listener() {
        return new ChangeListener() {
            @Override
            public void inodeChanged(long inode) {
                Invalidation invalidation = invalidation();
                if (invalidation != null) {
                    invalidation.content(inode);
                }
            }

            @Override
            public void nameChanged(long parent, FileName name) {
                Invalidation invalidation = invalidation();
                if (invalidation != null) {
                    invalidation.name(parent, name);
                }
            }
        };
    }

    private @Nullable Invalidation invalidation() {
        FuseMount now = mount;
        return now == null ? null : now.invalidation();
    }
}
