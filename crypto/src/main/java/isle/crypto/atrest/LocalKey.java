package isle.crypto.atrest;

import com.google.crypto.tink.subtle.Hkdf;
import isle.crypto.identity.DeviceFile;
import isle.crypto.identity.DeviceKeys;
import isle.crypto.identity.LocalKeyFile;
import isle.crypto.seal.Id;
import isle.fs.model.FsException;
import isle.fs.spi.AtRest;
import isle.fs.spi.BlockCodec;
import isle.fs.spi.JournalSeal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;

/** The key under which this host keeps what it has of vaults. Each vault and each use gets a key derived from it. */
public final class LocalKey {

    private static final String BLOCKS = "isle/local/blocks/1";
    private static final String JOURNAL = "isle/local/journal/1";
    private static final byte[] NO_SALT = new byte[0];

    private final byte[] key;
    private final SecureRandom random;
    private final boolean isNew;

    private LocalKey(byte[] key, SecureRandom random, boolean isNew) {
        this.key = key;
        this.random = random;
        this.isNew = isNew;
    }

    /**
     * Reads the file {@code local.key} of the folder; makes it when absent. If this host has got other keys since (it was
     * recovered), the file is sealed to them, as far as the earlier ones can be read; otherwise it is put aside.
     *
     * @param folder has to be there already
     * @throws FsException.AccessDenied if others may read the file
     * @throws FsException.Corrupt if the file was damaged
     * @throws FsException.Unsupported if a newer isle wrote it
     */
    public static LocalKey open(Path folder, DeviceKeys device, SecureRandom random) throws IOException {
        LocalKeyFile file = new LocalKeyFile(folder);
        if (file.exists() && file.isOf(device)) {
            return new LocalKey(file.read(device), random, false);
        }
        if (file.exists()) {
            Optional<byte[]> kept = readAsBefore(folder, file);
            if (kept.isPresent()) {
                file.write(kept.get(), device);
                return new LocalKey(kept.get(), random, false);
            }
            file.putAside();
        }
        return new LocalKey(file.make(device, random), random, true);
    }

    private static Optional<byte[]> readAsBefore(Path folder, LocalKeyFile file) throws IOException {
        try {
            return Optional.of(file.read(DeviceFile.before(folder).read(null)));
        } catch (FsException.AccessDenied | FsException.NotFound e) {
            // behind a passphrase that nobody remembers, or of a device before that one
            return Optional.empty();
        }
    }

    /** Whether it was drawn just now: what was kept under an earlier one cannot be read. */
    public boolean isNew() {
        return isNew;
    }

    /** Seals blocks of the cache of this vault. */
    public BlockCodec blocks(Id vault) {
        return new SealedBlocks(derived(BLOCKS, vault));
    }

    /** Seals the journal of this vault. */
    public JournalSeal journal(Id vault) {
        return new SealedJournal(derived(JOURNAL, vault), random);
    }

    /** Both. */
    public AtRest atRest(Id vault) {
        return new AtRest(blocks(vault), journal(vault));
    }

    private byte[] derived(String use, Id vault) {
        byte[] label = use.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer info = ByteBuffer.allocate(label.length + Id.BYTES).put(label);
        vault.put(info);
        try {
            return Hkdf.computeHkdf("HmacSha256", key, NO_SALT, info.array(), LocalKeyFile.KEY_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java derives no keys", e);
        }
    }

    /** Forgets the key. What was derived from it before goes on. */
    public void wipe() {
        Arrays.fill(key, (byte) 0);
    }
}
