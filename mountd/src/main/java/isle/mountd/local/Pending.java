package isle.mountd.local;

import isle.mountd.api.VolumeReport;
import java.util.List;
import java.util.Locale;

/** What is not in the store yet, as a sentence. */
public final class Pending {

    private static final String UNITS = "KMGTPE";

    private final OpenVolumes volumes;

    public Pending(OpenVolumes volumes) {
        this.volumes = volumes;
    }

    /** Number of changes. */
    public long operations() {
        return volumes.volumes().stream()
                .mapToLong(VolumeReport::pendingOperations)
                .sum();
    }

    /** Whether there is something, and the store has refused all of it. */
    boolean isAllFailed() {
        List<VolumeReport> reports = volumes.volumes();
        long failed =
                reports.stream().mapToLong(report -> report.failed().size()).sum();
        return failed > 0 && failed >= operations();
    }

    /** For people. */
    public String sentence() {
        long operations = operations();
        long bytes =
                volumes.volumes().stream().mapToLong(VolumeReport::pendingBytes).sum();
        return operations + (operations == 1 ? " change (" : " changes (") + size(bytes)
                + (operations == 1 ? ") is" : ") are") + " not in the store yet.";
    }

    /** A number of bytes for people. */
    public static String size(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        int unit = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
        return String.format(Locale.ROOT, "%.1f %siB", bytes / Math.pow(2, 10.0 * unit), UNITS.charAt(unit - 1));
    }
}
