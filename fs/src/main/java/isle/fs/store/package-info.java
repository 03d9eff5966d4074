/**
 * Object stores that need no vendor library: the local folder (the embedded default), the one in memory, and the
 * decorators that meter, slow down, break or imitate the quirks of a store. The fakes of our tests are this real code.
 *
 * <h2>The local store on disk, format 1</h2>
 *
 * <pre>
 * FOLDER/format            "isle local object store, format 1\n"
 *        lock              locked by the process that has it open; its process id, for people
 *        epoch             8 bytes number of the last opening, 4 bytes CRC32C of them
 *        index             the index log: what is in the headers, once more
 *        tmp/SERIAL        header files that are being written
 *        objects/XX/STEM.SERIAL            header file of an object
 *        objects/XX/STEM.SERIAL.NUMBER     content file
 *        uploads/ID/upload.SERIAL          header file that has key and metadata of an upload
 *        uploads/ID/PART.SERIAL[.NUMBER]   a part, in the form of an object
 * </pre>
 *
 * <p>STEM is the first 128 bits of the SHA-256 of the key, in hexadecimal; XX its first two digits. NUMBER and PART are
 * decimal, SERIAL hexadecimal. A serial is {@code epoch << 40 | counter}: every opening for writing has an epoch of its
 * own, so a serial is used once, and of two versions of an object the later one has the greater serial. All numbers in
 * files are big-endian; a text is 2 bytes length and UTF-8; a map is 2 bytes count, then name and value of each, sorted.
 *
 * <pre>
 * header file   8  "ISLEOBJ", 1         magic and version
 *               4  length H of the header, its checksum included
 *               8  serial               that of the file's name
 *               8  serial of the content files; 0 if there are none
 *               4  number of content files; 0 if the content follows the header
 *              16  etag                 serial of the put that brought the bytes, 64 random bits
 *               8  last modified        milliseconds since 1970
 *               8  size of the content
 *                  key                  text
 *                  content type         text
 *                  user metadata        map
 *                  standard headers     map
 *               4  CRC32C of the content that follows; 0 if there are content files
 *               4  number of extents, and of each:
 *                  4 NUMBER of the file, 8 offset in it, 8 length, 8 content bytes in the whole file
 *               4  CRC32C of the H - 4 bytes before
 *                  the content, if it has at most 64 KiB
 * content file     bytes, then 4 bytes CRC32C of each 16 KiB of them (the last one may be shorter)
 * index log     8  "ISLEIDX", 1; then records:
 *               4  length of the rest behind the checksum
 *               4  CRC32C of the rest
 *              56  serial to size, as in the header
 *                  key                  UTF-8 up to the end of the record
 * </pre>
 *
 * <p><b>Writing.</b> Neither header nor content files are ever changed. A put writes content files under their final
 * names and forces them and their directory (large content only), writes the header file in {@code tmp}, forces it,
 * renames it to its place, forces the directory: that is when the put has happened. Then it enters the index, and the
 * files of the older version are removed, which nobody has to wait for. A copy onto itself writes a header that refers
 * to the same content files; a copy elsewhere, a part taken from an object and an upload that is completed give content
 * files further names (hard links), each object having names of its own, so that each can be deleted without looking at
 * others. A range shorter than 64 KiB or than half of its file is copied instead, so that no object falls to dust and no
 * byte keeps a gigabyte. A delete removes the header, forces the directory, then removes the content.
 *
 * <p><b>Starting.</b> The names in the directories say which headers there are, and a header that has a record in the
 * index log under its serial need not be opened. The log is therefore never forced and may be lost, torn or old; what it
 * lacks is read from the headers (three times the time: see below). Of two headers with one key the one with the lesser
 * serial is removed, then the content files that no header refers to, and whatever is in {@code tmp}. An older version
 * that could not be removed at once is removed before the newest is deleted, or it would come back here. If
 * {@code epoch} is missing, the greatest serial in any name gives the next one, and the log is not believed, because
 * serials may repeat. Uploads in which nothing happened for a day are removed.
 *
 * <p><b>Damage.</b> A header that fails its checksum at start is left where it is and reported
 * ({@link isle.fs.store.LocalObjectStore#damaged()}); its key, if the bytes of it still hash to the file's name, stays
 * listed, and every access to that key is {@link isle.fs.model.FsException.Corrupt} until it is written or deleted. Damage
 * found later is Corrupt for what meets it. Content files that a damaged header may refer to are kept.
 *
 * <p><b>Locks</b> of the local store, in the order in which they are taken: {@code life} (shared by writes), that of an
 * upload, that of a shard, and as leaves those of the index log, of a shard's making and of the generator. A shard's is
 * held while the disk is forced; readers take none.
 *
 * <p><b>Measured</b> side by side (2 cores under heavy load, so ratios): a 4 KiB put takes 1.2 to 1.8 times what the
 * same two forces and a rename take by themselves, a copy onto itself as much as a put of any size; a get of 4 KiB takes
 * 15 microseconds, 2.7 times opening and reading a file, one of 8 MiB 1.3 to 1.5 times. Forcing a file that has its
 * final name at once, instead of renaming it after, saved nothing. Opening 100 000 objects takes the CPU time of one
 * walk through the folder's files (0.45 s in a cold JVM), three walks without the log.
 */
@NullMarked
package isle.fs.store;

import org.jspecify.annotations.NullMarked;
