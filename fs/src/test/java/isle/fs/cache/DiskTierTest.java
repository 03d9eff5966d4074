package isle.fs.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.BlockId;
import isle.fs.model.FsException;
import isle.fs.spi.BlockCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lies on disk: kept over a restart, within its cap, and never believed without a check. */
class DiskTierTest {

    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    private BlockCache start(BlockCodec codec, long diskBytes) throws InterruptedException {
        // With few requests at once no more waits for a slow disk than is written in spite of that.
        BlockCache cache = new BlockCache(CacheSettings.onDisk(directory, codec)
                .withMemoryBytes(4 * MIB)
                .withDiskBytes(diskBytes)
                .withFetchers(1));
        cache.awaitScan();
        return cache;
    }

    private static void stop(BlockCache cache) {
        cache.checkInvariants();
        cache.close();
    }

    private static void readAll(BlockCache cache, FakeSource source) throws FsException {
        try (ReadStream stream = cache.open(source)) {
            Reads.checkAll(stream, source, 100_000);
        }
    }

    @Test
    void aRestartKeepsWhatWasRead() throws Exception {
        FakeSource large = new FakeSource("large \uD800 \n/..", 20 * MIB + 17);
        FakeSource small = new FakeSource("small", 11);
        BlockCache cache = start(BlockCodec.PLAIN, 64 * MIB);
        readAll(cache, large);
        readAll(cache, small);
        stop(cache);

        cache = start(BlockCodec.PLAIN, 64 * MIB);
        assertTrue(cache.isCached(large.contentId(), large.size(), 0, large.size()));
        int before = large.fetches().size();
        readAll(cache, large);
        readAll(cache, small);
        assertEquals(before, large.fetches().size());
        assertEquals(1, small.fetches().size());
        stop(cache);
    }

    @Test
    void aCrashLosesNothingThatWasWritten() throws Exception {
        FakeSource source = new FakeSource("crash", 5 * MIB);
        BlockCache crashed = start(BlockCodec.PLAIN, 64 * MIB);
        crashed.put(source.contentId(), source.size(), 0, FakeSource.bytes(source.contentId(), 0, 5 * MIB));

        // Never closed: no index was written. Another one starts on the same files.
        BlockCache cache = start(BlockCodec.PLAIN, 64 * MIB);
        readAll(cache, source);
        assertEquals(List.of(), source.fetches());
        stop(cache);
    }

    @Test
    void bytesAtRestAreTheSealedOnes() throws Exception {
        FakeSource source = new FakeSource("secret", 300_000);
        XorCodec codec = new XorCodec();
        BlockCache cache = start(codec, 64 * MIB);
        readAll(cache, source);
        stop(cache);

        String onDisk = content(files());
        String plain = latin(FakeSource.bytes(source.contentId(), BlockCache.BLOCK_BYTES, 64));
        assertFalse(onDisk.contains(plain));
        BlockId id = new BlockId(source.contentId(), 1);
        ByteBuffer block = FakeSource.bytes(source.contentId(), BlockCache.BLOCK_BYTES, BlockCache.BLOCK_BYTES);
        assertTrue(onDisk.contains(latin(codec.seal(id, block))));

        cache = start(codec, 64 * MIB);
        readAll(cache, source);
        assertEquals(source.size(), source.fetchedBytes());
        stop(cache);
    }

    @Test
    void withoutItsKeyACodecMakesMissesAndWritesNothing() throws Exception {
        FakeSource source = new FakeSource("locked", 300_000);
        XorCodec codec = new XorCodec();
        BlockCache cache = start(codec, 64 * MIB);
        codec.setLocked(true);
        readAll(cache, source);
        assertEquals(0, cache.usage().volumeBytes());
        stop(cache);

        cache = start(codec, 64 * MIB);
        codec.setLocked(false);
        readAll(cache, source);
        stop(cache);
        cache = start(codec, 64 * MIB);
        codec.setLocked(true);
        readAll(cache, source);
        codec.setLocked(false);
        assertEquals(0, cache.usage().damagedBlocks());
        stop(cache);
    }

    @Test
    void underAnotherKeyBlocksAreDroppedAndFetchedAgain() throws Exception {
        FakeSource source = new FakeSource("rekeyed", 300_000);
        for (int key = 1; key <= 3; key++) {
            BlockCache cache = start(BlockCodec.PLAIN, 64 * MIB);
            readAll(cache.forVolume("vault", new XorCodec(key)), source);
            assertEquals(key * source.size(), source.fetchedBytes());
            stop(cache);
            cache = start(BlockCodec.PLAIN, 64 * MIB);
            // Whoever only asks for the figures needs no key.
            assertTrue(cache.forVolume("vault", BlockCodec.PLAIN).usage().volumeBytes() >= source.size());
            readAll(cache.forVolume("vault", new XorCodec(key)), source);
            assertEquals(key * source.size(), source.fetchedBytes(), "the new ones are kept");
            stop(cache);
        }
    }

    @Test
    void damagedBlocksAreMissesAndNothingElseIs() throws Exception {
        FakeSource source = new FakeSource("rotten", 8 * MIB);
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < 12; round++) {
            BlockCache cache = start(BlockCodec.PLAIN, 64 * MIB);
            readAll(cache, source);
            stop(cache);
            for (Path file : files()) {
                byte[] bytes = Files.readAllBytes(file);
                for (int i = 0; i < 5; i++) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
                int cut = round % 3 == 0 ? random.nextInt(MIB) : 0;
                Files.write(file, Arrays.copyOf(bytes, Math.max(0, bytes.length - cut)));
            }
        }
        BlockCache cache = start(BlockCodec.PLAIN, 64 * MIB);
        long before = source.fetchedBytes();
        readAll(cache, source);
        assertTrue(source.fetchedBytes() - before < 4 * MIB, () -> "fetched again: " + source.fetchedBytes());
        stop(cache);
    }

    @Test
    void theCapHoldsUnderRandomLoadAndRecentOnesSurvive() throws Exception {
        long cap = 8 * MIB;
        BlockCache cache = start(BlockCodec.PLAIN, cap);
        FakeSource kept = new FakeSource("kept", 100_000);
        // Put, not read: what is read and would have to wait for a busy disk is not kept there.
        put(cache, kept);
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 400; i++) {
            put(cache, new FakeSource("content " + i, random.nextInt(1, 600_000)));
            // Not through memory, which keeps what is read often: the disk has to see that it is used.
            if (i % 8 == 0) {
                touchOnDisk(cache, kept);
            }
            assertTrue(cache.usage().diskBytes() <= cap, () -> "on disk: " + cache.usage());
        }
        cache.checkInvariants();
        assertTrue(cache.isCached("kept", kept.size(), 0, kept.size()));
        assertEquals(0, kept.fetches().size());
        stop(cache);
        assertTrue(sizeOnDisk() <= cap, "on disk: " + sizeOnDisk());
        assertTrue(sizeOnDisk() > cap / 2, "on disk: " + sizeOnDisk());
    }

    private static void put(BlockCache cache, FakeSource source) {
        int size = (int) source.size();
        cache.put(source.contentId(), size, 0, FakeSource.bytes(source.contentId(), 0, size));
    }

    private static void touchOnDisk(BlockCache cache, FakeSource source) throws FsException {
        long before = cache.usage().diskHits();
        readAll(cache, source);
        if (cache.usage().diskHits() == before) {
            cache.forgetMemory();
            readAll(cache, source);
        }
    }

    @Test
    void aHundredThousandSmallContentsAreFewFiles() throws Exception {
        BlockCache cache = start(BlockCodec.PLAIN, 512 * MIB);
        ByteBuffer bytes = FakeSource.bytes("x", 0, 3000);
        for (int i = 0; i < 100_000; i++) {
            cache.put("small " + i, 3000, 0, bytes);
        }
        stop(cache);
        assertTrue(files().size() < 140, () -> files().size() + " files");
        cache = start(BlockCodec.PLAIN, 512 * MIB);
        for (int i = 0; i < 100_000; i += 997) {
            assertTrue(cache.isCached("small " + i, 3000, 0, 3000), "small " + i);
        }
        stop(cache);
    }

    private List<Path> files() {
        try (Stream<Path> files = Files.list(directory)) {
            return new ArrayList<>(files.toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long sizeOnDisk() throws IOException {
        long sum = 0;
        for (Path file : files()) {
            sum += Files.size(file);
        }
        return sum;
    }

    private static String content(List<Path> files) throws IOException {
        StringBuilder text = new StringBuilder();
        for (Path file : files) {
            text.append(Files.readString(file, StandardCharsets.ISO_8859_1));
        }
        return text.toString();
    }

    private static String latin(ByteBuffer bytes) {
        return StandardCharsets.ISO_8859_1.decode(bytes).toString();
    }
}
