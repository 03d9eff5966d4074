package isle.mountd.api;

import java.util.ArrayList;
import java.util.List;

/**
 * What an examination of private/ has found.
 *
 * @param packs that were read
 * @param blocks that were read
 * @param bytes that were read
 * @param alarms what is wrong
 * @param earlier how many versions that are history cannot be read
 * @param orphans objects in the store that nothing names
 * @param orphanBytes of them
 * @param before how many of these objects an examination that was broken off had read
 * @param putBack packs that the store was given back
 * @param found folders that were shown nowhere, and are in {@code lost+found} now
 */
public record VaultReport(
        long packs,
        long blocks,
        long bytes,
        List<HealthIssue> alarms,
        long earlier,
        long orphans,
        long orphanBytes,
        long before,
        long putBack,
        long found) {

    public VaultReport {
        alarms = List.copyOf(alarms);
    }

    /** Whether everything is as it was written. */
    public boolean isSound() {
        return alarms.isEmpty() && earlier == 0;
    }

    public JsonObject toJson() {
        List<JsonObject> list = new ArrayList<>();
        alarms.forEach(each -> list.add(each.toJson()));
        return JsonObject.EMPTY
                .with("packs", packs)
                .with("blocks", blocks)
                .with("bytes", bytes)
                .with("alarms", list)
                .with("earlier", earlier)
                .with("orphans", orphans)
                .with("orphanBytes", orphanBytes)
                .with("before", before)
                .with("putBack", putBack)
                .with("found", found);
    }

    static VaultReport ofJson(JsonObject json) throws ProtocolException {
        List<HealthIssue> alarms = new ArrayList<>();
        for (JsonObject each : json.objects("alarms")) {
            alarms.add(HealthIssue.ofJson(each));
        }
        return new VaultReport(
                json.number("packs"),
                json.number("blocks"),
                json.number("bytes"),
                alarms,
                json.number("earlier"),
                json.number("orphans"),
                json.number("orphanBytes"),
                json.number("before"),
                json.number("putBack"),
                json.number("found"));
    }
}
