/**
 * The write-ahead journal: operations and dirty extents that the store does not have yet. It is their only authority:
 * replayed after a crash, drained by the committer. {@link isle.fs.journal.Journal} is a log of records that it does not
 * understand; {@link isle.fs.journal.JournalRecord} gives them their meaning.
 *
 * <h2>Files</h2>
 *
 * <p>One folder holds one journal: segments {@code NNNNNNNNNNNNNNNN.journal} (the number, from 1, as 16 lower-case
 * hexadecimal digits; numbers rise and are not used twice), for moments a segment's copy {@code ….journal.new}, and
 * {@code reserve}. Other files are passed over. All integers are big-endian, all checks CRC32C.
 *
 * <h2>Segment, format 1</h2>
 *
 * <p>Bytes 0 to 1023 are the header: the following 96 bytes at 0 and again at 512 (so that the loss of one sector does
 * not lose them), zeros elsewhere. Records start at 1024.
 *
 * <pre>
 *  0  8  magic "ISLEJRNL"
 *  8  4  format version, 1
 * 12  4  zero
 * 16  8  number of the segment, as in its name
 * 24  8  salt: random, repeated in each record of the segment
 * 32  8  sequence number that the first record has or will have
 * 40  8  number of the segment before it, 0 for none
 * 48  8  where the records of that one end; what lies behind is left of a failed write
 * 56  8  first segment of the checkpoint that this one was begun for, 0 for none
 * 64  8  first segment of the last checkpoint that was complete when this one was begun, 0 for none
 * 72 20  zero
 * 92  4  check of bytes 0 to 91
 * </pre>
 *
 * <p>Magic, version and check stay where they are in all later versions. A segment of another version is refused; what
 * matches no check is damaged. Format 2 is that of a sealed journal, below; all else is as in format 1.
 *
 * <h2>Record</h2>
 *
 * <p>Records start at multiples of 8 and follow each other without a gap.
 *
 * <pre>
 *  0  4  magic "ISLR"
 *  4  4  type; negative ones are the journal's own: -1 ends a checkpoint (body: 8 bytes, the number of its first
 *        segment), -2 says that the journal was closed (no body)
 *  8  8  salt of the segment
 * 16  8  sequence number
 * 24  8  highest sequence number known to survive power loss when this was written
 * 32  4  length of the body, at most 4 MiB
 * 36  4  length of the data, at most 8 MiB
 * 40  4  check of body and data checks
 * 44  4  1 if the record belongs to the state that a checkpoint writes, else 0
 * 48  4  zero
 * 52  4  check of bytes 0 to 51
 * 56     body
 *        data checks: for each 64 KiB of data, the last piece may be shorter, 4 bytes
 *        data
 *        zeros to the next multiple of 8
 * </pre>
 *
 * <p>Behind the last record of the last segment there may be zeros that were written ahead.
 *
 * <h2>Sealed segment, format 2</h2>
 *
 * <p>A journal is sealed if it is opened with a {@link isle.fs.spi.JournalSeal}. Then the disk shows framing (numbers and
 * salts of segments, types, sequence numbers and lengths of records, checks over sealed bytes) and no body and no data.
 * A segment that is not sealed is refused by it, and a sealed one by a journal without a seal.
 *
 * <p>Each of the two copies of a segment's header goes on:
 *
 * <pre>
 *  8  4  format version, 2
 *    …   as above
 * 72  4  n, length of the sealed key, at most 256
 * 76 16  zero
 * 92  4  check of bytes 0 to 91
 * 96  n  key of the segment as the seal gave it, bound to bytes 0 to 71
 *  …  4  check of these n bytes
 * </pre>
 *
 * <p>The key is drawn when the file is made. Only the run that made a file writes records to it; a copy of a segment is one
 * of its sealed bytes. So a number that comes again after the loss of power brings another key, and what is written over
 * the left-overs of a failed write is one more part under the same key: that no two parts share a nonce is the seal's part.
 *
 * <p>In a record the body is one sealed part, and the data a row of them: one for each 64 KiB, the last may be shorter.
 * Each part is longer than what is in it by what the seal adds. Lengths and checks in the record are those of the sealed
 * bytes; locations give the opened length, and the place of the first sealed byte. Bound to the parts are:
 *
 * <pre>
 * body    1  1
 *         8  where in the file the record starts
 *        56  its header, with 0 for the check of the body and what check of the header follows from that
 * data    1  2
 *         8  where in the file the data starts
 *         4  length of the data when opened
 *         4  number of the piece, from 0
 * </pre>
 *
 * <p>A record whose body does not open is damage like any other, but not even its header is believed then. Recovery opens
 * bodies and only checks data; data is opened when it is read, and what does not open is
 * {@link isle.fs.model.FsException.Corrupt} there. What passes unnoticed: the loss of the end of the last segment, and an
 * older state of the whole folder.
 *
 * <h2>Rules of recovery</h2>
 *
 * <ol>
 *   <li>A new segment's header and name are forced before a record goes into it, and all records of the one before were
 *       forced earlier. So a segment without a whole header at the end was never used, and only the last one can be torn.
 *   <li>Damage in a segment that is not the last one is real: it is told, and recovery goes on at the next place where a
 *       header with the segment's salt and a higher number passes its check. The salt keeps records that lie in the
 *       data of a user's file, even in a copy of a journal, from being taken for some.
 *   <li>Damage in the last segment is real if a whole record behind it says that it was forced. Otherwise it is what a
 *       crash tore: the segment ends there, without a word, also when whole records follow; those were not forced, and
 *       after a gap nobody can use them.
 *   <li>Recovery starts at the last complete checkpoint. The header of the first segment begun after a checkpoint tells
 *       whether it was complete; if there is none, the record that ends it does, or one that follows it, or the absence
 *       of earlier segments, which are deleted only after a checkpoint is complete. Segments of an unfinished checkpoint
 *       count for nothing.
 *   <li>Each opening begins a segment and numbers its records from the next multiple of 2<sup>32</sup>: a number is never
 *       given twice, even if all traces of its first record were lost with the power.
 *   <li>Segments before the last checkpoint are not read at opening. Their data is checked whenever it is read.
 * </ol>
 *
 * <h2>What is odd and meant</h2>
 *
 * <p><b>A failed force is never repeated.</b> After fsync failed, Linux takes the pages that it could not write for clean:
 * the next fsync of the same file succeeds and says nothing about them. But they can still be read for a while. So the
 * journal reads the segment back, checks that the records that were not safe are still whole, writes everything to a new
 * file, forces that, and puts it in the place of the old one; locations stay valid. If that cannot be done now, nothing
 * is appended and no force succeeds until it can. If the records are no longer whole, all calls fail until the journal is
 * opened again. Forces of one file come one after the other, because a kernel may tell only one of two that it failed.
 * For the same reason a journal that was not closed copies its last segment when it is opened: the process before may have
 * been killed between a failed force and its repair.
 *
 * <p><b>Data that was released stays until the next force.</b> The record that gives it up may be lost with the power, and
 * with that the data would be needed again.
 *
 * <p><b>The reserve</b> is a file of zeros, 1 MiB or a sixteenth of the cap. On a full disk it is deleted for a record
 * without data (that something was committed, a checkpoint), and made again before the next data. A checkpoint may pass
 * the cap, because it frees what is before it.
 *
 * <p><b>Zeros written ahead.</b> Small records are written over up to 1 MiB of zeros, because a force that need not make a
 * new file size safe is faster. Measured side by side on ext4, a record and a force took 0.56 to 0.90 of the time without
 * (records of 100 bytes to 12 KiB). Records over 16 KiB go without: zeros for them cost more writing than they save.
 */
@NullMarked
package isle.fs.journal;

import org.jspecify.annotations.NullMarked;
