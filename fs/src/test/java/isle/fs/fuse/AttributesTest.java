package isle.fs.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class AttributesTest extends MountedTest {

    @Test
    void permissionsHaveTwelveBits() throws IOException {
        Path file = Files.createFile(dir.resolve("f"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x--x"));
        assertEquals("751", sh("stat -c %a f"));
        assertEquals("6751", sh("chmod 6751 f; stat -c %a f"));
        assertEquals("1777", sh("chmod 1777 .; stat -c %a ."));
    }

    @Test
    void theUmaskIsAppliedOnce() throws IOException {
        assertEquals(
                "640 750 600 777",
                sh("umask 027; touch f; mkdir d; (umask 177; mkfifo p); ln -s x l;" + " echo $(stat -c %a f d p l)"));
    }

    @Test
    @Tag("root")
    void ownersChangeOneByOne() throws IOException {
        Files.createFile(dir.resolve("f"));
        String output = python("""
                os.chown('f', 1234, -1); a = os.stat('f')
                os.chown('f', -1, 4321); b = os.stat('f')
                fd = os.open('f', os.O_RDONLY); os.fchown(fd, 4294967293, 7); c = os.stat('f')
                print((a.st_uid, a.st_gid), (b.st_uid, b.st_gid), (c.st_uid, c.st_gid))
                """);
        assertEquals("(1234, 0) (1234, 4321) (4294967293, 7)", output);
    }

    @Test
    void timesKeepNanosecondsBothWaysRound1970() throws IOException {
        Path file = Files.createFile(dir.resolve("f"));
        Instant time = Instant.parse("2023-04-05T06:07:08.123456789Z");
        Files.setLastModifiedTime(file, FileTime.from(time));
        assertEquals(time, Files.getLastModifiedTime(file).toInstant());
        assertEquals("-1.500000000", python("""
                os.utime('f', ns=(-1500000000, -1500000000))
                ns = os.stat('f').st_mtime_ns
                print('%d.%09d' % (-(-ns // 1000000000), -ns % 1000000000))
                """));
        assertEquals("2040-01-01", sh("touch -d 2040-01-01 f; date -r f +%F"));
    }

    @Test
    void oneTimeIsSetAndTheOtherKept() throws IOException {
        Files.createFile(dir.resolve("f"));
        sh("touch -a -d '2001-01-01 UTC' f; touch -m -d '2002-02-02 UTC' f");
        assertEquals("978307200 1012608000", sh("stat -c '%X %Y' f"));
        String output = python("""
                os.utime('f')
                st = os.stat('f')
                print(abs(st.st_mtime - time.time()) < 5, abs(st.st_atime - time.time()) < 5)
                libc = ctypes.CDLL(None)
                class Timespec(ctypes.Structure):
                    _fields_ = [('s', ctypes.c_long), ('n', ctypes.c_long)]
                NOW, OMIT = (1 << 30) - 1, (1 << 30) - 2
                assert libc.utimensat(-100, b'f', (Timespec * 2)(Timespec(5, 6), Timespec(0, OMIT)), 0) == 0
                a = os.stat('f')
                assert libc.utimensat(-100, b'f', (Timespec * 2)(Timespec(0, OMIT), Timespec(7, 8)), 0) == 0
                b = os.stat('f')
                assert libc.utimensat(-100, b'f', (Timespec * 2)(Timespec(0, OMIT), Timespec(0, NOW)), 0) == 0
                c = os.stat('f')
                print((a.st_atime_ns, a.st_mtime_ns == st.st_mtime_ns), (b.st_atime_ns, b.st_mtime_ns),
                      (c.st_atime_ns, abs(c.st_mtime - time.time()) < 5))
                """);
        assertEquals("True True\n(5000000006, True) (5000000006, 7000000008) (5000000006, True)", output);
    }

    @Test
    void writingSetsTheTimesAndDropsSetUid() throws IOException {
        Files.createFile(dir.resolve("f"));
        sh("chmod 4755 f; touch -d 2001-01-01 f; setpriv --reuid 65534 --clear-groups true; printf x >> f");
        assertEquals("now", sh("[ $(($(date +%s) - $(stat -c %Y f))) -lt 5 ] && echo now"));
    }

    @Test
    void spaceIsToldInBytes() throws IOException {
        assertEquals("1099511627776", sh("df --output=size -B1 . | tail -1 | tr -d ' '"));
        assertEquals("549755813888", sh("df --output=avail -B1 . | tail -1 | tr -d ' '"));
        assertEquals("255 4096", sh("stat -f -c '%l %s' ."));
        assertEquals("fuse.isle", sh("df --output=fstype . | tail -1"));
        assertEquals("isle:" + rig.profile(), sh("df --output=source . | tail -1"));
    }

    @Test
    void programsAreToldToWriteInLargePieces() throws IOException {
        Files.createFile(dir.resolve("f"));
        assertEquals("131072", sh("stat -c %o f"));
    }

    @Test
    @Tag("root")
    void extendedAttributesAreBytes() throws IOException {
        Path file = Files.createFile(dir.resolve("f"));
        UserDefinedFileAttributeView view = Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
        view.write("note", StandardCharsets.UTF_8.encode("wörter"));
        assertEquals(List.of("note"), view.list());
        assertEquals("77c3b672746572", sh("getfattr -e hex -n user.note f | sed -n s/user.note=0x//p"));
        String output = python("""
                os.setxattr('f', 'user.bin', bytes(range(256)))
                os.setxattr('f', 'user.empty', b'')
                os.setxattr('f', 'user.big', b'b' * 65536)
                assert os.getxattr('f', 'user.bin') == bytes(range(256))
                assert os.getxattr('f', 'user.empty') == b''
                assert len(os.getxattr('f', 'user.big')) == 65536
                print(sorted(os.listxattr('f')), error_of(os.setxattr, 'f', 'user.more', b'b' * 65537),
                      error_of(os.getxattr, 'f', 'user.none'), error_of(os.removexattr, 'f', 'user.none'),
                      error_of(os.setxattr, 'f', 'user.bin', b'', os.XATTR_CREATE),
                      error_of(os.setxattr, 'f', 'user.none', b'', os.XATTR_REPLACE))
                os.removexattr('f', 'user.big')
                os.setxattr('f', 'trusted.t', b'1')
                os.setxattr('f', 'security.s', b'1')
                print(sorted(os.listxattr('f')))
                """);
        assertEquals(
                "['user.big', 'user.bin', 'user.empty', 'user.note'] E2BIG ENODATA ENODATA EEXIST ENODATA\n"
                        + "['security.s', 'trusted.t', 'user.bin', 'user.empty', 'user.note']",
                output);
    }

    @Test
    void tooLittleRoomForAnAttributeIsSaid() throws IOException {
        String output = python("""
                open('f', 'w').close()
                os.setxattr('f', 'user.a', b'12345')
                libc = ctypes.CDLL(None, use_errno=True)
                def get(size):
                    n = libc.getxattr(b'f', b'user.a', ctypes.create_string_buffer(100), size)
                    return n if n >= 0 else errno.errorcode[ctypes.get_errno()]
                def names(size):
                    n = libc.listxattr(b'f', ctypes.create_string_buffer(100), size)
                    return n if n >= 0 else errno.errorcode[ctypes.get_errno()]
                print(get(0), get(4), get(5), get(100), names(0), names(6), names(7))
                """);
        assertEquals("5 ERANGE 5 5 7 ERANGE 7", output);
    }

    @Test
    void accessControlListsAreRefused() throws IOException {
        Files.createFile(dir.resolve("f"));
        String output = python("""
                acl = bytes.fromhex('0200000001000600ffffffff04000400ffffffff20000400ffffffff')
                print(error_of(os.setxattr, 'f', 'system.posix_acl_access', acl),
                      error_of(os.getxattr, 'f', 'system.posix_acl_access'),
                      error_of(os.setxattr, '.', 'system.posix_acl_default', acl))
                """);
        assertEquals("ENOTSUP ENOTSUP ENOTSUP", output);
    }

    @Test
    @Tag("root")
    void theKernelChecksPermissions() throws IOException {
        assertEquals("0", sh("id -u"));
        // The mount is root's alone: others are kept out, whatever the mode bits say.
        assertEquals(
                "refused", sh("setpriv --reuid 65534 --regid 65534 --clear-groups ls . 2>/dev/null || echo refused"));
    }
}
