package isle.fs.journal;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A part of the journal that recovery could not use.
 *
 * @param segment number of the segment
 * @param from first damaged byte of its file
 * @param to the byte after the last damaged one
 * @param sentence what is wrong, for people
 * @param lostData the record whose data alone is damaged, or null when the record itself cannot be read
 */
public record Damage(
        long segment,
        long from,
        long to,
        String sentence,
        @Nullable LostData lostData) {

    /**
     * A record that is whole but for its data. It is not replayed: the owner decides what becomes of the file. What can
     * still be read of the data can be read at its place, and the rest is {@link isle.fs.model.FsException.Corrupt} there.
     *
     * @param sequence number of the record
     * @param type the owner's type
     * @param body the owner's bytes, to be kept if wanted
     * @param data where the data lies
     */
    public record LostData(long sequence, int type, ByteBuffer body, DataLocation data) {}
}
