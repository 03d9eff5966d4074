package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.Shown.Version;
import isle.crypto.tree.Shown.VersionId;
import isle.fs.model.Attributes;
import isle.fs.model.Timestamp;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * One version of a name: what somebody did to it.
 *
 * @param what it was
 * @param shown whether it is what the name shows now, or a copy beside it
 * @param source where it is
 */
public record VersionInfo(Happened what, boolean shown, Version source) {

    private static final int SHORT_BYTES = 5;

    /** What happened to a name. */
    public enum Happened {
        /** It came: made, or moved or renamed to here. */
        MADE,
        /** It got other content. */
        WRITTEN,
        /** Attributes only. */
        ATTRIBUTES,
        /** It went: removed, or moved or renamed to elsewhere. */
        REMOVED
    }

    static VersionInfo of(Version source, boolean shown) {
        EntryRecord entry = source.entry();
        Happened what = !(entry.state() instanceof Here)
                ? Happened.REMOVED
                : !entry.dot().equals(entry.birth())
                        ? Happened.ATTRIBUTES
                        : entry.supersedes().isEmpty() ? Happened.MADE : Happened.WRITTEN;
        return new VersionInfo(what, shown, source);
    }

    /** Names it among the versions of its name, for people: ten digits. */
    public String id() {
        VersionId id = source.id();
        String text = id.directory() + " " + id.dot();
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(hash, 0, SHORT_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Of what it says is there; of a folder, what {@link VaultCare#history(java.util.List)} takes. */
    public Id inode() {
        return source.entry().state() instanceof Here here ? here.inode() : new Id(0, 0);
    }

    /** By the clock of the host that did it. */
    public Timestamp time() {
        return source.entry().made().time();
    }

    public String host() {
        return source.entry().made().host();
    }

    /** In raw bytes, one char each. */
    public String name() {
        return source.entry().name();
    }

    /** Empty if it says that the name went. */
    public Optional<Attributes> attributes() {
        return source.entry().state() instanceof Here here ? Optional.of(here.attributes()) : Optional.empty();
    }

    boolean isLaterThan(VersionInfo other) {
        EntryRecord one = source.entry();
        EntryRecord two = other.source.entry();
        int byLamport = Long.compare(one.made().lamport(), two.made().lamport());
        return (byLamport != 0 ? byLamport : one.dot().compareTo(two.dot())) > 0;
    }

    /** Without the name. */
    @Override
    public String toString() {
        return id() + " " + what;
    }
}
