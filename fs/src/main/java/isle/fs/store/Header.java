package isle.fs.store;

import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore.ObjectHead;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import java.util.List;

/**
 * All that a header file says of an object, of a part, or (without content) of an upload.
 *
 * @param checksum CRC32C of the content when it lies in the header file, else 0
 * @param extents where the content lies, when it does not lie in the header file
 */
record Header(ObjectKey key, Entry entry, ObjectMetadata metadata, int checksum, List<Extent> extents) {

    Header {
        extents = List.copyOf(extents);
    }

    boolean isInline() {
        return entry.files() == 0;
    }

    ObjectHead head() {
        return new ObjectHead(entry.summary(key), metadata);
    }
}
