package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.v1.Mark;
import isle.crypto.v1.MarkKey;
import isle.crypto.v1.MarkStore;
import isle.crypto.v1.Spare;
import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore.ObjectSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The last word of each device: the latest of its marks that counts. One counts if it can be read, and if the time that
 * its device told is that of the store, give or take a minute: otherwise one of the clocks is wrong, or somebody has
 * brought the mark from elsewhere, or it was long on its way.
 */
final class Words {

    /** No clock of a device or of the store is further from another one. */
    static final Duration CLOCKS_AGREE = Duration.ofMinutes(1);

    private final Map<Id, Mark> latest = new HashMap<>();

    private Words() {}

    /** Reads the marks of these devices. What cannot be read is nobody's word. */
    static Words read(MarkStore marks, Map<MarkKey, ObjectSummary> listed, Collection<Id> devices) throws FsException {
        Words words = new Words();
        for (Map.Entry<MarkKey, ObjectSummary> each : listed.entrySet()) {
            if (devices.contains(each.getKey().device())) {
                words.read(marks, each.getKey(), each.getValue().lastModified());
            }
        }
        return words;
    }

    private void read(MarkStore marks, MarkKey key, Instant modified) throws FsException {
        try {
            Mark mark = marks.read(key);
            if (isOfItsTime(mark, modified)) {
                latest.merge(key.device(), mark, (one, other) -> one.made() < other.made() ? other : one);
            }
        } catch (FsException.Corrupt | FsException.NotFound | FsException.Unsupported | FsException.AccessDenied e) {
            // no word
        }
    }

    /** @param modified when the store says that it was written */
    static boolean isOfItsTime(Mark mark, Instant modified) {
        Duration apart = Duration.between(Instant.ofEpochSecond(mark.made()), modified);
        return apart.abs().compareTo(CLOCKS_AGREE) <= 0;
    }

    /** Null if there is none. */
    @Nullable Mark of(Id device) {
        return latest.get(device);
    }

    /** Those of these devices of which there is none since then. */
    List<Id> missing(Collection<Id> devices, Instant since) {
        return devices.stream()
                .filter(each -> {
                    Mark word = latest.get(each);
                    return word == null || Instant.ofEpochSecond(word.made()).isBefore(since);
                })
                .sorted()
                .toList();
    }

    /**
     * When all of these devices had begun to say that they do not need this object.
     *
     * @return empty if one of them does not say so
     */
    Optional<Instant> agreed(Spare object, Collection<Id> devices) {
        long last = 0;
        for (Id each : devices) {
            Mark word = latest.get(each);
            Long since = word == null ? null : word.since(object);
            if (since == null) {
                return Optional.empty();
            }
            last = Math.max(last, since);
        }
        return devices.isEmpty() ? Optional.empty() : Optional.of(Instant.ofEpochSecond(last));
    }

    /**
     * Those of these objects that nobody needs: all devices have said so, and each said it once more in a mark that it
     * began at least so long after the last of them had begun to say it.
     */
    List<Spare> doomed(Collection<Spare> objects, Collection<Id> devices, Duration age) {
        List<Spare> doomed = new ArrayList<>();
        for (Spare each : objects) {
            Instant agreed = agreed(each, devices).orElse(null);
            if (agreed != null && devices.stream().allMatch(device -> isRepeated(device, agreed.plus(age)))) {
                doomed.add(each);
            }
        }
        return doomed;
    }

    private boolean isRepeated(Id device, Instant from) {
        Mark word = latest.get(device);
        return word != null && !Instant.ofEpochSecond(word.began()).isBefore(from);
    }
}
