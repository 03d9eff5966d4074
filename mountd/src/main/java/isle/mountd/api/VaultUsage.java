package isle.mountd.api;

/**
 * What private/ takes in the store.
 *
 * @param packs objects with names and small files, and their bytes in the store
 * @param objects others, and their bytes in the store
 * @param liveBytes of the files that are shown, as they were written
 * @param historyBytes that only earlier versions have
 * @param historyPacks objects that say what replaced versions were, and their bytes in the store
 * @param orphans objects that nothing names, and their bytes in the store
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
        long orphanBytes) {

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
                .with("orphanBytes", orphanBytes);
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
                json.number("orphanBytes"));
    }
}
