package isle.crypto.identity;

import isle.crypto.seal.Octets;
import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * The file {@code local.key} of a folder: the key under which what this host keeps of vaults lies on its disk, itself
 * sealed to the keys of the device. It is drawn once and never replaced: without it the journal is lost.
 */
public final class LocalKeyFile {

    /** How many bytes the key has. */
    public static final int KEY_BYTES = 32;

    private static final String WHAT = "the file of this host's local key";
    private static final String DOMAIN = "isle-lck";
    private static final int FORMAT = 1;
    private static final int CHECK_BYTES = 32;

    private final PrivateFile file;

    /** @param folder has to be there already */
    public LocalKeyFile(Path folder) {
        file = new PrivateFile(folder, "local.key");
    }

    public boolean exists() {
        return file.exists();
    }

    /**
     * Draws a key and writes it; it is on the disk when this returns.
     *
     * @return the key, the caller's to wipe
     * @throws IOException if the folder does not take it
     */
    public byte[] make(DeviceKeys device, SecureRandom random) throws IOException {
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(key);
        write(key, device);
        return key;
    }

    /** Writes a key; it is on the disk when this returns. */
    public void write(byte[] key, DeviceKeys device) throws IOException {
        FieldWriter head = head(device);
        byte[] bytes =
                head.putBytes(device.publicKeys().seal(key, head.toBytes())).toBytes();
        byte[] checked = Arrays.copyOf(bytes, bytes.length + CHECK_BYTES);
        System.arraycopy(sha256(bytes, bytes.length), 0, checked, bytes.length, CHECK_BYTES);
        file.write(checked);
    }

    /** Keeps the file under another name: it is of no use to the keys that this host has now. */
    public void putAside() throws IOException {
        Files.move(file.path(), file.path().resolveSibling("local.key.old"), StandardCopyOption.REPLACE_EXISTING);
    }

    /** Whether the key is sealed to this device. */
    public boolean isOf(DeviceKeys device) throws IOException {
        return open().getId().equals(device.device());
    }

    /** What the file begins with, and what is bound to the key. */
    private static FieldWriter head(DeviceKeys device) {
        return new FieldWriter().putDomain(DOMAIN).putShort(FORMAT).putId(device.device());
    }

    /**
     * Reads the key.
     *
     * @return the key, the caller's to wipe
     * @throws FsException.NotFound if there is no file
     * @throws FsException.AccessDenied if it is sealed to another device, or others may read the file
     * @throws FsException.Corrupt if the file was damaged
     * @throws FsException.Unsupported if a newer isle wrote it
     */
    public byte[] read(DeviceKeys device) throws IOException {
        FieldReader source = open();
        if (!source.getId().equals(device.device())) {
            throw new FsException.AccessDenied(WHAT + " belongs to another device: " + file.path());
        }
        Octets sealed = source.getOctets();
        source.expectEnd();
        byte[] key = device.open(sealed, head(device).toBytes());
        if (key.length != KEY_BYTES) {
            throw source.damaged("its key has " + key.length + " bytes");
        }
        return key;
    }

    /** What is in the file, from the id of the device on. */
    private FieldReader open() throws IOException {
        byte[] bytes = file.read();
        int length = bytes.length - CHECK_BYTES;
        if (length < 0
                || !MessageDigest.isEqual(sha256(bytes, length), Arrays.copyOfRange(bytes, length, bytes.length))) {
            throw new FsException.Corrupt(WHAT + " is damaged: " + file.path());
        }
        FieldReader source = new FieldReader(Arrays.copyOf(bytes, length), WHAT);
        Formats.expect(source, DOMAIN, FORMAT, WHAT);
        return source;
    }

    private static byte[] sha256(byte[] bytes, int length) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(bytes, 0, length);
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
