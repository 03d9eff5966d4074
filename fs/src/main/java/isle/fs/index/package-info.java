/**
 * The persistent local mirror of what the stores list: entries, attributes, cursors, in SQLite. Only this package knows
 * SQLite. It may be lost at any time, and is then rebuilt from the store and the journal; but what it says is never
 * wrong.
 *
 * <h2>Format 1</h2>
 *
 * A SQLite 3 database with {@code application_id} 0x69736c65 ("isle") and {@code user_version} 1. A file with another
 * number is refused. Tables:
 *
 * <pre>
 * entry(parent, name, inode, crc, data)  PRIMARY KEY(parent, name) WITHOUT ROWID, UNIQUE INDEX entry_inode(inode)
 * directory(inode, crc, data)            PRIMARY KEY(inode): each directory with an entry; roots when there is a need
 * meta(name, crc, data)                  PRIMARY KEY(name): name and data are texts
 * counters(id, crc, data)                one row, id 0
 * </pre>
 *
 * {@code name} of an entry is the bytes of its name; {@code data} is a record; {@code crc} is the CRC-32C of the key
 * (numbers as eight bytes, highest first; an entry's parent and inode, then its name; a meta name after its length) and
 * the record. In records, <i>u</i> is an unsigned number, seven bits a byte, lowest first, the high bit set in all but
 * the last; <i>s</i> is a signed number n as the u of {@code (n << 1) ^ (n >> 63)}; <i>text</i> is the u of twice its
 * number of chars, plus 1 if one of them is above 0xff, then its chars of one byte, or two with the high one first;
 * <i>rows</i> is the s of a count and the s of the sum of checksums.
 *
 * <pre>
 * entry      byte: 1 described, 2 has a version; byte: FileKind.code; u permissions; s uid; s gid; u size;
 *            s seconds and u nanoseconds of mtime, of ctime; s device; text symlink target;
 *            u number of xattrs, each text name and text value; text ref;
 *            with a version: text token, text contentId, u size
 * directory  byte: 1 a state was told, 2 complete; u listedMillis; rows of its children
 * counters   byte: 1 closed in good order; rows of entry; s sum of the low 32 bits of all inodes; rows of directory;
 *            rows of meta; u number of volumes, each u volume, u next counter, u entries, u bytes
 * </pre>
 *
 * <h2>Why it is so</h2>
 *
 * <b>Entries lie by directory</b>, because listing is what is done most: 100 000 children take 0.1 s, and moving a
 * directory of any size changes one row, as its children have its inode and not its name. Everything that is never
 * searched for is one record: a column less is a call into C less for every row.
 *
 * <p><b>Checksums and counted rows.</b> SQLite does not check its pages. A flipped bit in a row would be believed; one
 * in an inner node of a tree hides rows without an error, and a file that is said to be absent is a lost file. So each
 * row has a checksum, which proves what is found, and each directory and table has the number and the sum of the
 * checksums of its rows, which prove, together with their order, what is not found. When a name is first not found in a
 * directory, that directory is proven (120 ms for 100 000 entries); listing one proves it too. At the start, a file of
 * up to 128 MiB is compared with its counters, all trees of it (40 ms for 100 000 entries), and after an end without
 * close SQLite looks at its pages (30 ms more). In a larger file the tree of inodes is proven when one is first not
 * found; there alone, {@code apply} may take a lost entry that it replaces for none.
 *
 * <p><b>Write-ahead log, {@code synchronous=NORMAL}.</b> A transaction is not forced to the disk: after a power loss the
 * index is what it was some transactions ago, never something in between, because frames of the log carry checksums and
 * a chain of them. This is an older truth, as after a time without network, and the next list mends it. Two things must
 * not be forgotten. Inode numbers: their reservation is forced, and an end without close skips 67 million of them. What
 * leaves the journal: the committer calls {@code force} before it frees space there.
 *
 * <p><b>One connection writes, two read.</b> With a single one, a lookup waits while a directory is listed (100 ms for
 * 100 000 entries) or a transaction is made; with these it waits for neither. The page caches are 4 + 2 + 2 MiB.
 *
 * <p><b>No memory mapping</b>: a disk that fails under a mapped page ends the process. The log's own state file
 * ({@code -shm}) is the exception that SQLite makes for several connections; it is 32 KiB.
 */
@NullMarked
package isle.fs.index;

import org.jspecify.annotations.NullMarked;
