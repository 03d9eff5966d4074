package isle.mountd.config;

import isle.mountd.api.Credentials;
import isle.mountd.api.DaemonException;
import isle.mountd.api.FailureKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The keys that came from somebody's environment, in a file of the profile that only its owner can read, in the form of
 * {@code ~/.aws/credentials}. No message has a part of them.
 */
public final class KeptCredentials {

    private final Path file;

    public KeptCredentials(Path file) {
        this.file = file;
    }

    /**
     * Keeps keys.
     *
     * @return whether they are others than were kept before
     */
    public boolean keep(Credentials keys) throws DaemonException {
        String text = text(keys);
        try {
            if (text.equals(kept())) {
                return false;
            }
            write(text);
            return true;
        } catch (IOException e) {
            throw failed();
        }
    }

    private void write(String text) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Profile.makePrivate(folder);
        }
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(draft);
        Files.newByteChannel(
                        draft,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
                .close();
        Files.writeString(draft, text);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private DaemonException failed() {
        return new DaemonException(
                FailureKind.FAILED,
                "The keys of the store cannot be kept in " + file + ".",
                "Check the free space and the rights of its folder.");
    }

    /** Brings the keys back that were kept at some time, or none. */
    public interface Undo {
        void run() throws DaemonException;
    }

    /** What is kept now, to be brought back. */
    public Undo remember() throws DaemonException {
        try {
            String before = kept();
            return () -> bringBack(before);
        } catch (IOException e) {
            throw failed();
        }
    }

    private void bringBack(String before) throws DaemonException {
        try {
            if (before.isEmpty()) {
                Files.deleteIfExists(file);
            } else {
                write(before);
            }
        } catch (IOException e) {
            throw failed();
        }
    }

    /** Whether keys are kept. */
    public boolean exist() {
        return Files.isRegularFile(file);
    }

    private String kept() throws IOException {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    private static String text(Credentials keys) throws DaemonException {
        StringBuilder text = new StringBuilder("[default]\n");
        line(text, "aws_access_key_id", keys.accessKey());
        line(text, "aws_secret_access_key", keys.secretKey());
        if (keys.sessionToken().isPresent()) {
            line(text, "aws_session_token", keys.sessionToken().get());
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String name, String value) throws DaemonException {
        if (!value.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new DaemonException(
                    FailureKind.USAGE,
                    "A key of the store in the environment has a character that no key has.",
                    "Look at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: spaces or line ends slip in easily.");
        }
        text.append(name).append(" = ").append(value).append('\n');
    }
}
