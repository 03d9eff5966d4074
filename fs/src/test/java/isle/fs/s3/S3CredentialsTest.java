package isle.fs.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;

class S3CredentialsTest {

    @TempDir
    Path folder;

    private static void assertKeys(String id, String secret, S3Credentials found) {
        AwsCredentials keys = found.provider().resolveCredentials();
        assertEquals(id, keys.accessKeyId());
        assertEquals(secret, keys.secretAccessKey());
    }

    private Path file(String name, String text) throws IOException {
        Path file = Files.writeString(folder.resolve(name), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    private Map<String, String> home() {
        return Map.of("HOME", folder.toString());
    }

    private void writeHome() throws IOException {
        Files.createDirectory(folder.resolve(".aws"));
        file(".aws/credentials", """
                [default]
                aws_access_key_id = id-default
                aws_secret_access_key = secret-default
                [work]
                aws_access_key_id = id-work
                aws_secret_access_key = secret-work
                aws_session_token = token-work
                """);
        file(".aws/config", """
                [profile other]
                aws_access_key_id = id-other
                aws_secret_access_key = secret-other
                """);
    }

    @Test
    void systemPropertiesComeBeforeTheEnvironmentAndThatBeforeFiles() throws Exception {
        writeHome();
        Properties system = new Properties();
        system.setProperty("aws.accessKeyId", "id-property");
        system.setProperty("aws.secretAccessKey", "secret-property");
        Map<String, String> env = Map.of(
                "HOME", folder.toString(), "AWS_ACCESS_KEY_ID", " id-env ", "AWS_SECRET_ACCESS_KEY", "secret-env");

        assertKeys("id-property", "secret-property", S3Credentials.resolve(env, system));
        assertKeys("id-env", "secret-env", S3Credentials.resolve(env, new Properties()));
        assertKeys("id-default", "secret-default", S3Credentials.resolve(home(), new Properties()));
    }

    @Test
    void onlyWhatWouldBeLostIsWorthKeeping() throws Exception {
        writeHome();
        Map<String, String> env = Map.of("AWS_ACCESS_KEY_ID", "i", "AWS_SECRET_ACCESS_KEY", "s");

        assertTrue(S3Credentials.resolve(env, new Properties()).isWorthKeeping());
        assertFalse(S3Credentials.resolve(home(), new Properties()).isWorthKeeping());
    }

    @Test
    void profilesAndFilesMayBeNamed() throws Exception {
        writeHome();
        Path elsewhere = file("elsewhere", "[default]\naws_access_key_id = i\naws_secret_access_key = s\n");
        Map<String, String> work = Map.of("HOME", folder.toString(), "AWS_PROFILE", "work");
        Map<String, String> other = Map.of("HOME", folder.toString(), "AWS_PROFILE", "other");
        Map<String, String> named = Map.of("AWS_SHARED_CREDENTIALS_FILE", elsewhere.toString());

        S3Credentials session = S3Credentials.resolve(work, new Properties());
        assertKeys("id-work", "secret-work", session);
        assertEquals("token-work", ((AwsSessionCredentials) session.provider().resolveCredentials()).sessionToken());
        assertKeys("id-other", "secret-other", S3Credentials.resolve(other, new Properties()));
        assertKeys("i", "s", S3Credentials.resolve(named, new Properties()));
    }

    @Test
    void whereNothingWasFoundIsSaid() throws Exception {
        FsException.AccessDenied none =
                assertThrows(FsException.AccessDenied.class, () -> S3Credentials.resolve(home(), new Properties()));
        assertTrue(String.valueOf(none.getMessage())
                .contains(folder.resolve(".aws/credentials").toString()));
        assertTrue(String.valueOf(none.getMessage()).contains("AWS_ACCESS_KEY_ID"));

        writeHome();
        Map<String, String> missing = Map.of("HOME", folder.toString(), "AWS_PROFILE", "missing");
        FsException.AccessDenied profile =
                assertThrows(FsException.AccessDenied.class, () -> S3Credentials.resolve(missing, new Properties()));
        assertTrue(String.valueOf(profile.getMessage()).contains("profile missing"));
        assertFalse(profile.toString().contains("secret-"));
    }

    @Test
    void keptKeysComeBack() throws Exception {
        Path file = folder.resolve("store.keys");

        S3Credentials.of("an-id", "a/secret+with=signs").writeTo(file);
        assertKeys("an-id", "a/secret+with=signs", S3Credentials.readFrom(file));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));

        Map<String, String> env =
                Map.of("AWS_ACCESS_KEY_ID", "i", "AWS_SECRET_ACCESS_KEY", "s", "AWS_SESSION_TOKEN", "a-token");
        S3Credentials.resolve(env, new Properties()).writeTo(file);
        AwsCredentials session = S3Credentials.readFrom(file).provider().resolveCredentials();
        assertEquals("a-token", ((AwsSessionCredentials) session).sessionToken());
        try (var files = Files.list(folder)) {
            assertEquals(1, files.count(), "no draft is left");
        }
    }

    @Test
    void aFileThatOthersMayReadIsRefused() throws Exception {
        Path file = folder.resolve("store.keys");
        S3Credentials.of("i", "s").writeTo(file);

        for (String open : new String[] {"rw-r-----", "rw----r--", "rw--w----"}) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(open));
            FsException.AccessDenied e =
                    assertThrows(FsException.AccessDenied.class, () -> S3Credentials.readFrom(file));
            assertTrue(String.valueOf(e.getMessage()).contains("chmod 600"));
        }
    }

    @Test
    void aFileWithoutKeysIsRefusedWithoutQuotingIt() throws Exception {
        assertThrows(FsException.NotFound.class, () -> S3Credentials.readFrom(folder.resolve("missing")));
        for (String text : new String[] {
            "", "topsecret", "[default]\naws_secret_access_key = topsecret\n", "[work]\naws_access_key_id = topsecret\n"
        }) {
            Path file = file("bad", text);
            FsException.AccessDenied e =
                    assertThrows(FsException.AccessDenied.class, () -> S3Credentials.readFrom(file));
            assertFalse(Secrets.fullText(e).contains("topsecret"), Secrets.fullText(e));
        }
    }

    @Test
    void keysOfAFileThatIsGoneAreSaidToBe() throws Exception {
        writeHome();
        S3Credentials keys = S3Credentials.resolve(home(), new Properties());
        Files.writeString(folder.resolve(".aws/credentials"), "[default]\n");
        Files.setLastModifiedTime(folder.resolve(".aws/credentials"), FileTime.from(Instant.ofEpochSecond(1)));
        S3Settings settings = new S3Settings(URI.create("http://127.0.0.1:1"), "garage", "bucket", keys);
        Clock clock = Clock.systemUTC();

        try (S3ObjectStore store = S3ObjectStore.open(settings, clock)) {
            FsException e = assertThrows(FsException.class, () -> store.head(new ObjectKey("k")));
            assertFalse(Secrets.fullText(e).contains("secret-"), Secrets.fullText(e));
        }
    }

    @Test
    void nothingShowsTheKeys() {
        S3Credentials keys = S3Credentials.of("hidden-id", "hidden-secret");
        S3Settings settings = new S3Settings(URI.create("http://h:1"), "garage", "bucket", keys);

        for (String text : new String[] {keys.toString(), settings.toString(), settings.place(), keys.source()}) {
            assertFalse(text.contains("hidden"), text);
        }
        assertEquals("a (access key) b (secret)", keys.redact("a hidden-id b hidden-secret"));
        assertThrows(IllegalArgumentException.class, () -> S3Credentials.of("id", "with\nline"));
        assertThrows(IllegalArgumentException.class, () -> S3Credentials.of("", "s"));
    }
}
