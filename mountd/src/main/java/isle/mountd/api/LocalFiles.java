package isle.mountd.api;

import java.io.File;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** What the files of this machine have beside their content. */
final class LocalFiles {

    private static final PosixFilePermission[] BITS = {
        PosixFilePermission.OTHERS_EXECUTE,
        PosixFilePermission.OTHERS_WRITE,
        PosixFilePermission.OTHERS_READ,
        PosixFilePermission.GROUP_EXECUTE,
        PosixFilePermission.GROUP_WRITE,
        PosixFilePermission.GROUP_READ,
        PosixFilePermission.OWNER_EXECUTE,
        PosixFilePermission.OWNER_WRITE,
        PosixFilePermission.OWNER_READ
    };

    /** Of a folder that is being filled. */
    static final FileAttribute<Set<PosixFilePermission>> OWNER_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /** Those that Java can set; others belong to the machine. */
    private static final String USER = "user.";

    private static final long PROGRAM_SECONDS = 20;

    private LocalFiles() {}

    static FileTime time(EntryReport entry) {
        return FileTime.from(Instant.ofEpochSecond(entry.mtimeSeconds(), entry.mtimeNanos()));
    }

    static int permissions(Set<PosixFilePermission> set) {
        int permissions = 0;
        for (int bit = 0; bit < BITS.length; bit++) {
            permissions |= set.contains(BITS[bit]) ? 1 << bit : 0;
        }
        return permissions;
    }

    /** Nine bits; the others do not go to another machine. */
    static void setPermissions(Path file, int bits) throws IOException {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (int bit = 0; bit < BITS.length; bit++) {
            if ((bits >> bit & 1) != 0) {
                permissions.add(BITS[bit]);
            }
        }
        Files.setPosixFilePermissions(file, permissions);
    }

    /** @throws IOException one of them cannot be set; others may be set by then */
    static void setXattrs(Path file, Extras extras) throws IOException {
        if (extras.xattrs().isEmpty()) {
            return;
        }
        UserDefinedFileAttributeView view = Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
        List<String> left = new ArrayList<>();
        for (Map.Entry<String, String> each : new TreeMap<>(extras.xattrs()).entrySet()) {
            if (view == null || !each.getKey().startsWith(USER)) {
                left.add(each.getKey());
                continue;
            }
            byte[] value = each.getValue().getBytes(StandardCharsets.ISO_8859_1);
            view.write(PathText.ofRaw(each.getKey().substring(USER.length())), ByteBuffer.wrap(value));
        }
        if (!left.isEmpty()) {
            throw new IOException("extended attributes that cannot be set here: "
                    + PathText.display(PathText.ofRaw(String.join(", ", left))));
        }
    }

    /** Makes a FIFO, a socket or a device node, with permissions and time. Everybody sees its name while it is made. */
    static void makeSpecial(Path file, EntryReport entry) throws IOException {
        String name = String.valueOf(file.getFileName());
        String mode = "--mode=" + Integer.toOctalString(entry.permissions() & 0777);
        long device = entry.extras().device();
        long major = ((device >> 8) & 0xfff) | ((device >> 32) & 0xfffff000L);
        long minor = (device & 0xff) | ((device >> 12) & 0xffffff00L);
        switch (entry.kind()) {
            case "fifo" -> program(file, "mkfifo", mode, name);
            case "socket" -> {
                ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                        .bind(UnixDomainSocketAddress.of(file))
                        .close();
                setPermissions(file, entry.permissions());
            }
            case "char-device" -> program(file, "mknod", mode, name, "c", Long.toString(major), Long.toString(minor));
            case "block-device" -> program(file, "mknod", mode, name, "b", Long.toString(major), Long.toString(minor));
            default -> throw new IOException("a " + entry.kind());
        }
        // Java would open it.
        program(file, "touch", "--no-dereference", "--date=" + time(entry), name);
    }

    private static void program(Path file, String... command) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        Process process = new ProcessBuilder(command)
                .directory(folder == null ? null : folder.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (!process.waitFor(PROGRAM_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IOException(command[0] + " failed");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
