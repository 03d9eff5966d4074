package isle.mountd.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Records survive the way over the socket, and have the members that scripts rely on. */
class ReportsTest {

    private static final VolumeReport VOLUME = new VolumeReport(
            "public", "folder /x", "offline", 3, 4096, 1024, 77, List.of(new VolumeReport.Failed("public/a", "quota")));
    private static final HealthIssue ISSUE = new HealthIssue(
            "store-unreachable",
            "public",
            Severity.WARNING,
            "It does not answer.",
            "Wait.",
            Instant.parse("2026-01-02T03:04:05Z"));

    @Test
    void statusHasTheFormThatScriptsRead() throws Exception {
        StatusReport report = new StatusReport(
                "1.2", 42, "/state", Optional.of("/home/ann/Isle"), true, List.of(VOLUME), List.of(ISSUE));
        JsonObject json = JsonObject.parse(report.toJson().toString());
        assertEquals(report, StatusReport.ofJson(json));
        assertEquals("1.2", json.text("version"));
        assertEquals(42, json.number("pid"));
        assertEquals("/state", json.text("profile"));
        JsonObject mount = json.objects("mounts").get(0);
        assertEquals("/home/ann/Isle", mount.text("dir"));
        JsonObject volume = mount.objects("volumes").get(0);
        for (String name : List.of("name", "store", "state")) {
            assertFalse(volume.text(name).isEmpty());
        }
        for (String name : List.of("pendingOperations", "pendingBytes", "cachedBytes")) {
            assertTrue(volume.number(name) > 0);
        }
        JsonObject issue = json.objects("health").get(0);
        for (String name : List.of("code", "severity", "title", "action", "since")) {
            assertFalse(issue.text(name).isEmpty());
        }
    }

    @Test
    void aDaemonThatIsNotMountedHasNoMounts() throws Exception {
        StatusReport report = new StatusReport("1", 1, "/s", Optional.empty(), false, List.of(VOLUME), List.of());
        assertEquals(List.of(), report.toJson().objects("mounts"));
        assertEquals(report, StatusReport.ofJson(report.toJson()));
        assertEquals(3, report.pendingOperations());
        assertEquals(4096, report.pendingBytes());
    }

    @Test
    void theOtherRecordsComeBackAsTheyWere() throws Exception {
        FileReport file = new FileReport("public/a", "stored", 5, "v");
        assertEquals(file, FileReport.ofJson(file.toJson()));
        EntryReport entry = new EntryReport(
                "a/b", "symlink", 0777, 1, 1000, 1001, 3, -5, 999_999_999, Optional.of("c"), Extras.NONE);
        assertEquals(entry, EntryReport.ofJson(entry.toJson()));
        Extras extras = new Extras(0x1234, Map.of("user.a", "\0\u00ff", "user.\u00c3\u00a4", ""));
        EntryReport whole = new EntryReport("a", "file", 0, 1, 0, 0, 0, 0, 0, Optional.empty(), extras);
        assertEquals(whole, EntryReport.ofJson(whole.toJson()));
        MountAnswer answer = new MountAnswer("/m", true, false, Optional.of("A-B"), List.of("a note"));
        assertEquals(answer, MountAnswer.ofJson(answer.toJson()));
        assertFalse(answer.toString().contains("A-B"), "a code is never logged");
        IdentityAnswer identity = new IdentityAnswer(Optional.of("A-B"), List.of("a note"));
        assertEquals(identity, IdentityAnswer.ofJson(identity.toJson()));
        assertFalse(identity.toString().contains("A-B"), "a code is never logged");
        IdentityReport report = new IdentityReport(
                "locked", "It is.", "Do.", Optional.of("v"), Optional.empty(), Optional.of("d"), true, false, true);
        assertEquals(report, IdentityReport.ofJson(report.toJson()));
        DeviceReport device = new DeviceReport("12", "host", true);
        assertEquals(device, DeviceReport.ofJson(device.toJson()));
        assertEquals(MountRequest.DEFAULT, MountRequest.ofJson(MountRequest.DEFAULT.toJson()));
        MountRequest request = new MountRequest(
                Optional.of("/m"),
                Optional.of("http://h:1"),
                Optional.of("r"),
                Map.of("public", "b"),
                Optional.of(false),
                Optional.of(true),
                Optional.of(new Credentials("id", "secret", Optional.of("token"))));
        assertEquals(request, MountRequest.ofJson(request.toJson()));
    }

    @Test
    void everyKindOfFailureHasAWordOfItsOwn() {
        for (FailureKind kind : FailureKind.values()) {
            assertEquals(kind, FailureKind.ofWord(kind.word()));
        }
        assertEquals(FailureKind.FAILED, FailureKind.ofWord("of a later version"));
    }

    @Test
    void keysAreNeverPrinted() {
        Credentials keys = new Credentials("GKid", "very-secret", Optional.of("session-secret"));
        MountRequest request = MountRequest.DEFAULT.withCredentials(Optional.of(keys));
        for (String text : List.of(keys.toString(), request.toString())) {
            assertFalse(text.contains("GKid") || text.contains("secret"), text);
        }
        assertEquals(Optional.empty(), Credentials.ofEnvironment(Map.of("AWS_ACCESS_KEY_ID", "only")));
    }
}
