package isle.fs.fuse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FilesTest extends MountedTest {

    @Test
    void manyMegabytesComeBackAsTheyWere() throws IOException {
        byte[] bytes = new byte[9_000_001];
        new Random(7).nextBytes(bytes);
        Path file = dir.resolve("f");
        Files.write(file, bytes);
        assertArrayEquals(bytes, Files.readAllBytes(file));
        assertEquals("same", sh("cp f g && cmp f g && dd if=f of=h bs=1000 status=none && cmp f h && echo same"));
        assertEquals("same", sh("dd if=f of=i bs=1M iflag=direct oflag=direct status=none; cmp f i && echo same"));
    }

    @Test
    void everyOffsetAndLengthIsServed() throws IOException {
        String output = python("""
                import random
                random.seed(1)
                data = bytearray()
                fd = os.open('f', os.O_CREAT | os.O_RDWR)
                for i in range(800):
                    kind = random.randrange(4)
                    at = random.randrange(700000)
                    n = random.choice([1, 100, 4095, 4096, 4097, 131072, 131073, 300000])
                    if kind == 0:
                        b = os.urandom(n)
                        os.pwrite(fd, b, at)
                        if len(data) < at + n:
                            data.extend(bytes(at + n - len(data)))
                        data[at:at + n] = b
                    elif kind == 1 and random.randrange(4) == 0:
                        os.ftruncate(fd, at)
                        data = data[:at] + bytes(max(0, at - len(data)))
                    else:
                        got = os.pread(fd, n, at)
                        assert got == data[at:at + n], (i, at, n, len(got))
                print(os.fstat(fd).st_size == len(data))
                """);
        assertEquals("True", output);
    }

    @Test
    void exclusiveCreationHappensOnce() throws IOException {
        Files.createFile(dir.resolve("f"));
        assertThrows(FileAlreadyExistsException.class, () -> Files.createFile(dir.resolve("f")));
        assertEquals("EEXIST", python("print(error_of(os.open, 'f', os.O_CREAT | os.O_EXCL | os.O_WRONLY))"));
    }

    @Test
    void openingWithTruncationEmptiesAtOnce() throws IOException {
        Path file = dir.resolve("f");
        Files.writeString(file, "long content");
        try (FileChannel reader = FileChannel.open(file)) {
            try (FileChannel writer =
                    FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                assertEquals(0, Files.size(file));
                assertEquals(0, reader.size());
                writer.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
            }
            assertEquals(3, reader.size());
        }
        assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(file));
    }

    @Test
    void appendingGoesToTheEndWhateverTheOffset() throws IOException {
        String output = python("""
                open('f', 'w').write('start')
                a = os.open('f', os.O_WRONLY | os.O_APPEND)
                b = os.open('f', os.O_WRONLY | os.O_APPEND)
                for i in range(50):
                    os.write(a, b'a')
                    os.write(b, b'b')
                fcntl.fcntl(a, fcntl.F_SETFL, 0)
                os.pwrite(a, b'S', 0)
                fcntl.fcntl(a, fcntl.F_SETFL, os.O_APPEND)
                os.write(a, b'!')
                print(open('f').read() == 'Start' + 'ab' * 50 + '!')
                """);
        assertEquals("True", output);
    }

    @Test
    void aMappingIsWrittenToItsPlaceThoughAnAppenderHasTheFileOpen() throws IOException {
        String output = python("""
                fd = os.open('f', os.O_CREAT | os.O_RDWR)
                os.write(fd, b'x' * 10000)
                appender = os.open('f', os.O_RDWR | os.O_APPEND)
                m = mmap.mmap(fd, 10000)
                os.close(fd)
                m[5000:5005] = b'hello'
                m.flush()
                m[0:2] = b'ab'
                m.close()
                os.write(appender, b'end')
                os.close(appender)
                b = open('f', 'rb').read()
                print(len(b), b[5000:5005], b[:2], b[-3:])
                """);
        assertEquals("10003 b'hello' b'ab' b'end'", output);
    }

    @Test
    void aFileOfManyGigabytesWithHoles() throws IOException {
        String output = python("""
                fd = os.open('f', os.O_CREAT | os.O_RDWR)
                os.ftruncate(fd, 6 << 30)
                os.pwrite(fd, b'far', 5 << 30)
                print(os.fstat(fd).st_size == 6 << 30, os.pread(fd, 3, 5 << 30), os.pread(fd, 2, (5 << 30) - 2),
                      os.fstat(fd).st_blocks < 2000, os.lseek(fd, 0, os.SEEK_END) == 6 << 30)
                """);
        assertEquals("True b'far' b'\\x00\\x00' True True", output);
    }

    @Test
    void anUnlinkedOpenFileLivesOn() throws IOException {
        String output = python("""
                fd = os.open('f', os.O_CREAT | os.O_RDWR)
                os.write(fd, b'content')
                other = os.open('f', os.O_RDONLY)
                os.unlink('f')
                assert os.listdir('.') == [], os.listdir('.')
                assert error_of(os.stat, 'f') == 'ENOENT'
                os.rmdir(os.getcwd())
                os.pwrite(fd, b'C', 0)
                os.ftruncate(fd, 4)
                os.fchmod(fd, 0o640)
                os.utime(fd, ns=(1, 2000000003))
                os.setxattr(fd, 'user.a', b'v')
                os.fsync(fd)
                st = os.fstat(fd)
                print(os.pread(other, 10, 0), st.st_nlink, st.st_size, oct(st.st_mode), st.st_mtime_ns,
                      os.getxattr(other, 'user.a'))
                os.close(fd)
                print(os.pread(other, 10, 0), os.fstat(other).st_nlink)
                """);
        assertEquals("b'Cont' 0 4 0o100640 2000000003 b'v'\nb'Cont' 0", output);
    }

    @Test
    void aReplacedOpenFileLivesOn() throws IOException {
        String output = python("""
                fd = os.open('f', os.O_CREAT | os.O_RDWR)
                os.write(fd, b'old')
                open('g', 'w').write('new')
                os.rename('g', 'f')
                os.pwrite(fd, b'O', 0)
                print(os.pread(fd, 3, 0), os.fstat(fd).st_nlink, open('f').read(), os.listdir('.'))
                """);
        assertEquals("b'Old' 0 new ['f']", output);
    }

    @Test
    void spaceIsAllocatedAndPunched() throws IOException {
        sh("fallocate -l 100000 f && [ $(stat -c %s f) = 100000 ]");
        sh("yes | head -c 200000 > g; fallocate -p -o 4096 -l 8192 g; [ $(stat -c %s g) = 200000 ]");
        assertEquals("8192", sh("tail -c +4097 g | head -c 8192 | tr -d -c '\\0' | wc -c"));
        assertEquals(95, Integer.parseInt(python("""
                open('h', 'w').write('x' * 10000)
                fd = os.open('h', os.O_RDWR)
                libc = ctypes.CDLL(None, use_errno=True)
                libc.fallocate64(fd, 8, ctypes.c_long(0), ctypes.c_long(4096))
                print(ctypes.get_errno())
                """)));
    }

    @Test
    void truncationByPathAndByHandle() throws IOException {
        sh("printf 123456 > f; truncate -s 3 f; [ $(cat f) = 123 ]; truncate -s 5 f; [ $(stat -c %s f) = 5 ]");
        try (FileChannel channel = FileChannel.open(dir.resolve("f"), StandardOpenOption.WRITE)) {
            channel.truncate(2);
            channel.force(true);
            channel.force(false);
        }
        assertEquals("12", Files.readString(dir.resolve("f")));
    }

    @Test
    void locksAreTheKernels() throws IOException {
        String output = python("""
                fd = os.open('f', os.O_CREAT | os.O_RDWR)
                fcntl.flock(fd, fcntl.LOCK_EX)
                pid = os.fork()
                if pid == 0:
                    other = os.open('f', os.O_RDWR)
                    os._exit(0 if error_of(fcntl.flock, other, fcntl.LOCK_EX | fcntl.LOCK_NB) == 'EAGAIN' else 1)
                fcntl.lockf(fd, fcntl.LOCK_EX)
                print(os.waitpid(pid, 0)[1], error_of(fcntl.ioctl, fd, 0x5401))
                """);
        assertEquals("0 ENOTTY", output);
    }

    @Test
    void aCopyInTheKernelWorks() throws IOException {
        String output = python("""
                data = os.urandom(500000)
                open('f', 'wb').write(data)
                a = os.open('f', os.O_RDONLY)
                b = os.open('g', os.O_CREAT | os.O_WRONLY)
                n = 0
                while n < 500000:
                    n += os.copy_file_range(a, b, 500000 - n)
                print(open('g', 'rb').read() == data, error_of(os.open, '.', os.O_TMPFILE | os.O_RDWR))
                """);
        assertEquals("True ENOTSUP", output);
    }

    @Test
    void manyThreadsWriteTheirOwnFiles() throws IOException {
        String output = python("""
                import threading
                bad = []
                def work(k):
                    for i in range(60):
                        name = 't%d-%d' % (k, i)
                        data = os.urandom(30000)
                        open(name, 'wb').write(data)
                        if open(name, 'rb').read() != data:
                            bad.append(name)
                        os.rename(name, name + 'x')
                        os.unlink(name + 'x')
                threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
                [t.start() for t in threads]
                [t.join() for t in threads]
                print(bad, os.listdir('.'))
                """);
        assertEquals("[] []", output);
    }
}
