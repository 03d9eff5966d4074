package isle.fs.cache;

import isle.fs.spi.BlockCodec;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * What a read costs that needs no request, beside a read of a plain file in the page cache, in one run. Arguments: none,
 * or the folder to use. Start it with {@code -Xmx128m}, as the daemon is.
 */
final class CacheBenchmark {

    private static final int MIB = 1 << 20;
    private static final int ROUNDS = 5;
    private static final long SIZE = 256 * MIB;
    private static final int HOT = 32 * MIB;

    @FunctionalInterface
    private interface Reader {
        void read(long offset, ByteBuffer into) throws IOException;
    }

    private static final PrintStream OUT = System.out;

    private CacheBenchmark() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = arguments.length > 0
                ? Files.createTempDirectory(Path.of(arguments[0]), "bench")
                : Files.createTempDirectory("isle-cache-bench");
        try {
            run(folder, BlockCodec.PLAIN, "plain");
            run(folder.resolve("xor"), new XorCodec(), "sealed by a byte-wise mask");
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void run(Path folder, BlockCodec codec, String name) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve("plain-file");
        CacheSettings settings =
                CacheSettings.onDisk(folder.resolve("cache"), codec).withDiskBytes(4 * SIZE);
        FakeSource source = new FakeSource("bench", SIZE);
        try (BlockCache cache = new BlockCache(settings);
                ReadStream stream = cache.open(source);
                FileChannel channel = FileChannel.open(
                        file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ)) {
            for (long offset = 0; offset < SIZE; offset += MIB) {
                ByteBuffer bytes = FakeSource.bytes("bench", offset, MIB);
                channel.write(bytes.duplicate(), offset);
                cache.put("bench", SIZE, offset, bytes);
            }
            OUT.println("codec: " + name);
            table(cache, stream, channel);
            OUT.println(cache.usage() + "; requests: " + source.fetches().size());
        }
    }

    private static void table(BlockCache cache, ReadStream stream, FileChannel channel) throws IOException {
        Reader file = (offset, into) -> read(channel, offset, into);
        for (int length : new int[] {4 << 10, 64 << 10, 128 << 10, MIB}) {
            double[][] micros = new double[4][ROUNDS];
            for (int round = 0; round < ROUNDS; round++) {
                micros[0][round] = hot(file, length);
                micros[1][round] = hotInMemory(channel, length);
                cache.forgetMemory();
                micros[2][round] = once(file, length);
                micros[3][round] = once(stream::read, length);
            }
            for (double[] rounds : micros) {
                Arrays.sort(rounds);
            }
            OUT.printf(
                    "%8d B; hot 32 MiB: file %.2f us, memory tier %.2f us, ratio %.2f;"
                            + " cold 256 MiB: file %.2f us, disk tier %.2f us, ratio %.2f%n",
                    length,
                    micros[0][ROUNDS / 2],
                    micros[1][ROUNDS / 2],
                    micros[0][ROUNDS / 2] / micros[1][ROUNDS / 2],
                    micros[2][ROUNDS / 2],
                    micros[3][ROUNDS / 2],
                    micros[2][ROUNDS / 2] / micros[3][ROUNDS / 2]);
        }
    }

    private static void read(FileChannel channel, long offset, ByteBuffer into) throws IOException {
        int count = 0;
        while (into.hasRemaining() && count >= 0) {
            count = channel.read(into, offset + into.position());
        }
    }

    private static double hotInMemory(FileChannel channel, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(MIB);
        try (BlockCache cache = new BlockCache(CacheSettings.inMemory());
                ReadStream stream = cache.open(new FakeSource("bench", SIZE))) {
            for (long offset = 0; offset < HOT; offset += MIB) {
                read(channel, offset, bytes.clear());
                cache.put("bench", SIZE, offset, bytes.flip());
            }
            return hot(stream::read, length);
        }
    }

    /** Random reads of what fits into memory. */
    private static double hot(Reader reader, int length) throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        ByteBuffer into = ByteBuffer.allocateDirect(length);
        int count = Math.max(500, 64 * MIB / length);
        long start = cpuNanos();
        for (int i = 0; i < count; i++) {
            reader.read((long) random.nextInt(HOT / length) * length, into.clear());
        }
        return (cpuNanos() - start) / 1e3 / count;
    }

    /** Each unit once, none in a run: memory has none of them. */
    private static double once(Reader reader, int length) throws IOException {
        ByteBuffer into = ByteBuffer.allocateDirect(length);
        int stride = Math.max(length, Grid.UNIT_BYTES);
        int units = (int) (SIZE / stride);
        long start = cpuNanos();
        for (int i = 0; i < units; i++) {
            reader.read(i * 37L % units * stride, into.clear());
        }
        return (cpuNanos() - start) / 1e3 / units;
    }

    /** Of this thread: nothing here waits, and the machine may do other things meanwhile. */
    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
