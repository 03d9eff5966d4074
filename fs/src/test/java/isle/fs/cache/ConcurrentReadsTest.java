package isle.fs.cache;

import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.spi.BlockCodec;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Many threads read, put, pin and close in every pattern at once, with sources that fail now and then and caps that are
 * far too small: every byte is right, and both caps hold. The seed is part of the test's name.
 */
class ConcurrentReadsTest {

    private static final int MIB = 1 << 20;
    private static final int THREADS = 8;
    private static final int CONTENTS = 24;
    private static final int STEPS = 80;

    @TempDir
    Path directory;

    private final List<FakeSource> sources = new ArrayList<>();
    private final AtomicInteger failures = new AtomicInteger();

    @ParameterizedTest(name = "seed {0}, {1}")
    @CsvSource({"1, memory", "2, memory", "3, plain", "4, plain", "5, sealed", "6, sealed"})
    void everyByteIsRight(long seed, String kind) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < CONTENTS; i++) {
            long size = i % 3 == 0 ? random.nextInt(1, 40_000) : random.nextInt(1, 6 * MIB);
            sources.add(new FakeSource("content " + i, size));
        }
        CacheSettings settings = settings(kind);
        for (int start = 0; start < 2; start++) {
            try (BlockCache cache = new BlockCache(settings)) {
                run(cache, random.split(), settings);
                cache.checkInvariants();
            }
        }
        assertTrue(failures.get() > 0, "some requests shall fail");
    }

    private CacheSettings settings(String kind) {
        return switch (kind) {
            case "memory" -> CacheSettings.inMemory().withMemoryBytes(2 * MIB);
            case "plain" ->
                CacheSettings.onDisk(directory, BlockCodec.PLAIN)
                        .withMemoryBytes(2 * MIB)
                        .withDiskBytes(10 * MIB);
            default ->
                CacheSettings.onDisk(directory, new XorCodec())
                        .withMemoryBytes(2 * MIB)
                        .withDiskBytes(10 * MIB);
        };
    }

    private void run(BlockCache cache, SplittableRandom random, CacheSettings settings) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            SplittableRandom own = random.split();
            running.add(threads.submit(() -> {
                for (int step = 0; step < STEPS; step++) {
                    step(cache, sources.get(own.nextInt(CONTENTS)), own);
                    CacheUsage usage = cache.usage();
                    assertTrue(usage.memoryBytes() <= settings.memoryBytes(), usage::toString);
                    assertTrue(usage.diskBytes() <= settings.diskBytes(), usage::toString);
                }
                return null;
            }));
        }
        for (Future<?> one : running) {
            one.get(2, TimeUnit.MINUTES);
        }
        threads.shutdown();
        sources.forEach(source -> source.fail(null));
    }

    private void step(BlockCache cache, FakeSource source, SplittableRandom random) {
        if (random.nextInt(20) == 0) {
            source.fail(random.nextBoolean() ? new FsException.Unavailable("now and then") : null);
        }
        try (ReadStream stream = cache.open(source)) {
            switch (random.nextInt(6)) {
                case 0 -> forward(stream, source, random);
                case 1 -> backward(stream, source, random);
                case 2 -> interleaved(stream, source, random);
                case 3 -> put(cache, source, random);
                case 4 -> pin(cache, source, random);
                default -> scattered(stream, source, random);
            }
        } catch (FsException e) {
            failures.incrementAndGet();
            source.fail(null);
        }
    }

    private static void forward(ReadStream stream, FakeSource source, SplittableRandom random) throws FsException {
        long offset = random.nextLong(source.size());
        for (int i = 0; i < 20 && offset < source.size(); i++) {
            int length = random.nextInt(1, 150_000);
            Reads.check(stream, source, offset, length);
            offset += length;
        }
    }

    private static void backward(ReadStream stream, FakeSource source, SplittableRandom random) throws FsException {
        int length = random.nextInt(1, 100_000);
        for (long offset = source.size() - length; offset > 0; offset -= length) {
            Reads.check(stream, source, offset, length);
            if (random.nextInt(20) == 0) {
                return;
            }
        }
    }

    private static void interleaved(ReadStream stream, FakeSource source, SplittableRandom random) throws FsException {
        long one = random.nextLong(source.size());
        long other = random.nextLong(source.size());
        for (int i = 0; i < 10; i++) {
            Reads.check(stream, source, Math.min(source.size(), one + i * 4096L), 4096);
            Reads.check(stream, source, Math.min(source.size(), other + i * 65536L), 65536);
        }
    }

    private static void scattered(ReadStream stream, FakeSource source, SplittableRandom random) throws FsException {
        for (int i = 0; i < 10; i++) {
            Reads.check(stream, source, random.nextLong(source.size() + 10), random.nextInt(1, 20_000));
        }
    }

    private static void put(BlockCache cache, FakeSource source, SplittableRandom random) {
        long offset = random.nextLong(source.size());
        int length = (int) Math.min(source.size() - offset, random.nextInt(300_000));
        ByteBuffer bytes = FakeSource.bytes(source.contentId(), offset, length);
        cache.put(source.contentId(), source.size(), offset, bytes);
        cache.isCached(source.contentId(), source.size(), offset, length);
    }

    private static void pin(BlockCache cache, FakeSource source, SplittableRandom random) {
        if (random.nextInt(3) == 0 && source.size() < MIB) {
            cache.pin(source, new PinRecorder());
        }
        cache.unpin(source.contentId());
    }
}
