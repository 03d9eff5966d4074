package isle.mountd.api;

import java.util.List;

/**
 * What private/ takes in the store.
 *
 * @param packs objects with names and small files, and their bytes in the store
 * @param objects others, and their bytes in the store
 * @param liveBytes of the files that are shown, as they were written
 * @param historyBytes that only earlier versions have
 * @param historyPacks objects that say what replaced versions were, and their bytes in the store
 * @param orphans objects that nothing names, and their bytes in the store
 * @param unneeded those of them that all hosts have said they do not need, and their bytes in the store
 * @param goesFrom before that none of these is taken away, in seconds since 1970; 0 if there are none
 * @param silent ids of hosts that have not said what they need for a week: without them nothing is taken away
 * @param held why this host could not say it when it tried last; empty if it did, or has not tried yet
 */
public record VaultUsage(
        long packs,
        long packBytes,
        long objects,
        long objectBytes,
        long liveBytes,
        long historyBytes,
        long historyPacks,
        long historyPackBytes,
        long orphans,
        long orphanBytes,
        long unneeded,
        long unneededBytes,
        long goesFrom,
        List<String> silent,
        String held) {

    public VaultUsage {
        silent = List.copyOf(silent);
    }

    public JsonObject toJson() {
        return JsonObject.EMPTY
                .with("packs", packs)
                .with("packBytes", packBytes)
                .with("objects", objects)
                .with("objectBytes", objectBytes)
                .with("liveBytes", liveBytes)
                .with("historyBytes", historyBytes)
                .with("historyPacks", historyPacks)
                .with("historyPackBytes", historyPackBytes)
                .with("orphans", orphans)
                .with("orphanBytes", orphanBytes)
                .with("unneeded", unneeded)
                .with("unneededBytes", unneededBytes)
                .with("goesFrom", goesFrom)
                .with("silent", silent)
                .with("held", held);
    }

    static VaultUsage ofJson(JsonObject json) throws ProtocolException {
        return new VaultUsage(
                json.number("packs"),
                json.number("packBytes"),
                json.number("objects"),
                json.number("objectBytes"),
                json.number("liveBytes"),
                json.number("historyBytes"),
                json.number("historyPacks"),
                json.number("historyPackBytes"),
                json.number("orphans"),
                json.number("orphanBytes"),
                json.number("unneeded"),
                json.number("unneededBytes"),
                json.number("goesFrom"),
                json.texts("silent"),
                json.text("held"));
    }
}
