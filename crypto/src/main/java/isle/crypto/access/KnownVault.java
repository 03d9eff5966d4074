package isle.crypto.access;

import isle.crypto.identity.PrivateFile;
import isle.crypto.seal.Id;
import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which vault this host has once opened, so that no store passes off another one as it.
 *
 * @param founding id of the record that began it
 * @param user whose it is
 */
record KnownVault(Id vault, Id founding, Id user) {

    private static final String FIRST_LINE = "isle vault 1";

    static PrivateFile file(Path folder) {
        return new PrivateFile(folder, "vault");
    }

    /** Null if this host has opened none yet. */
    static @Nullable KnownVault read(Path folder) throws IOException {
        PrivateFile file = file(folder);
        if (!file.exists()) {
            return null;
        }
        List<String> lines =
                new String(file.read(), StandardCharsets.US_ASCII).lines().toList();
        if (lines.size() != 4 || !lines.get(0).equals(FIRST_LINE)) {
            throw new FsException.Corrupt("the file that names this host's vault is damaged: " + file.path());
        }
        try {
            return new KnownVault(Id.ofHex(lines.get(1)), Id.ofHex(lines.get(2)), Id.ofHex(lines.get(3)));
        } catch (IllegalArgumentException e) {
            throw new FsException.Corrupt("the file that names this host's vault is damaged: " + file.path(), e);
        }
    }

    void write(Path folder) throws IOException {
        String text = String.join("\n", FIRST_LINE, vault.toString(), founding.toString(), user.toString()) + "\n";
        file(folder).write(text.getBytes(StandardCharsets.US_ASCII));
    }
}
