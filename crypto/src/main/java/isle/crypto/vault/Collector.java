package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.v1.HistoryCodec.Past;
import isle.crypto.v1.HistoryKey;
import isle.crypto.v1.Mark;
import isle.crypto.v1.MarkKey;
import isle.crypto.v1.MarkStore;
import isle.crypto.v1.PackStore;
import isle.crypto.v1.Spare;
import isle.crypto.v1.TreeStore;
import isle.crypto.vault.VaultCare.Unneeded;
import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore.ObjectSummary;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes content away that nothing names any more (R15). Each device of the vault says in a mark what it does not need;
 * what all of them have said for long enough goes. Whatever fails or is in doubt, nothing goes. One run at a time.
 */
final class Collector {

    /** Of one mark. All devices begin with the smallest ids, so that they speak of the same ones. */
    private static final int MOST_OBJECTS = 20_000;

    /** History packs in memory at once. */
    private static final int ROUND = 8;

    /** While history is being merged, it is listed again so often. */
    private static final int ATTEMPTS = 3;

    /** A run that came to nothing is begun again after this part of the period. */
    private static final int RETRIES = 24;

    /** After so long this host has certainly heard of a new device, or else would know that it has not. */
    private static final Duration HEARD = Duration.ofHours(1);

    private final Parts parts;
    private final Self self;
    private final Collecting rules;
    private @Nullable Instant tried;
    private volatile String held = "";

    /** What it works with. */
    record Parts(
            VaultState state,
            PackStore packs,
            MarkStore marks,
            PastReader past,
            Parallel parallel,
            InstantSource clock) {}

    /**
     * This device.
     *
     * @param known who else there is, now
     * @param generation number of the vault key to seal under, now
     * @param ids draws ids that were never used
     * @param isQuiet whether nothing that this device has begun to send is still on its way
     */
    record Self(Id device, Supplier<Known> known, IntSupplier generation, Supplier<Id> ids, BooleanSupplier isQuiet) {}

    /**
     * Who may open the vault, as far as this host knows.
     *
     * @param devices all of them, this one among them
     * @param headers ids of the header records that say so
     */
    record Known(Set<Id> devices, Set<Id> headers) {
        Known {
            devices = Set.copyOf(devices);
            headers = Set.copyOf(headers);
        }
    }

    /** Whether nothing is wrong with the vault, as far as is known. */
    @FunctionalInterface
    interface Rightness {
        boolean holds() throws FsException;
    }

    /** What a run has come to. */
    enum End {
        /** It was not time yet. */
        NOT_DUE(""),
        /** Something is on its way to the store. */
        BUSY("something was on its way to the store"),
        /** Something is wrong, or not known. */
        DOUBT("something is wrong with private/, or new in its header"),
        /** This host's clock and the store's differ. */
        CLOCKS("the clocks of this host and of the store differ"),
        /** This device has said what it does not need, and what nobody needs is gone. */
        DONE("");

        private final String why;

        End(String why) {
            this.why = why;
        }
    }

    /**
     * What a run has done.
     *
     * @param unneeded how many objects this device does not need
     * @param gone how many the store does not have any more, and their bytes there
     */
    record Collected(End end, long unneeded, long gone, long goneBytes) {
        static Collected nothing(End end) {
            return new Collected(end, 0, 0, 0);
        }
    }

    Collector(Parts parts, Self self, Collecting rules) {
        this.parts = parts;
        this.self = self;
        this.rules = rules;
    }

    /**
     * One run, if it is time.
     *
     * @param isRight asked before and after all was read
     * @throws FsException it broke off; nothing is lost by that
     */
    synchronized Collected run(Rightness isRight) throws FsException {
        try {
            Collected collected = runOnce(isRight);
            if (collected.end() != End.NOT_DUE) {
                held = collected.end().why;
            }
            return collected;
        } catch (FsException e) {
            held = String.valueOf(e.getMessage());
            throw e;
        }
    }

    private Collected runOnce(Rightness isRight) throws FsException {
        Instant began = parts.clock().instant();
        boolean wasSetBack = tried != null && began.isBefore(tried);
        if (tried != null
                && !wasSetBack
                && isWithin(tried, began, rules.period().dividedBy(RETRIES))) {
            return Collected.nothing(End.NOT_DUE);
        }
        tried = began;
        Known known = self.known().get();
        Set<Id> devices = known.devices();
        if (!devices.contains(self.device())) {
            return Collected.nothing(End.DOUBT);
        }
        Map<MarkKey, ObjectSummary> listed = parts.marks().list();
        Mark before = Words.read(parts.marks(), listed, Set.of(self.device())).of(self.device());
        if (before != null && isWithin(Instant.ofEpochSecond(before.made()), began, rules.period())) {
            return Collected.nothing(End.NOT_DUE);
        }
        if (!parts.marks().knowsHeaders(known.headers(), began.minus(HEARD)) || !isRight.holds()) {
            return Collected.nothing(End.DOUBT);
        }
        // In this order: what is sent from now on is not in the list.
        SortedMap<Spare, ObjectSummary> there = parts.marks().content();
        if (!self.isQuiet().getAsBoolean()) {
            return Collected.nothing(End.BUSY);
        }
        Set<Id> spare = unnamed(there, began);
        if (!isRight.holds()) {
            return Collected.nothing(End.DOUBT);
        }
        Mark mark = mark(there.keySet(), spare, before, began);
        if (mark == null || !put(mark, listed)) {
            return Collected.nothing(End.CLOCKS);
        }
        return collect(mark, there, devices);
    }

    /** Also if the clock was set back. */
    private static boolean isWithin(Instant from, Instant now, Duration length) {
        return now.isBefore(from.plus(length));
    }

    /** Ids of old objects that nothing names which this device knows, or which is in the store. */
    private Set<Id> unnamed(SortedMap<Spare, ObjectSummary> there, Instant now) throws FsException {
        Set<Id> spare = new HashSet<>();
        there.forEach((object, summary) -> {
            if (!summary.lastModified().plus(rules.age()).isAfter(now)) {
                spare.add(object.id());
            }
        });
        there.forEach((object, summary) -> {
            if (summary.lastModified().plus(rules.age()).isAfter(now)) {
                spare.remove(object.id());
            }
        });
        parts.marks().check();
        parts.state().loadAll(() -> false);
        Naming naming = new Naming(spare);
        // What goes from a directory meanwhile is in the history, which is read afterwards.
        for (Id each : parts.state().directories()) {
            naming.of(each);
        }
        if (rules.readsHistory()) {
            readHistory(naming);
        }
        naming.ofTrees();
        return spare;
    }

    /** Takes out what is named. */
    private final class Naming {
        private final Set<Id> spare;
        private final Map<Content.Tree, Id> trees = new HashMap<>();

        Naming(Set<Id> spare) {
            this.spare = spare;
        }

        void of(Id id) {
            parts.state().ask((all, tree) -> {
                var directory = all.get(id);
                if (directory != null) {
                    of(directory.all());
                    of(directory.remembered());
                    directory.packs().forEach(pack -> spare.remove(pack.id()));
                }
                return true;
            });
        }

        void of(Collection<EntryRecord> records) {
            for (EntryRecord each : records) {
                if (each.state() instanceof Here here) {
                    of(here);
                }
            }
        }

        private void of(Here here) {
            Content content = here.content();
            if (content instanceof Content.Packed packed) {
                spare.remove(packed.pack());
            } else if (content instanceof Content.Tree tree) {
                trees.put(tree, here.inode());
            } else {
                KnownTrees.NONE.forEach(content, this::of);
            }
        }

        private void of(KnownTrees.Piece piece) {
            spare.remove(piece.object().object());
        }

        /**
         * What a root or leaf names that cannot be read is not known.
         *
         * @throws FsException.Corrupt one cannot be read
         */
        void ofTrees() throws FsException {
            if (spare.isEmpty()) {
                return;
            }
            KnownTrees known = KnownTrees.read(new TreeStore(parts.packs()), trees, parts.parallel());
            known.leaves().forEach(spare::remove);
            for (Content.Tree tree : trees.keySet()) {
                spare.remove(tree.root().object());
                if (!known.isWhole(tree)) {
                    throw new FsException.Corrupt("what names the blocks of a file cannot be read");
                }
                known.forEach(tree, this::of);
            }
        }
    }

    private void readHistory(Naming naming) throws FsException {
        Set<HistoryKey> done = new HashSet<>();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Map<HistoryKey, ObjectSummary> fresh = new HashMap<>(parts.packs().history());
            fresh.keySet().removeAll(done);
            List<HistoryKey> keys = List.copyOf(fresh.keySet());
            for (int from = 0; from < keys.size(); from += ROUND) {
                Map<HistoryKey, ObjectSummary> round = new HashMap<>(fresh);
                round.keySet().retainAll(keys.subList(from, Math.min(keys.size(), from + ROUND)));
                Map<HistoryKey, List<Past>> read = parts.past().read(round);
                read.values().forEach(pasts -> pasts.forEach(past -> naming.of(past.records())));
                done.addAll(read.keySet());
            }
            // What is not there any more was merged into another one.
            if (done.containsAll(keys)) {
                return;
            }
        }
        throw new FsException.Unavailable("history changes, or cannot be read");
    }

    /** Null if the clock was set back since the mark before, or the store has something of the future. */
    private @Nullable Mark mark(Collection<Spare> there, Set<Id> spare, @Nullable Mark before, Instant began) {
        Instant ended = parts.clock().instant();
        long now = ended.getEpochSecond();
        if (now < began.getEpochSecond()
                || (before != null && before.made() > began.getEpochSecond())
                || parts.packs().newest().isAfter(ended.plus(Words.CLOCKS_AGREE))) {
            return null;
        }
        // Of a longer time it does not know: a name may have come and gone.
        boolean goesOn = before != null
                && now - before.began() <= rules.age().dividedBy(2).toSeconds();
        SortedMap<Spare, Long> since = new TreeMap<>();
        for (Spare each : there) {
            if (spare.contains(each.id()) && since.size() < MOST_OBJECTS) {
                Long earlier = before == null || !goesOn ? null : before.since(each);
                since.put(each, earlier == null ? now : earlier);
            }
        }
        return new Mark(began.getEpochSecond(), now, since);
    }

    /**
     * Says it. Earlier marks of this device go when it counts.
     *
     * @param listed the marks that were there before
     * @return false if it does not count, because of the clocks; then it is gone
     */
    private boolean put(Mark mark, Map<MarkKey, ObjectSummary> listed) throws FsException {
        MarkKey key = parts.marks()
                .put(self.device(), self.ids().get(), self.generation().getAsInt(), mark);
        ObjectSummary written = parts.marks().list().get(key);
        if (written == null || !parts.marks().read(key).equals(mark)) {
            throw new FsException.Corrupt("a mark says something else by now");
        }
        if (!Words.isOfItsTime(mark, written.lastModified())) {
            parts.marks().deleteMarks(List.of(key));
            return false;
        }
        parts.marks()
                .deleteMarks(listed.keySet().stream()
                        .filter(each -> each.device().equals(self.device()))
                        .toList());
        return true;
    }

    private Collected collect(Mark mark, SortedMap<Spare, ObjectSummary> there, Set<Id> devices) throws FsException {
        Set<Id> asked = rules.hearsAll() ? devices : Set.of(self.device());
        Words words = Words.read(parts.marks(), parts.marks().list(), asked);
        List<Spare> doomed = words.doomed(mark.since().keySet(), asked, rules.age());
        parts.marks().deleteContent(doomed);
        return new Collected(End.DONE, mark.since().size(), doomed.size(), bytes(doomed, there));
    }

    private static long bytes(Collection<Spare> objects, SortedMap<Spare, ObjectSummary> there) {
        long bytes = 0;
        for (Spare each : objects) {
            ObjectSummary object = there.get(each);
            bytes += object == null ? 0 : object.size();
        }
        return bytes;
    }

    /** What is to be taken away, by what devices have said. Deletes nothing. */
    Unneeded outlook() throws FsException {
        Set<Id> devices = self.known().get().devices();
        Words words = Words.read(parts.marks(), parts.marks().list(), devices);
        SortedMap<Spare, ObjectSummary> there = parts.marks().content();
        List<Spare> agreed = new ArrayList<>();
        Instant from = null;
        for (Spare each : there.keySet()) {
            Instant said = words.agreed(each, devices).orElse(null);
            if (said != null) {
                agreed.add(each);
                Instant goes = said.plus(rules.age());
                from = from == null || goes.isBefore(from) ? goes : from;
            }
        }
        // Who says it less often begins anew each time.
        Instant lately = parts.clock().instant().minus(rules.age().dividedBy(2));
        return new Unneeded(
                agreed.size(), bytes(agreed, there), Optional.ofNullable(from), words.missing(devices, lately), held);
    }
}
