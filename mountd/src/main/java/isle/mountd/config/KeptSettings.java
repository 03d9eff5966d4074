package isle.mountd.config;

import isle.mountd.api.DaemonException;
import isle.mountd.api.FailureKind;
import isle.mountd.api.JsonObject;
import isle.mountd.api.MountRequest;
import isle.mountd.api.ProfileFolders;
import isle.mountd.api.ProtocolException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a profile remembers of what it was told, and which store its journal and index belong to: the file
 * {@code kept.json}. Holds no keys.
 */
public final class KeptSettings {

    private static final int FORMAT = 1;
    private static final long UNKNOWN = -1;
    private static final int DEVICE_LETTERS = 6;

    private final Path file;

    /** What this profile keeps; reading it needs no lock, writing does. */
    public KeptSettings(ProfileFolders folders) {
        this.file = folders.state().resolve("kept.json");
    }

    /** What was told earlier. */
    public MountRequest told() throws DaemonException {
        try {
            return MountRequest.ofJson(read().object("told"));
        } catch (ProtocolException e) {
            throw damaged();
        }
    }

    /** Remembers what was told now, over what was told earlier. */
    public void tell(MountRequest now) throws DaemonException {
        MountRequest earlier = told();
        TreeMap<String, String> buckets = new TreeMap<>(earlier.buckets());
        buckets.putAll(now.buckets());
        MountRequest joined = new MountRequest(
                now.dir().or(earlier::dir),
                now.store().or(earlier::store),
                now.region().or(earlier::region),
                buckets,
                now.readOnly().or(earlier::readOnly),
                now.allowOther().or(earlier::allowOther),
                Optional.empty());
        if (!joined.equals(earlier)) {
            write(read().with("told", joined.toJson()));
        }
    }

    /**
     * Binds the profile to a store before its journal is opened.
     *
     * @return whether it was bound to another store before, whose index and cache are of no use now
     * @throws DaemonException of kind {@link FailureKind#REFUSED} while changes for that other store may be pending
     */
    public boolean bind(Settings settings) throws DaemonException {
        JsonObject kept = read();
        try {
            Optional<String> bound = kept.optionalText("bound");
            boolean other = bound.isPresent() && !bound.get().equals(settings.identity());
            long pending = kept.optionalNumber("pending").orElse(0L);
            if (other && pending != 0) {
                String earlier = bound.get();
                throw new DaemonException(
                        FailureKind.REFUSED,
                        "This profile still has "
                                + (pending == UNKNOWN ? "changes" : pending + (pending == 1 ? " change" : " changes"))
                                + " for the store " + earlier + ", so it cannot change to " + settings.identity() + ".",
                        "Finish there first: isle mount --store " + firstWord(earlier)
                                + " && isle unmount; or use a second profile by setting ISLE_HOME.");
            }
            write(kept.with("bound", settings.identity()).with("pending", UNKNOWN));
            return other;
        } catch (ProtocolException e) {
            throw damaged();
        }
    }

    private static String firstWord(String identity) {
        int end = identity.indexOf(" region ");
        return end < 0 ? identity : identity.substring(0, end);
    }

    /** Whether the profile was ever used with this store. */
    public boolean knows(Settings settings) throws DaemonException {
        try {
            return read().optionalText("bound").orElse("").equals(settings.identity());
        } catch (ProtocolException e) {
            throw damaged();
        }
    }

    /** Forgets a store that could not be opened for the first time. */
    public void unbind() throws DaemonException {
        JsonObject kept = read();
        JsonObject rest = JsonObject.EMPTY.with("isle", FORMAT);
        try {
            write(rest.with("device", kept.optionalText("device")).with("told", kept.object("told")));
        } catch (ProtocolException e) {
            throw damaged();
        }
    }

    /** Remembers, after the journal was closed in order, how many changes are left in it. */
    public void closed(long pending) throws DaemonException {
        write(read().with("pending", pending));
    }

    /** What makes the names that this profile invents different from those of every other one: six letters. */
    public String device() throws DaemonException {
        JsonObject kept = read();
        try {
            Optional<String> known = kept.optionalText("device");
            if (known.isPresent()) {
                return known.get();
            }
        } catch (ProtocolException e) {
            throw damaged();
        }
        SecureRandom random = new SecureRandom();
        StringBuilder device = new StringBuilder();
        for (int i = 0; i < DEVICE_LETTERS; i++) {
            device.append((char) ('a' + random.nextInt(26)));
        }
        write(kept.with("device", device.toString()));
        return device.toString();
    }

    private JsonObject read() throws DaemonException {
        try {
            JsonObject kept = JsonObject.parse(Files.readString(file));
            if (kept.number("isle") != FORMAT) {
                throw new DaemonException(
                        FailureKind.REFUSED,
                        "The profile in " + file.getParent() + " was written by a later version of isle.",
                        "Use that version, or another profile by setting ISLE_HOME.");
            }
            return kept;
        } catch (NoSuchFileException e) {
            return JsonObject.EMPTY.with("isle", FORMAT);
        } catch (DaemonException e) {
            throw e;
        } catch (IOException e) {
            throw damaged();
        }
    }

    private void write(JsonObject kept) throws DaemonException {
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        try {
            try (FileChannel channel = FileChannel.open(
                    draft, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                ByteBuffer bytes = ByteBuffer.wrap((kept.toIndentedString() + "\n").getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new DaemonException(
                    FailureKind.FAILED,
                    "The profile's file " + file + " cannot be written: " + e.getMessage() + ".",
                    "Check the free space and the rights of " + file.getParent() + ".");
        }
    }

    private DaemonException damaged() {
        return new DaemonException(
                FailureKind.FAILED,
                "The profile's file " + file + " is damaged.",
                "Remove it and name the store again: isle mount --store STORE");
    }
}
