/**
 * The cache of immutable content, in memory and on disk, with read-ahead and pins. {@link isle.fs.cache.BlockCache} is
 * the way in; a {@link isle.fs.cache.ReadStream} is one open handle.
 *
 * <h2>The way of a read</h2>
 *
 * Memory, pieces that arrived ahead, disk, a request. A <em>block</em> (16 KiB) is the least that is asked for, checked
 * and sealed, so that a random read of 4 KiB over a slow link does not fetch more; a <em>unit</em> (128 KiB, what the
 * kernel asks for) is what memory evicts as one; a <em>group</em> (1 MiB) is the most that one record on disk holds.
 *
 * <p>What a reader waits for is fetched on a thread of the cache, not on the reader's: the hand-over costs about 10 us
 * (a request takes 500 us at least) and no system call hangs with a store that never answers. All who wait for a block
 * share one request; its failure reaches exactly them, and is not kept. What nobody waits for yet is decided on only
 * when a fetcher and memory are free ({@code ReadAhead}), so no demanded request queues behind it; a reader that meets a
 * request made ahead which does not answer soon makes its own.
 *
 * <h2>Odd but meant</h2>
 *
 * <ul>
 *   <li>Memory is pages outside the heap, a fixed number of them: the cap is exact, RSS follows what was ever used, and
 *       the collector never moves or waits for 64 MiB of bytes. Copying costs the same from heap and from outside.
 *   <li>Blocks of a plain volume are not kept in memory when the disk took them. Reading whole blocks from a segment in
 *       the page cache, checksum included, takes 1.6 times a bare read of a file (128 KiB: 16 us), our own memory
 *       about as long as the bare read; writing both cost three times the processor time of a sequential read.
 *   <li>Caffeine decides what memory keeps, but not over what was fetched ahead: a newcomer that nobody has read yet
 *       would be the first to go. That lies in pieces of its own, a quarter of the memory, until it is read.
 *   <li>Eviction on disk is by segment, oldest first, and what was read since it was written moves on. Exact recency
 *       would need a file per content (100 000 small ones: seconds to open at the start) or holes in files.
 *   <li>A disk that is slower than the network loses: what waits for it beyond a limit is not kept there.
 *   <li>Checksums are verified at each read, not once per start: they take 2.5 us of 128 KiB.
 * </ul>
 *
 * <h2>Locks</h2>
 *
 * {@code ReadAhead} before {@code Content} before any other; all others are leaves, held for no longer than some
 * microseconds, except that of {@code SegmentStore}: under it files are made, deleted and runs moved on, so readers never
 * take it (they do, to drop a damaged block). No lock is held during a request.
 *
 * <h2>Files, format 1</h2>
 *
 * One directory, mode 0700, used by one cache. Names of contents are nowhere in it, only their hashes. Integers are
 * big-endian; checksums are CRC-32C. Nothing is forced: what a power loss takes or tears fails a check, and is a miss.
 * Files that are not of this version are deleted, for they only hold copies.
 *
 * <pre>
 * seg-NNNNNNNNNNNNNNNN.isle   hex number, ascending: the order of making. All together stay below the cap.
 * pin-CCCC…CCCC.isle          32 hex digits: key of a pinned content. Not counted in the cap, never evicted.
 *
 * file     = file header, records, [index, trailer]
 * file header (16 B)
 *    0  8  "islecach"
 *    8  4  version = 1
 *   12  4  checksum of bytes 0..11
 * record   = header, sealed blocks one after another, exactly as the codec gave them
 * header (52 B + 4 B for each block)
 *    0  4  "ISLB"
 *    4  4  n, number of blocks, 1..64, all of one group
 *    8 16  content key: first half of SHA-256(length of the volume's name in chars as int, its chars, those of the
 *          content id; a char is 2 bytes)
 *   24  4  first 4 bytes of the same hash with an empty content id: says whose bytes these are
 *   28  8  number of the first block in the content
 *   36  4  sealed bytes of each block but the last of the record
 *   40  4  sealed bytes of the last one
 *   44  4  0
 *   48 4n  checksum of each block: key (16 B), block number (8 B), sealed bytes
 *    …  4  checksum of the header up to here
 * index    = for each run: 8 B offset of its first sealed block in the file; its header as above
 * trailer (28 B, the last of the file)
 *    0  4  "ISLI"
 *    4  4  version = 1
 *    8  8  offset of the index
 *   16  4  bytes in the index
 *   20  4  checksum of the index
 *   24  4  checksum of bytes 0..23
 * </pre>
 *
 * The index is written when a segment is full, a pin is complete and at the end. A file without a good one is read record
 * by record, up to the first header that fails its checksum.
 */
@NullMarked
package isle.fs.cache;

import org.jspecify.annotations.NullMarked;
