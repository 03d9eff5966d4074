package isle.fs.s3;

import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.profiles.ProfileFileSupplier;

/**
 * The keys of a store. They can be used and kept in a file, but not read: no method and no message shows them.
 *
 * <p>The order in which keys are looked for is that of the SDK: system properties, environment, the files of
 * {@code ~/.aws}. Its steps that ask a service of the network are left out: on a host that is not a cloud machine they
 * wait for seconds, and on one that is they would hand a user the rights of the machine.
 */
public final class S3Credentials {

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final int MAX_LENGTH = 4096;

    private final AwsCredentialsProvider provider;
    private final String source;
    private final boolean worthKeeping;

    private S3Credentials(AwsCredentialsProvider provider, String source, boolean worthKeeping) {
        this.provider = provider;
        this.source = source;
        this.worthKeeping = worthKeeping;
    }

    /** Given keys. */
    public static S3Credentials of(String accessKeyId, String secretAccessKey) {
        return fixed(accessKeyId, secretAccessKey, null, "given keys");
    }

    private static S3Credentials fixed(String id, String secret, @Nullable String token, String source) {
        requireToken("access key", id);
        requireToken("secret key", secret);
        AwsCredentials keys;
        if (token == null) {
            keys = AwsBasicCredentials.create(id, secret);
        } else {
            requireToken("session token", token);
            keys = AwsSessionCredentials.create(id, secret, token);
        }
        return new S3Credentials(StaticCredentialsProvider.create(keys), source, true);
    }

    private static void requireToken(String name, String value) {
        if (value.isEmpty() || value.length() > MAX_LENGTH || !value.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException("the " + name + " is empty, too long or has characters no key has");
        }
    }

    /**
     * Looks for keys: {@code aws.accessKeyId} and its like in {@code system}, {@code AWS_ACCESS_KEY_ID} and its like in
     * {@code env}, then the files of {@code ~/.aws} (or those that {@code AWS_SHARED_CREDENTIALS_FILE} and
     * {@code AWS_CONFIG_FILE} name) with the profile that {@code AWS_PROFILE} names.
     *
     * @throws FsException.AccessDenied nothing was found, or what was found is unusable; the message says where
     */
    public static S3Credentials resolve(Map<String, String> env, Properties system) throws FsException {
        Optional<S3Credentials> given = given(
                        system::getProperty,
                        List.of("aws.accessKeyId", "aws.secretAccessKey", "aws.sessionToken"),
                        "the system properties")
                .or(() -> given(
                        env::get,
                        List.of("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
                        "the environment"));
        if (given.isPresent()) {
            return given.get();
        }
        Path home = Path.of(env.getOrDefault("HOME", system.getProperty("user.home", "/")));
        Path credentials = pathOr(env.get("AWS_SHARED_CREDENTIALS_FILE"), home.resolve(".aws/credentials"));
        Path config = pathOr(env.get("AWS_CONFIG_FILE"), home.resolve(".aws/config"));
        return fromProfile(credentials, config, env.getOrDefault("AWS_PROFILE", "default"));
    }

    private static Path pathOr(@Nullable String named, Path standard) {
        return named == null || named.isBlank() ? standard : Path.of(named);
    }

    private static Optional<S3Credentials> given(
            UnaryOperator<@Nullable String> values, List<String> names, String source) {
        String id = values.apply(names.get(0));
        String secret = values.apply(names.get(1));
        String token = values.apply(names.get(2));
        if (id == null || secret == null || id.isBlank() || secret.isBlank()) {
            return Optional.empty();
        }
        return Optional.of(
                fixed(id.strip(), secret.strip(), token == null || token.isBlank() ? null : token.strip(), source));
    }

    private static S3Credentials fromProfile(Path credentials, Path config, String profile) throws FsException {
        List<ProfileFileSupplier> files = new ArrayList<>();
        if (Files.isReadable(credentials)) {
            files.add(ProfileFileSupplier.reloadWhenModified(credentials, ProfileFile.Type.CREDENTIALS));
        }
        if (Files.isReadable(config)) {
            files.add(ProfileFileSupplier.reloadWhenModified(config, ProfileFile.Type.CONFIGURATION));
        }
        if (files.isEmpty()) {
            throw new FsException.AccessDenied("no keys for the store were found: set AWS_ACCESS_KEY_ID and"
                    + " AWS_SECRET_ACCESS_KEY, or write them to " + credentials);
        }
        Supplier<ProfileFile> all = ProfileFileSupplier.aggregate(files.toArray(ProfileFileSupplier[]::new));
        return usable(all, profile, "profile " + profile + " of " + credentials, false);
    }

    /** Keys of a profile, tried once so that a mistake shows now. The SDK's own message could quote the file. */
    private static S3Credentials usable(Supplier<ProfileFile> file, String profile, String source, boolean keep)
            throws FsException {
        try {
            AwsCredentialsProvider provider = ProfileCredentialsProvider.builder()
                    .profileFile(file)
                    .profileName(profile)
                    .build();
            provider.resolveCredentials();
            return new S3Credentials(provider, source, keep);
        } catch (SdkException | IllegalArgumentException | IllegalStateException e) {
            throw new FsException.AccessDenied("no usable keys for the store are in " + source
                    + ": it needs aws_access_key_id and aws_secret_access_key");
        }
    }

    /**
     * Keys out of a file in the form of {@code ~/.aws/credentials}, as {@link #writeTo} writes it.
     *
     * @throws FsException.NotFound the file does not exist
     * @throws FsException.AccessDenied others than its owner may read the file, or it holds no keys
     */
    public static S3Credentials readFrom(Path file) throws FsException {
        String text;
        try {
            Set<PosixFilePermission> others = EnumSet.copyOf(Files.getPosixFilePermissions(file));
            others.removeAll(PosixFilePermissions.fromString("rwx------"));
            if (!others.isEmpty()) {
                throw new FsException.AccessDenied(
                        "others than its owner may read " + file + ": make it private with chmod 600");
            }
            text = Files.readString(file);
        } catch (java.nio.file.NoSuchFileException e) {
            throw new FsException.NotFound("there is no file " + file + " with keys for the store");
        } catch (FsException e) {
            throw e;
        } catch (IOException | UnsupportedOperationException e) {
            throw new FsException.AccessDenied("the keys for the store in " + file + " cannot be read");
        }
        ProfileFile parsed;
        try {
            parsed = ProfileFile.builder()
                    .content(new java.io.ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
                    .type(ProfileFile.Type.CREDENTIALS)
                    .build();
        } catch (SdkException | IllegalArgumentException | IllegalStateException e) {
            throw new FsException.AccessDenied(file + " does not have the form of ~/.aws/credentials");
        }
        return usable(() -> parsed, "default", file.toString(), true);
    }

    /**
     * Keeps the keys in a file that only its owner may read, in the form of {@code ~/.aws/credentials}. The file is
     * replaced in one step.
     */
    public void writeTo(Path file) throws FsException {
        AwsCredentials keys = provider.resolveCredentials();
        StringBuilder text = new StringBuilder("[default]\naws_access_key_id = ")
                .append(keys.accessKeyId())
                .append("\naws_secret_access_key = ")
                .append(keys.secretAccessKey())
                .append('\n');
        if (keys instanceof AwsSessionCredentials session) {
            text.append("aws_session_token = ").append(session.sessionToken()).append('\n');
        }
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.deleteIfExists(draft);
            Files.createFile(draft, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            Files.writeString(draft, text);
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new FsException.Failed("the keys for the store cannot be kept in " + file, e);
        }
    }

    /** For people: where the keys come from. */
    public String source() {
        return source;
    }

    /** Whether the keys are gone with this process unless {@link #writeTo} keeps them. */
    public boolean isWorthKeeping() {
        return worthKeeping;
    }

    AwsCredentialsProvider provider() {
        return provider;
    }

    /** {@code text} without any of the keys, for what a store wrote into an error. */
    String redact(String text) {
        AwsCredentials keys;
        try {
            keys = provider.resolveCredentials();
        } catch (SdkException | IllegalArgumentException | IllegalStateException e) {
            // The file they came from is gone: nobody can tell what the text shows.
            return "";
        }
        String clean = text.replace(keys.accessKeyId(), "(access key)").replace(keys.secretAccessKey(), "(secret)");
        return keys instanceof AwsSessionCredentials session
                ? clean.replace(session.sessionToken(), "(session token)")
                : clean;
    }

    @Override
    public String toString() {
        return "keys from " + source;
    }
}
