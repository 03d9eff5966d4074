package isle.crypto.access;

import isle.crypto.identity.HeaderCodec;
import isle.crypto.identity.HeaderRecord;
import isle.crypto.identity.PrivateFile;
import isle.fs.model.FsException;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * What this host has read of a vault's header, so that it opens the vault while the store is away, and so that a store
 * that keeps a record back cannot undo it. The records are signed: the file needs no seal, and damage to it shows.
 */
final class HeaderCopy {

    private final PrivateFile file;

    HeaderCopy(Path folder) {
        file = new PrivateFile(folder, "header");
    }

    /** The records; none if there is no copy, or it is damaged: then the store has to be asked. */
    List<HeaderRecord> read() throws IOException {
        if (!file.exists()) {
            return List.of();
        }
        ByteBuffer bytes = ByteBuffer.wrap(file.read());
        List<HeaderRecord> records = new ArrayList<>();
        try {
            while (bytes.remaining() >= Integer.BYTES) {
                int length = bytes.getInt();
                if (length < 0 || length > bytes.remaining()) {
                    return List.of();
                }
                byte[] record = new byte[length];
                bytes.get(record);
                records.add(HeaderCodec.decode(record));
            }
        } catch (FsException.Corrupt | FsException.Invalid damaged) {
            return List.of();
        }
        return records;
    }

    /** Replaces the copy unless it says the same. */
    void write(Collection<HeaderRecord> records) throws IOException {
        List<HeaderRecord> ordered = new ArrayList<>(records);
        ordered.sort(Comparator.comparing(HeaderRecord::record));
        if (ordered.equals(read())) {
            return;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream sink = new DataOutputStream(bytes);
        for (HeaderRecord record : ordered) {
            byte[] one = HeaderCodec.encode(record);
            sink.writeInt(one.length);
            sink.write(one);
        }
        file.write(bytes.toByteArray());
    }
}
