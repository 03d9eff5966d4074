package isle.fs.s3;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class S3SettingsTest {

    private static S3Settings settings(String endpoint, String region, String bucket) {
        return new S3Settings(URI.create(endpoint), region, bucket, S3Credentials.of("i", "s"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:3900", "https://s3.example.org", "http://[fd00::1]:3900/", "HTTP://h"})
    void endpointsNameAServer(String endpoint) {
        assertDoesNotThrow(() -> settings(endpoint, "garage", "bucket"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://h",
                "h:3900",
                "http:///path",
                "http://h/path",
                "http://h?x=y",
                "http://h#f",
                "http://user:secret@h"
            })
    void otherUrlsAreRefusedWithoutQuotingThem(String endpoint) {
        String message = String.valueOf(
                assertThrows(IllegalArgumentException.class, () -> settings(endpoint, "garage", "bucket"))
                        .getMessage());
        assertFalse(message.contains("secret"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ab", "UPPER", "under_score", "-lead", "sl/ash", "trail-", "dots.are.fine."})
    void bucketNamesAreThoseOfS3(String bucket) {
        assertThrows(IllegalArgumentException.class, () -> settings("http://h", "garage", bucket));
    }

    @Test
    void anotherBucketOfTheSameStoreIsOneCallAway() {
        S3Settings settings = settings("http://h:1", "garage", "isle-public");

        assertEquals("isle-protected", settings.withBucket("isle-protected").bucket());
        assertEquals("bucket isle-public at http://h:1", settings.place());
        assertThrows(IllegalArgumentException.class, () -> settings("http://h", "two words", "bucket"));
    }
}
