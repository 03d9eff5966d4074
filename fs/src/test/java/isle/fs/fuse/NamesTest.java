package isle.fs.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class NamesTest extends MountedTest {

    @Test
    void namesKeepEveryByte() throws IOException {
        String output = python("""
                names = [b'\\xff\\xfe\\x80', b'a\\nb', b' ', b'\\xf0\\x9f\\x8f\\x9d', b'\\xc3\\xa4', b'a\\xcc\\x88', b'x' * 255,
                         b'\\x01', b'-', b'~', bytes(range(1, 47)), bytes(range(48, 256)), b'.hidden', b'...', b'\\\\', b'"']
                for name in names:
                    os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
                    assert os.stat(name).st_size == 0
                assert sorted(os.listdir(b'.')) == sorted(names), os.listdir(b'.')
                for name in names:
                    os.rename(name, name[:200] + b'2')
                    os.unlink(name[:200] + b'2')
                print(os.listdir(b'.'))
                """);
        assertEquals("[]", output);
    }

    @Test
    void caseMattersAndNothingIsNormalised() throws IOException {
        Files.writeString(dir.resolve("A"), "1");
        Files.writeString(dir.resolve("a"), "2");
        assertEquals("1", Files.readString(dir.resolve("A")));
        assertEquals("A\na", sh("ls"));
    }

    @Test
    void everyCallRefusesNamesOver255Bytes() throws IOException {
        String output = python("""
                long = 'n' * 256
                open('f', 'w').close()
                os.mkdir('d')
                calls = [
                    (os.stat, long), (os.lstat, long), (os.mkdir, long), (os.rmdir, long), (os.unlink, long),
                    (os.open, long, os.O_CREAT | os.O_WRONLY), (os.open, long, os.O_RDONLY), (os.mkfifo, long),
                    (os.symlink, 'x', long), (os.readlink, long), (os.link, 'f', long), (os.link, long, 'g'),
                    (os.rename, 'f', long), (os.rename, long, 'g'), (os.chmod, long, 0o600), (os.chown, long, -1, -1),
                    (os.truncate, long, 0), (os.utime, long), (os.getxattr, long, 'user.a'), (os.listdir, long),
                    (os.stat, 'd/' + long), (os.stat, long + '/x')]
                print(sorted({error_of(*call) for call in calls}))
                """);
        assertEquals("['ENAMETOOLONG']", output);
    }

    @Test
    void deepPathsWorkRelatively() throws IOException {
        String output = python("""
                depth = 0
                for i in range(100):
                    os.mkdir('p' * 200)
                    os.chdir('p' * 200)
                    depth += 201
                open('end', 'w').write('far')
                print(depth, open('end').read(), error_of(os.stat, '/'.join(['p' * 200] * 25)))
                """);
        assertEquals("20100 far ENAMETOOLONG", output);
    }

    @Test
    void renameReplacesAndRefusesAsPosixSays() throws IOException {
        Files.writeString(dir.resolve("a"), "a");
        Files.writeString(dir.resolve("b"), "b");
        Files.createDirectories(dir.resolve("d/e"));
        Files.move(dir.resolve("a"), dir.resolve("b"), StandardCopyOption.ATOMIC_MOVE);
        assertEquals("a", Files.readString(dir.resolve("b")));
        assertThrows(NoSuchFileException.class, () -> Files.readString(dir.resolve("a")));
        String output = python("""
                os.mkdir('empty')
                print(error_of(os.rename, 'b', 'd'), error_of(os.rename, 'd', 'b'), error_of(os.rename, 'empty', 'd'),
                      error_of(os.rename, 'd', 'd/e/f'), error_of(os.rename, 'none', 'x'),
                      error_of(os.rename, 'd', 'empty'), sorted(os.listdir('.')))
                """);
        assertEquals("EISDIR ENOTDIR ENOTEMPTY EINVAL ENOENT none ['b', 'empty']", output);
    }

    @Test
    void aMovedFolderIsTheSameFolder() throws IOException {
        Files.createDirectories(dir.resolve("a/x/y"));
        Files.createDirectory(dir.resolve("b"));
        Files.writeString(dir.resolve("a/x/y/file"), "content");
        Object before = Files.getAttribute(dir.resolve("a/x"), "unix:ino");
        Files.move(dir.resolve("a/x"), dir.resolve("b/z"));
        assertEquals("content", Files.readString(dir.resolve("b/z/y/file")));
        assertEquals(before, Files.getAttribute(dir.resolve("b/z"), "unix:ino"));
        assertEquals("2", sh("stat -c %h a"));
        assertEquals("3", sh("stat -c %h b"));
    }

    @Test
    void filesThatLookHiddenAreFilesLikeAnyOther() throws IOException {
        Files.writeString(dir.resolve(".fuse_hidden0000000100000001"), "mine");
        assertEquals(".fuse_hidden0000000100000001", sh("ls -A"));
        assertEquals("mine", Files.readString(dir.resolve(".fuse_hidden0000000100000001")));
    }

    @Test
    void directoriesRefuseAsPosixSays() throws IOException {
        Files.createDirectories(dir.resolve("d/e"));
        assertThrows(DirectoryNotEmptyException.class, () -> Files.delete(dir.resolve("d")));
        assertThrows(FileAlreadyExistsException.class, () -> Files.createDirectory(dir.resolve("d")));
        String output = python("""
                open('f', 'w').close()
                print(error_of(os.unlink, 'd'), error_of(os.rmdir, 'f'), error_of(os.mkdir, 'f/x'),
                      error_of(os.open, 'd', os.O_WRONLY), error_of(os.listdir, 'f'))
                """);
        assertEquals("EISDIR ENOTDIR ENOTDIR EISDIR ENOTDIR", output);
    }

    @Test
    void symbolicLinksKeepTheirTarget() throws IOException {
        Files.writeString(dir.resolve("f"), "x");
        Files.createSymbolicLink(dir.resolve("l"), Path.of("f"));
        assertEquals("x", Files.readString(dir.resolve("l")));
        String output = python("""
                os.symlink(b'\\xff/\\n', b'raw')
                os.symlink('t' * 4095, 'longest')
                print(os.readlink(b'raw'), len(os.readlink('longest')), os.lstat('longest').st_size,
                      error_of(os.symlink, 't' * 4096, 'longer'), error_of(os.readlink, 'f'), error_of(os.stat, 'longest'))
                """);
        assertEquals("b'\\xff/\\n' 4095 4095 ENAMETOOLONG EINVAL ENAMETOOLONG", output);
    }

    @Test
    void hardLinksAreOneFile() throws IOException {
        Files.writeString(dir.resolve("a"), "one");
        Files.createLink(dir.resolve("b"), dir.resolve("a"));
        assertEquals("one", Files.readString(dir.resolve("b")));
        sh("printf more >> a && chmod 600 a");
        // At once, though the kernel may remember attributes for a second: to it, too, they are one file.
        assertEquals("onemore", Files.readString(dir.resolve("b")));
        assertEquals("2 600 7", sh("stat -c '%h %a %s' b"));
        assertEquals("same", sh("[ a -ef b ] && echo same"));
        sh("rm a");
        assertEquals("1", sh("stat -c %h b"));
        assertEquals("onemore", Files.readString(dir.resolve("b")));
    }

    @Test
    @Tag("root")
    void specialFilesKeepTheirKind() throws IOException {
        sh("mkfifo p && mknod c c 5 1 && mknod b b 259 70000");
        String output = python("""
                import socket
                s = socket.socket(socket.AF_UNIX)
                s.bind('s')
                out = []
                for name in 'pcbs':
                    st = os.stat(name)
                    out.append((stat.filemode(st.st_mode)[0], os.major(st.st_rdev), os.minor(st.st_rdev)))
                print(out, sorted((e.name, e.is_fifo() if hasattr(e, 'is_fifo') else '') for e in os.scandir('.')) != [])
                """);
        assertEquals("[('p', 0, 0), ('c', 5, 1), ('b', 259, 70000), ('s', 0, 0)] True", output);
        assertEquals("hi", sh("(echo hi > p &) ; cat p"));
    }

    @Test
    void hundredThousandEntriesAreListed() throws IOException {
        String output = python("""
                for i in range(100000):
                    os.mknod('e%d' % i, 0o100644)
                start = time.time()
                names = os.listdir('.')
                print(len(names), len(set(names)), time.time() - start < 20)
                """);
        assertEquals("100000 100000 True", output);
        assertEquals("100000", sh("ls -f | grep -c ^e"));
        assertEquals("", sh("rm -r ../$(basename $PWD)/* 2>/dev/null || find . -name 'e*' -delete; ls"));
    }

    @Test
    void listingTellsNumberAndKind() throws IOException {
        sh("mkdir d; touch f; ln -s f l; mkfifo p");
        String output = python("""
                for e in os.scandir('.'):
                    assert e.inode() == os.lstat(e.name).st_ino, e.name
                print(sorted((e.name, e.is_dir(), e.is_file(follow_symlinks=False), e.is_symlink()) for e in os.scandir('.')))
                """);
        assertEquals(
                "[('d', True, False, False), ('f', False, True, False), "
                        + "('l', False, False, True), ('p', False, False, False)]",
                output);
        assertEquals(sh("stat -c %i ."), sh("ls -ia | awk '$2==\".\" {print $1}'"));
        assertEquals(sh("stat -c %i .."), sh("ls -ia | awk '$2==\"..\" {print $1}'"));
    }

    @Test
    void seekingInAListingFindsTheSameEntries() throws IOException {
        String output = python("""
                libc = ctypes.CDLL(None, use_errno=True)
                class Dirent(ctypes.Structure):
                    _fields_ = [('ino', ctypes.c_uint64), ('off', ctypes.c_int64), ('len', ctypes.c_uint16),
                                ('kind', ctypes.c_uint8), ('name', ctypes.c_char * 256)]
                libc.opendir.restype = ctypes.c_void_p
                libc.readdir.restype = ctypes.POINTER(Dirent)
                libc.telldir.restype = ctypes.c_long
                for f in (libc.readdir, libc.telldir, libc.rewinddir, libc.closedir):
                    f.argtypes = [ctypes.c_void_p]
                libc.seekdir.argtypes = [ctypes.c_void_p, ctypes.c_long]
                for i in range(5000):
                    os.mknod('file-with-a-longer-name-%d' % i, 0o100644)
                d = libc.opendir(b'.')
                def walk():
                    places = []
                    while True:
                        place = libc.telldir(d)
                        entry = libc.readdir(d)
                        if not entry:
                            return places
                        places.append((place, entry.contents.name))
                places = walk()
                for k in (0, 1, 77, 2500, 5001, 3, 4999):
                    libc.seekdir(d, places[k][0])
                    assert libc.readdir(d).contents.name == places[k][1], k
                os.mknod('new', 0o100644)
                libc.rewinddir(d)
                again = [name for place, name in walk()]
                libc.closedir(d)
                print(len(places), len(again), b'new' in again, len(set(p for p, n in places)))
                """);
        assertEquals("5002 5003 True 5002", output);
    }

    @Test
    void aListingStaysCompleteWhileEntriesAreRemoved() throws IOException {
        String output = python("""
                for i in range(3000):
                    os.mknod('f%d' % i, 0o100644)
                seen = 0
                for e in os.scandir('.'):
                    os.unlink(e.name)
                    seen += 1
                print(seen, os.listdir('.'))
                """);
        assertEquals("3000 []", output);
    }

    @Test
    void directoriesCanBeSynced() throws IOException {
        assertEquals("0", python("fd = os.open('.', os.O_RDONLY); os.fsync(fd); os.close(fd); print(0)"));
        assertTrue(Files.isDirectory(dir));
    }
}
