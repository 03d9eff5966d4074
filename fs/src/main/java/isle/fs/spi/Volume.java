package isle.fs.spi;

import isle.fs.model.Attributes;
import isle.fs.model.EntryVersion;
import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The namespace of one top-level folder as it is in a store. Knows nothing of handles, locks, the kernel or the
 * journal. It lists and reads what is stored, and makes local changes visible in two steps, so that a retry after a
 * crash recognises what it had done: {@link #prepare} decides everything that has to be the same in a retry (the
 * caller keeps it durably), {@link #publish} does it.
 *
 * <p>Directories and files are named by a {@code ref}: a text that the volume chose, opaque to its callers and stable
 * until a commit or a list gives another one. The root of a volume has the ref {@code ""}.
 *
 * <p>There are two kinds. In a volume <em>by place</em> a ref is where something lies, so it changes with the name, and
 * everything below a directory with that of the directory. In a volume <em>by reference</em> ({@link
 * Traits#byReference}) a ref is the identity of what a name means: nothing moves when a name changes. It remembers by
 * itself what it has listed, and gives inodes their numbers.
 */
public interface Volume extends AutoCloseable {

    /** What callers have to know of this kind of volume. Constant. */
    Traits traits();

    /** For people: kind and place of the store, without credentials. */
    String description();

    /**
     * All entries of a directory as the store has them now. Attributes are those that a list can tell; an entry whose
     * {@link Entry#described()} is false needs {@link #describe} for the rest.
     *
     * @return in no particular order; never partial: a failure in the middle is an exception
     */
    List<Entry> list(String directory) throws FsException;

    /**
     * What a directory holds as far as this host knows, without a request: what {@link #list} gave last, and what was
     * committed here since. Of volumes by reference; those by place are remembered by an index.
     *
     * @return empty if it was never listed here
     */
    default Optional<List<Entry>> known(String directory) throws FsException {
        return Optional.empty();
    }

    /**
     * A number for a new inode, that nothing else has, above 1 and below 2<sup>48</sup>. Of volumes by reference: what is
     * put with it gets a ref of which {@link #numberOf} tells the same, on every host.
     */
    default OptionalLong newNumber() {
        return OptionalLong.empty();
    }

    /** The number of the inode that a ref means. Of volumes by reference. Pure. */
    default OptionalLong numberOf(String ref) {
        return OptionalLong.empty();
    }

    /** Full attributes of entries that a list gave, fetched in parallel; an entry that is gone is left out. */
    void describe(List<Entry> entries, Consumer<Entry> sink) throws FsException;

    /**
     * Reads one version of a file.
     *
     * @param into filled from {@code offset} on, not past the end of the content
     * @throws FsException.Stale the store has another version by now
     * @throws FsException.NotFound it has none
     */
    void read(String ref, EntryVersion version, long offset, ByteBuffer into) throws FsException;

    /**
     * Where an entry of this name would lie in the store. Pure.
     *
     * @param directory ref of the parent
     * @throws FsException.NameTooLong the store takes no such long key
     */
    String place(String directory, FileName name, FileKind kind) throws FsException;

    /**
     * The part of a large file that this offset is in: what a publication copies in one request if an object has
     * exactly its bytes. Pure.
     */
    Part part(long offset);

    /**
     * Whether these attributes can be stored whole.
     *
     * @throws FsException.NoSpace extended attributes do not fit beside the rest
     */
    void checkStorable(Attributes attributes) throws FsException;

    /** Whether a version that we know and one that a list gave are the same state of the entry. Pure. */
    boolean sameVersion(EntryVersion known, EntryVersion listed);

    /**
     * Where to ask from now on which versions pending changes were made on: a volume by reference goes on to know what it
     * knows of them, whatever becomes of them in the store.
     *
     * @param pending takes locks of the caller's; not asked while one of the volume's is held
     */
    default void pin(Supplier<Set<EntryVersion>> pending) {}

    /** Decides what a commit of this change will write. No request is made; equal calls may give different answers. */
    Prepared prepare(Change change) throws FsException;

    /**
     * Whether what the store has at a place was put there by one of our own attempts whose outcome was never learned.
     *
     * @param tokens of the attempts
     * @param source from where they copied, null if they sent content
     * @param patience how long this may wait until nothing that was given up can arrive any more; if that needs longer,
     *     it fails as if the store were away
     * @return what is there, if it is ours
     */
    Optional<Source> recognise(String ref, List<String> tokens, @Nullable Source source, Duration patience)
            throws FsException;

    /** An earlier process has ended with changes pending: some of them may still be on their way to the store. */
    void inherit();

    /**
     * Makes changes visible in the store, in any order and in parallel where their order does not matter (the caller
     * only hands out changes that do not depend on each other; to a volume by reference also both halves of a rename,
     * which it makes visible together, or what comes before what goes). Each outcome is given to {@code sink} as soon as it
     * is known; a change is never half done when an outcome says it is done. Publishing the same prepared change
     * again, also after a crash, has the same effect as once.
     */
    void publish(List<Prepared> changes, OutcomeSink sink);

    /** Returns if the store answers; otherwise fails as a publication would, having sent nothing of it. */
    void knock() throws FsException;

    /** Capacity figures of the store, as far as it tells. */
    ObjectStore.Statistics statistics() throws FsException;

    @Override
    void close();

    /**
     * @param name of the folder
     * @param hardLinks whether an inode may have several names
     * @param byReference whether a ref is the identity of what a name means; if not it is a place, and of a directory
     *     that is renamed every descendant has to be moved by a {@link Change} of its own
     * @param keepsOwners whether uid and gid come back as they were stored
     * @param maxFileBytes size of the largest file
     */
    record Traits(String name, boolean hardLinks, boolean byReference, boolean keepsOwners, long maxFileBytes) {}

    /**
     * What the store has under a name.
     *
     * @param version null for directories that have none of their own
     * @param described whether {@code attributes} are all there is; else they are what a list tells
     */
    record Entry(FileName name, String ref, @Nullable EntryVersion version, Attributes attributes, boolean described) {}

    /** One name to be brought to its new state. */
    sealed interface Change {
        /** What the caller believes to be under the name now; null for nothing. */
        @Nullable EntryVersion expected();

        /**
         * The entry shall exist with these attributes and this content.
         *
         * @param directory ref of the parent, which is in the store already
         * @param attributes null where those of {@code source} are kept
         * @param content the bytes, null where they are those of {@code source} or there are none
         * @param source where the store has the entry's content (and metadata) now; null for a new one
         * @param after what becomes of {@code source} when it is another place
         * @param expectedLivesOn whether what {@code expected} is the state of has another name by now, or gets it in the
         *     same publication; only told to volumes by reference
         * @param number that the inode has here, within its volume: for {@link Volume#numberOf}
         * @param touched when the parent last changed here, its names or its attributes; only told to volumes by reference
         */
        record Put(
                String directory,
                FileName name,
                @Nullable EntryVersion expected,
                @Nullable Attributes attributes,
                @Nullable Content content,
                @Nullable Source source,
                After after,
                boolean expectedLivesOn,
                long number,
                @Nullable Timestamp touched)
                implements Change {}

        /**
         * What lies at {@code ref} shall not exist.
         *
         * @param directory whether it is the marker of a directory
         * @param parentStays whether the directory that it is in has to exist afterwards, though empty
         */
        record Remove(String ref, @Nullable EntryVersion expected, boolean directory, boolean parentStays)
                implements Change {}

        /**
         * A name shall mean nothing any more, in a volume by reference.
         *
         * @param parent ref of the directory that it is in
         * @param was what the store has under it
         * @param directory whether that is a directory
         * @param livesOn whether that has another name by now, or gets it in the same publication
         * @param touched when the parent last changed here, its names or its attributes
         */
        record Unname(String parent, FileName name, Source was, boolean directory, boolean livesOn, Timestamp touched)
                implements Change {
            @Override
            public @Nullable EntryVersion expected() {
                return was.version();
            }
        }
    }

    /** What becomes of the other place from which content was taken. */
    enum After {
        /** It stays as it is. */
        SOURCE_STAYS,
        /** It is removed; the directory that it was in stays, though empty. */
        SOURCE_GOES,
        /** It is removed, and the directory that it was in with it. */
        SOURCE_AND_PARENT_GO
    }

    /** Where a committed entry lies. A directory may have no version of its own. */
    record Source(String ref, @Nullable EntryVersion version) {}

    /**
     * A snapshot of a file's bytes that does not change while it is published.
     */
    interface Content {
        long size();

        /** Reads until {@code into} is full; within {@link #size()}. */
        void read(long offset, ByteBuffer into) throws FsException;

        /** Where the store has exactly the bytes of this range, so that it can copy them by itself; null if nowhere. */
        @Nullable StoredRange stored(long offset, long length);
    }

    /** Bytes that the store has in one piece, from this offset of this version on. */
    record StoredRange(Source source, long offset) {}

    /** A range of a file: from {@code start} to before {@code end}. */
    record Part(long start, long end) {
        public long length() {
            return end - start;
        }
    }

    /**
     * A change and what a retry needs.
     *
     * @param token what {@link #prepare} drew; kept durably by the caller, given back in a retry
     * @param earlierTokens tokens of attempts at the same name whose outcome was never learned: a version in the store
     *     that carries one of them is our own
     */
    record Prepared(Change change, String token, List<String> earlierTokens) {
        public Prepared {
            earlierTokens = List.copyOf(earlierTokens);
        }
    }

    /** How a change ended. */
    sealed interface Outcome {
        /** The store has it. {@code stored}: what was put and where; empty for a removal. */
        record Done(Optional<Source> stored) implements Outcome {}

        /**
         * Somebody else changed the name meanwhile. A put was stored beside it under {@code name}; a removal was not
         * done. {@code theirs} is what the store has under the original name, empty if nothing.
         */
        record Conflict(Optional<Entry> ours, Optional<Entry> theirs) implements Outcome {}

        /**
         * Nothing was changed, or nothing is known; the change may be published again.
         *
         * @param unsent whether nothing of it has reached the store, for certain
         */
        record Failed(FsException reason, boolean unsent) implements Outcome {
            public Failed(FsException reason) {
                this(reason, false);
            }
        }
    }

    /** Receives outcomes, one call each, from any thread. */
    interface OutcomeSink {
        void outcome(Prepared change, Outcome outcome);
    }
}
