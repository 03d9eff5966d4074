package isle.mountd.store;

import isle.fs.model.FsException;
import isle.fs.s3.ProbeResult;
import isle.fs.s3.S3Buckets;
import isle.fs.s3.S3Credentials;
import isle.fs.s3.S3Limits;
import isle.fs.s3.S3ObjectStore;
import isle.fs.s3.S3Settings;
import isle.fs.spi.ObjectStore;
import isle.fs.store.LocalObjectStore;
import isle.mountd.api.DaemonException;
import isle.mountd.api.FailureKind;
import isle.mountd.config.Settings;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/** Opens and examines the stores that settings name. */
public final class Stores {

    private static final double SHARE_OF_WAIT = 0.7;
    private static final long LEAST_PATIENCE_MILLIS = 50;

    private final Settings settings;
    private final Path keptKeys;
    private final Map<String, String> environment;

    /**
     * @param keptKeys file of the profile with the keys that came from somebody's environment
     * @param environment of this process
     */
    public Stores(Settings settings, Path keptKeys, Map<String, String> environment) {
        this.settings = settings;
        this.keptKeys = keptKeys;
        this.environment = Map.copyOf(environment);
    }

    /**
     * Opens the store of a volume. A remote one is not asked anything: that it is down is no reason not to start.
     *
     * @throws DaemonException a local one cannot be used, or there are no keys for a remote one
     */
    public ObjectStore open(String volume) throws DaemonException {
        try {
            if (settings.isRemote()) {
                return S3ObjectStore.open(s3(volume), limits(), Clock.systemUTC());
            }
            Path folder = Path.of(settings.store()).resolve(settings.buckets().getOrDefault(volume, volume));
            return LocalObjectStore.open(folder, InstantSource.system(), new SecureRandom());
        } catch (FsException.Busy e) {
            throw new DaemonException(
                    FailureKind.REFUSED,
                    "The store in " + settings.store() + " is in use by another profile: " + e.getMessage() + ".",
                    "A store in a folder serves one profile at a time; use another folder, or a Garage for several.");
        } catch (FsException e) {
            throw problem(e);
        }
    }

    /**
     * A call on the store ends before its callers have waited as long as they will: else the kernel, which asks again
     * when a read failed, would begin a second wait before the store counts as down.
     */
    private S3Limits limits() {
        long millis = settings.limits().baseWait().toMillis();
        long perMebibyte = Math.max(1, settings.limits().waitPerMebibyte().toMillis());
        return new S3Limits(
                Duration.ofMillis(Math.max(LEAST_PATIENCE_MILLIS, (long) (millis * SHARE_OF_WAIT))),
                (1L << 20) * 1000 / perMebibyte);
    }

    /**
     * Asks a remote store for the first time: makes the bucket if it is missing and may be made, and looks whether it
     * can be used.
     *
     * @throws DaemonException it cannot
     */
    public void introduce(String volume) throws DaemonException {
        if (!settings.isRemote()) {
            return;
        }
        try {
            S3Limits limits = S3Limits.DEFAULT;
            S3Buckets.ensure(s3(volume), limits, Clock.systemUTC());
        } catch (FsException e) {
            throw problem(e);
        }
        ProbeResult result = probe(volume, !settings.readOnly());
        if (!result.isReadable()) {
            throw problem(result);
        }
    }

    /** What a remote store says now. */
    public ProbeResult probe(String volume, boolean tryWrites) throws DaemonException {
        try (S3ObjectStore store = S3ObjectStore.open(s3(volume), Clock.systemUTC())) {
            return store.probe(tryWrites, new SecureRandom());
        } catch (FsException e) {
            throw problem(e);
        }
    }

    private S3Settings s3(String volume) throws FsException, DaemonException {
        try {
            return new S3Settings(
                    URI.create(settings.store()),
                    settings.region(),
                    settings.buckets().getOrDefault(volume, "isle-" + volume),
                    keys());
        } catch (IllegalArgumentException e) {
            throw new DaemonException(
                    FailureKind.USAGE,
                    "The store cannot be named so: " + e.getMessage() + ".",
                    "Correct it: isle mount --store http://HOST:PORT [--region R] [--bucket VOLUME=NAME]");
        }
    }

    /** A file that is named comes first, then what was kept from somebody's environment, then the SDK's own order. */
    private S3Credentials keys() throws FsException {
        if (settings.credentialsFile().isPresent()) {
            return S3Credentials.readFrom(settings.credentialsFile().get());
        }
        if (Files.exists(keptKeys)) {
            return S3Credentials.readFrom(keptKeys);
        }
        return S3Credentials.resolve(new HashMap<>(environment), new Properties());
    }

    private DaemonException problem(FsException e) {
        String sentence = "The store " + settings.store() + " cannot be used: " + e.getMessage() + ".";
        if (e instanceof FsException.Unavailable || e instanceof FsException.TimedOut) {
            return new DaemonException(
                    FailureKind.STORE_UNREACHABLE, sentence, "Check that it runs and that the address is right.");
        }
        if (e instanceof FsException.AccessDenied || e instanceof FsException.ReadOnly) {
            return new DaemonException(
                    FailureKind.REFUSED, sentence, "Check the keys and what they may do; isle doctor tells more.");
        }
        return new DaemonException(FailureKind.FAILED, sentence, "isle doctor tells more.");
    }

    private DaemonException problem(ProbeResult result) {
        String sentence = "The store " + settings.store() + " cannot be used: " + result.message() + ".";
        return new DaemonException(StoreAdvice.kind(result), sentence, StoreAdvice.action(result));
    }
}
