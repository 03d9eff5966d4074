package isle.fs.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A disk that becomes full, takes no writes, or does not give back what it has, as it is told. */
final class FaultyFiles implements CacheFiles {

    final AtomicLong freeBytes = new AtomicLong(Long.MAX_VALUE / 2);
    volatile @Nullable String writeFailure;
    volatile @Nullable String readFailure;

    private void failIf(@Nullable String what) throws IOException {
        if (what != null) {
            throw new IOException(what);
        }
    }

    @Override
    public FileChannel open(Path file, boolean create) throws IOException {
        if (create) {
            failIf(writeFailure);
        }
        return new Channel(ON_DISK.open(file, create));
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        failIf(writeFailure);
        return ON_DISK.list(directory);
    }

    @Override
    public void delete(Path file) throws IOException {
        failIf(writeFailure);
        long size = ON_DISK.size(file);
        ON_DISK.delete(file);
        freeBytes.addAndGet(size);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        failIf(writeFailure);
        ON_DISK.rename(from, to);
    }

    @Override
    public long size(Path file) throws IOException {
        return ON_DISK.size(file);
    }

    @Override
    public long usableBytes(Path directory) {
        return freeBytes.get();
    }

    private final class Channel extends FileChannel {
        private final FileChannel real;

        Channel(FileChannel real) {
            this.real = real;
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            failIf(readFailure);
            return real.read(into, position);
        }

        /** As a real one does: writes what still fits, and fails when nothing does. */
        @Override
        public int write(ByteBuffer from, long position) throws IOException {
            failIf(writeFailure);
            long fits = Math.min(from.remaining(), freeBytes.get());
            if (fits <= 0) {
                throw new IOException("No space left on device");
            }
            int limit = from.limit();
            from.limit(from.position() + (int) fits);
            try {
                long before = real.size();
                int written = real.write(from, position);
                freeBytes.addAndGet(before - real.size());
                return written;
            } finally {
                from.limit(limit);
            }
        }

        @Override
        public long size() throws IOException {
            return real.size();
        }

        @Override
        public FileChannel truncate(long size) throws IOException {
            failIf(writeFailure);
            real.truncate(size);
            return this;
        }

        @Override
        public void force(boolean metaData) throws IOException {
            real.force(metaData);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            real.close();
        }

        @Override
        public int read(ByteBuffer into) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long read(ByteBuffer[] into, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int write(ByteBuffer from) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long write(ByteBuffer[] from, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long position() {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileChannel position(long newPosition) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }
    }
}
