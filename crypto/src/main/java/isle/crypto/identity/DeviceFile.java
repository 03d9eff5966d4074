package isle.crypto.identity;

import com.google.crypto.tink.subtle.AesGcmJce;
import isle.crypto.seal.Octets;
import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The file {@code device.key} of a folder: the keys of this host, in clear or behind a passphrase. Only its owner may
 * read it. A write replaces it in one step; after a crash the old one or the new one is there.
 */
public final class DeviceFile {

    private static final String WHAT = "the file of the device's keys";
    private static final String DOMAIN = "isle-dkf";
    private static final String ASIDE = "device.key.old";
    private static final int FORMAT = 1;
    private static final int CLEAR = 0;
    private static final int LOCKED = 1;
    private static final int CHECK_BYTES = 32;

    private final PrivateFile file;

    public DeviceFile(Path folder) {
        this(folder, "device.key");
    }

    private DeviceFile(Path folder, String name) {
        file = new PrivateFile(folder, name);
    }

    /** The file that was put aside last. */
    public static DeviceFile before(Path folder) {
        return new DeviceFile(folder, ASIDE);
    }

    public boolean exists() {
        return file.exists();
    }

    /** Keeps the file under another name, so that new keys can take its place. None is fine. */
    public void putAside() throws IOException {
        if (exists()) {
            Files.move(file.path(), file.path().resolveSibling(ASIDE), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /**
     * Writes the keys, in clear but for the rights of the file.
     *
     * @throws IOException if the folder does not take them; what was there before is still there
     */
    public void write(DeviceKeys keys) throws IOException {
        write(new FieldWriter().putDomain(DOMAIN).putShort(FORMAT).putByte(CLEAR), keys.encode());
    }

    /** Writes the keys behind a passphrase, which is the caller's to wipe; otherwise as {@link #write(DeviceKeys)}. */
    public void write(DeviceKeys keys, char[] passphrase, PassphraseCost cost, SecureRandom random) throws IOException {
        byte[] salt = new byte[Lock.SALT_BYTES];
        random.nextBytes(salt);
        FieldWriter head = new FieldWriter().putDomain(DOMAIN).putShort(FORMAT).putByte(LOCKED);
        cost.write(head);
        head.putRaw(salt);
        byte[] key = Passphrase.key(passphrase, cost, Octets.copyOf(salt));
        byte[] plain = keys.encode();
        try {
            write(head, new AesGcmJce(key).encrypt(plain, head.toBytes()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot seal", e);
        } finally {
            Arrays.fill(plain, (byte) 0);
            Arrays.fill(key, (byte) 0);
        }
    }

    private void write(FieldWriter head, byte[] body) throws IOException {
        byte[] bytes = head.putBytes(body).toBytes();
        byte[] checked = Arrays.copyOf(bytes, bytes.length + CHECK_BYTES);
        System.arraycopy(sha256(bytes, bytes.length), 0, checked, bytes.length, CHECK_BYTES);
        file.write(checked);
    }

    /** Whether a passphrase is needed to read; errors as in {@link #read}. */
    public boolean isLocked() throws IOException {
        return kind(reader()) == LOCKED;
    }

    /**
     * Reads the keys.
     *
     * @param passphrase the caller's to wipe; not looked at if the file has no lock
     * @throws FsException.NotFound if there is no file
     * @throws FsException.AccessDenied if others may read the file, or if the passphrase is missing or wrong
     * @throws FsException.Corrupt if the file was damaged
     * @throws FsException.Unsupported if a newer isle wrote it
     */
    public DeviceKeys read(char @Nullable [] passphrase) throws IOException {
        FieldReader source = reader();
        if (kind(source) == CLEAR) {
            return DeviceKeys.decode(source.getBytes());
        }
        if (passphrase == null) {
            throw new FsException.AccessDenied("the keys of this device are behind a passphrase");
        }
        PassphraseCost cost = PassphraseCost.read(source);
        byte[] salt = source.getRaw(Lock.SALT_BYTES);
        byte[] sealed = source.getBytes();
        FieldWriter head = new FieldWriter().putDomain(DOMAIN).putShort(FORMAT).putByte(LOCKED);
        cost.write(head);
        head.putRaw(salt);
        byte[] key = Passphrase.key(passphrase, cost, Octets.copyOf(salt));
        try {
            return DeviceKeys.decode(new AesGcmJce(key).decrypt(sealed, head.toBytes()));
        } catch (GeneralSecurityException e) {
            // the file's own check has held, so it is not damage
            throw new FsException.AccessDenied("that is not the passphrase of this device", e);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private FieldReader reader() throws IOException {
        byte[] bytes;
        try {
            bytes = file.read();
        } catch (FsException.NotFound e) {
            throw new FsException.NotFound("this device has no keys yet", e);
        }
        int length = bytes.length - CHECK_BYTES;
        if (length < 0
                || !MessageDigest.isEqual(sha256(bytes, length), Arrays.copyOfRange(bytes, length, bytes.length))) {
            throw new FsException.Corrupt(WHAT + " is damaged: " + file.path());
        }
        FieldReader source = new FieldReader(Arrays.copyOf(bytes, length), WHAT);
        Formats.expect(source, DOMAIN, FORMAT, WHAT);
        return source;
    }

    private static int kind(FieldReader source) throws FsException {
        int kind = source.getByte();
        if (kind != CLEAR && kind != LOCKED) {
            throw source.damaged("it has an unknown lock");
        }
        return kind;
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
