package isle.fs.vfs;

import java.util.List;

/**
 * How a volume stands.
 *
 * @param name of its folder
 * @param store for people: kind and place of the store
 * @param pendingOperations names that the store does not have as they are here
 * @param pendingBytes of content that only this host has
 * @param uploading names that are being sent now
 * @param failed paths, from the volume's root, that the store refused, with the reason; the first few
 */
public record VolumeStatus(
        String name, String store, int pendingOperations, long pendingBytes, int uploading, List<String> failed) {
    public VolumeStatus {
        failed = List.copyOf(failed);
    }
}
