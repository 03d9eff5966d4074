package isle.mountd.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a daemon says of itself.
 *
 * @param version of the program
 * @param pid of the daemon
 * @param profile folder of the profile's state
 * @param mount where it is mounted, if it is
 * @param readOnly whether the mount takes no writes
 * @param volumes its top-level folders; none before the store was opened
 * @param health what is not as it should be, worst first
 */
public record StatusReport(
        String version,
        long pid,
        String profile,
        Optional<String> mount,
        boolean readOnly,
        List<VolumeReport> volumes,
        List<HealthIssue> health) {

    public StatusReport {
        volumes = List.copyOf(volumes);
        health = List.copyOf(health);
    }

    /** Changes that are not in the store yet, of all volumes. */
    public long pendingOperations() {
        return volumes.stream().mapToLong(VolumeReport::pendingOperations).sum();
    }

    /** Bytes that are not in the store yet, of all volumes. */
    public long pendingBytes() {
        return volumes.stream().mapToLong(VolumeReport::pendingBytes).sum();
    }

    /** The form that scripts read. {@code volumes} stands there once more for a daemon that is not mounted. */
    public JsonObject toJson() {
        List<JsonObject> volumeList = new ArrayList<>();
        for (VolumeReport volume : volumes) {
            volumeList.add(volume.toJson());
        }
        List<JsonObject> mounts = new ArrayList<>();
        if (mount.isPresent()) {
            mounts.add(JsonObject.EMPTY
                    .with("dir", mount.get())
                    .with("readOnly", readOnly)
                    .with("volumes", volumeList));
        }
        List<JsonObject> issues = new ArrayList<>();
        for (HealthIssue issue : health) {
            issues.add(issue.toJson());
        }
        return JsonObject.EMPTY
                .with("version", version)
                .with("pid", pid)
                .with("profile", profile)
                .with("mounts", mounts)
                .with("volumes", volumeList)
                .with("health", issues);
    }

    static StatusReport ofJson(JsonObject json) throws ProtocolException {
        List<VolumeReport> volumes = new ArrayList<>();
        for (JsonObject volume : json.objects("volumes")) {
            volumes.add(VolumeReport.ofJson(volume));
        }
        List<HealthIssue> health = new ArrayList<>();
        for (JsonObject issue : json.objects("health")) {
            health.add(HealthIssue.ofJson(issue));
        }
        Optional<String> mount = Optional.empty();
        boolean readOnly = false;
        for (JsonObject each : json.objects("mounts")) {
            mount = Optional.of(each.text("dir"));
            readOnly = each.flag("readOnly");
        }
        return new StatusReport(
                json.text("version"), json.number("pid"), json.text("profile"), mount, readOnly, volumes, health);
    }
}
