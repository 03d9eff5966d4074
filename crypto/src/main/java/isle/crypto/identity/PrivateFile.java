package isle.crypto.identity;

import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/**
 * A small file that only its owner may read. A write replaces it in one step and is on the disk when it returns; after a
 * crash the old one or the new one is there.
 */
public final class PrivateFile {

    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private final Path folder;
    private final Path file;

    /** @param folder has to be there already */
    public PrivateFile(Path folder, String name) {
        this.folder = folder;
        this.file = folder.resolve(name);
    }

    public Path path() {
        return file;
    }

    public boolean exists() {
        return Files.exists(file);
    }

    /** @throws IOException if the folder does not take it; what was there before is still there */
    public void write(byte[] bytes) throws IOException {
        Path temporary = folder.resolve(file.getFileName() + ".new");
        Files.deleteIfExists(temporary);
        try (FileChannel channel = FileChannel.open(
                temporary,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /**
     * Reads all of it.
     *
     * @throws FsException.NotFound if there is none
     * @throws FsException.AccessDenied if others may read or write it
     */
    public byte[] read() throws IOException {
        try {
            refuseIfOthersRead();
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new FsException.NotFound("there is no " + file, e);
        }
    }

    private void refuseIfOthersRead() throws IOException {
        Set<PosixFilePermission> rights = EnumSet.noneOf(PosixFilePermission.class);
        rights.addAll(Files.getPosixFilePermissions(file));
        rights.remove(PosixFilePermission.OWNER_EXECUTE);
        rights.removeAll(OWNER_ONLY);
        if (!rights.isEmpty()) {
            throw new FsException.AccessDenied(
                    "others may use the keys of this device. If nobody has, run: chmod 600 " + file);
        }
    }
}
