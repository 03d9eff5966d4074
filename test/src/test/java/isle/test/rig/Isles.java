package isle.test.rig;

import isle.fs.s3.GarageKey;
import isle.fs.s3.GarageServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Makes profiles for a test, and ends and removes them after it, however it ends. A test that fails carries the ends of
 * their logs. To be registered in an instance field.
 */
public final class Isles implements AfterEachCallback {

    private final List<IsleProfile> profiles = new ArrayList<>();
    private final List<Path> folders = new ArrayList<>();

    /** A profile to be described. */
    public Plan plan() {
        return new Plan();
    }

    /** A new folder on the local disk that is removed after the test. */
    public Path folder() {
        Path folder = Folders.temporary("isle-rig");
        folders.add(folder);
        return folder;
    }

    /** A new profile of who runs the tests, on the store that needs nothing. */
    public IsleProfile profile() {
        return plan().make();
    }

    /** What a new profile shall be. */
    public final class Plan {
        private final List<String> options = new ArrayList<>();
        private final Map<String, String> environment = new TreeMap<>();
        private Account account = Account.current();

        private Plan() {}

        public Plan of(Account owner) {
            account = owner;
            return this;
        }

        /** Variables of every process of the profile. */
        public Plan in(Map<String, String> variables) {
            environment.putAll(variables);
            return this;
        }

        /** Options of {@code isle mount}. */
        public Plan with(String... more) {
            options.addAll(List.of(more));
            return this;
        }

        /** Options of the Java machine that runs the daemon, as {@code -Dname=value}. */
        public Plan withJvm(String... more) {
            environment.put("JDK_JAVA_OPTIONS", String.join(" ", more));
            return this;
        }

        /** On a Garage, with new buckets. */
        public Plan on(GarageServer garage) {
            return on(garage, garage.createBucket(), garage.createBucket(), garage.key());
        }

        /** On a Garage, with these buckets and keys. */
        public Plan on(GarageServer garage, String publicBucket, String protectedBucket, GarageKey key) {
            return on(garage.endpoint(), publicBucket, protectedBucket, key);
        }

        /** On a store at an address, with these buckets and keys; that of private/ goes with the public one. */
        public Plan on(URI endpoint, String publicBucket, String protectedBucket, GarageKey key) {
            environment.put("AWS_ACCESS_KEY_ID", key.id());
            environment.put("AWS_SECRET_ACCESS_KEY", key.secret());
            return with(
                    "--store",
                    endpoint.toString(),
                    "--region",
                    GarageServer.REGION,
                    "--bucket",
                    "public=" + publicBucket,
                    "--bucket",
                    "protected=" + protectedBucket,
                    "--bucket",
                    "private=private-" + publicBucket);
        }

        public IsleProfile make() {
            Path folder = Folders.temporary("isle-rig");
            IsleProfile profile = new IsleProfile(folder, account, options, environment);
            profiles.add(profile);
            return profile;
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        context.getExecutionException().ifPresent(failure -> {
            for (IsleProfile profile : profiles) {
                failure.addSuppressed(new LogsOfProfile(profile.account() + "'s profile" + profile.logs()));
            }
        });
        Throwable failed = null;
        for (IsleProfile profile : profiles) {
            try {
                profile.remove();
            } catch (IOException | RuntimeException | AssertionError e) {
                failed = e;
            }
        }
        profiles.clear();
        folders.forEach(Folders::delete);
        folders.clear();
        if (failed != null) {
            throw new AssertionError("a profile could not be ended", failed);
        }
    }

    /** Carries logs to where a failure is printed; not thrown. */
    private static final class LogsOfProfile extends RuntimeException {
        LogsOfProfile(String logs) {
            super(logs, null, false, false);
        }
    }
}
