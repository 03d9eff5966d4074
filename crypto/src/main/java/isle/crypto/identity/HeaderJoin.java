package isle.crypto.identity;

import isle.crypto.identity.VaultHeader.Refusal;
import isle.crypto.seal.Id;
import isle.crypto.seal.Octets;
import isle.fs.model.FsException;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Joins the header records of a vault: an observed-remove set whose removals win (Bieniusa and others, 2012, with
 * tombstones that are kept). The result is a function of the set of records alone: neither order nor repetition matters,
 * and joining in steps gives the same as joining at once.
 *
 * <p>Three questions, one after the other. Who has ever belonged to the vault ({@link Hearing}, from the founding record
 * on)? What did any of them take away ({@link Removals})? And what was said by those who count after that ({@link
 * Hearing} again)? Key generations are collected after the first question, since what was sealed under them must open
 * for ever; which of them is good to seal with, and all else, after the third.
 */
public final class HeaderJoin {

    private static final Comparator<HeaderRecord> LATER = Comparator.comparingLong(HeaderRecord::lamport)
            .thenComparing(HeaderRecord::author)
            .thenComparing(HeaderRecord::record)
            .thenComparing(record -> Octets.copyOf(HeaderCodec.encode(record)));

    private final Id vault;
    private final HeaderRecord founding;
    private final Map<HeaderRecord, Set<Id>> ever;
    private final Map<HeaderRecord, Set<Id>> now;
    private final Removals removals;
    private final NavigableMap<Id, Refusal> refused;

    private HeaderJoin(
            Id vault, Collection<HeaderRecord> records, HeaderRecord founding, NavigableMap<Id, Refusal> refused) {
        this.vault = vault;
        this.founding = founding;
        this.refused = refused;
        Hearing hearing = new Hearing(records, founding);
        ever = hearing.hear((record, user) -> false);
        removals = new Removals(ever.keySet());
        now = hearing.again().hear(removals::bars);
        for (HeaderRecord record : records) {
            if (!ever.containsKey(record)) {
                refuse(refused, record, Refusal.NOT_BY_A_MEMBER);
            } else if (!now.containsKey(record)) {
                refuse(refused, record, Refusal.BY_ONE_REMOVED);
            }
        }
    }

    /**
     * What the records say together.
     *
     * @param records in any order
     * @param known id of the founding record, if this device has seen one before; null at first, then the smallest id
     *     wins. Without it a store that makes up a vault of its own could pass it off as this one
     * @throws FsException.NotFound if there are no records
     * @throws FsException.Corrupt if none of them begins the vault, or not the known one
     */
    public static VaultHeader join(Id vault, Collection<HeaderRecord> records, @Nullable Id known) throws FsException {
        if (records.isEmpty()) {
            throw new FsException.NotFound("there is no vault here");
        }
        NavigableMap<Id, Refusal> refused = new TreeMap<>();
        Set<HeaderRecord> ours = new HashSet<>();
        Set<HeaderRecord> beginning = new HashSet<>();
        for (HeaderRecord record : records) {
            if (!record.vault().equals(vault)) {
                refuse(refused, record, Refusal.OTHER_VAULT);
            } else if (record.statements().stream().anyMatch(Statement.VaultMade.class::isInstance)) {
                beginning.add(record);
            } else {
                ours.add(record);
            }
        }
        HeaderRecord founding = beginning.stream()
                .filter(record -> known == null || known.equals(record.record()))
                .filter(HeaderJoin::isFounding)
                .min(Comparator.comparing(HeaderRecord::record)
                        .thenComparing(record -> Octets.copyOf(HeaderCodec.encode(record))))
                .orElseThrow(() -> new FsException.Corrupt("the record that begins the vault is missing"));
        for (HeaderRecord other : beginning) {
            if (!other.equals(founding)) {
                refuse(refused, other, Refusal.OTHER_FOUNDING);
            }
        }
        ours.add(founding);
        return new HeaderJoin(vault, ours, founding, refused).header();
    }

    /** Whether a record introduces a founder, the device of the founder that signed it, and a first key. */
    private static boolean isFounding(HeaderRecord record) {
        if (record.signer().kind() != Signer.Kind.DEVICE) {
            return false;
        }
        Id founder = Hearing.founder(record);
        int beginnings = 0;
        boolean hasMember = false;
        boolean hasDevice = false;
        boolean hasKey = false;
        for (Statement statement : record.statements()) {
            if (statement instanceof Statement.VaultMade) {
                beginnings++;
            } else if (statement instanceof Member member) {
                hasMember |= member.user().equals(founder) && member.generation() == 1;
            } else if (statement instanceof Statement.KeyGeneration) {
                hasKey = true;
            } else if (statement instanceof Statement.Device device) {
                hasDevice |= device.user().equals(founder)
                        && device.device().equals(record.author())
                        && record.isSignedBy(device.keys());
            }
        }
        return beginnings == 1 && hasMember && hasKey && hasDevice;
    }

    /** Of several reasons the first in their order is reported, whichever was found first. */
    private static void refuse(Map<Id, Refusal> refused, HeaderRecord record, Refusal reason) {
        refused.merge(record.record(), reason, (a, b) -> a.compareTo(b) < 0 ? a : b);
    }

    private VaultHeader header() {
        NavigableMap<Id, Member> members = new TreeMap<>();
        Map<Named, Statement.Device> devices = new HashMap<>();
        Set<SealedKeys> userKeys = new HashSet<>();
        Policy policy = new Policy(0);
        long lamport = 0;
        for (HeaderRecord record : inOrder(now.keySet())) {
            lamport = record.lamport();
            for (Statement statement : record.statements()) {
                if (!counts(record, statement)) {
                    continue;
                }
                if (statement instanceof Member member && !removals.isRemoved(member.user())) {
                    members.merge(member.user(), member, (a, b) -> a.compareTo(b) > 0 ? a : b);
                } else if (statement instanceof Statement.Device device && isTrusted(device.user(), device.device())) {
                    devices.put(new Named(device.user(), device.device()), device);
                } else if (statement instanceof Statement.UserKeysSealed sealed && isUseful(sealed.keys())) {
                    userKeys.add(sealed.keys());
                } else if (statement instanceof Statement.VaultMade made) {
                    policy = made.policy();
                } else if (statement instanceof Policy later) {
                    policy = later;
                }
            }
        }
        return new VaultHeader(
                vault,
                founding.record(),
                lamport,
                Collections.unmodifiableNavigableMap(members),
                Set.copyOf(devices.values()),
                generations(ever.keySet()),
                generations(now.keySet()),
                Collections.unmodifiableNavigableMap(removals.retired()),
                removals.revoked(),
                policy,
                Set.copyOf(userKeys),
                Collections.unmodifiableNavigableMap(refused));
    }

    /** A device of a user: two users may claim the same. */
    private record Named(Id user, Id device) {}

    private static Set<HeaderRecord> inOrder(Set<HeaderRecord> records) {
        NavigableSet<HeaderRecord> ordered = new TreeSet<>(LATER);
        ordered.addAll(records);
        return ordered;
    }

    /** Whether one of those who said it may; else the record is reported. */
    private boolean counts(HeaderRecord record, Statement statement) {
        boolean may = now.getOrDefault(record, Set.of()).stream().anyMatch(user -> Hearing.mayBeSaid(statement, user));
        if (!may) {
            refuse(refused, record, Refusal.OVERREACHES);
        }
        return may;
    }

    private boolean isTrusted(Id user, Id device) {
        return !removals.isRemoved(user) && !removals.isRevoked(device);
    }

    private boolean isUseful(SealedKeys keys) {
        return !removals.isRemoved(keys.user())
                && !(keys.lock() instanceof Lock.ToDevice lock && removals.isRevoked(lock.device()));
    }

    private static NavigableMap<GenerationId, Set<KeyCopy>> generations(Set<HeaderRecord> records) {
        NavigableMap<GenerationId, Set<KeyCopy>> generations = new TreeMap<>();
        for (HeaderRecord record : records) {
            for (Statement statement : record.statements()) {
                if (statement instanceof Statement.KeyGeneration made) {
                    generations
                            .computeIfAbsent(made.generation(), g -> new HashSet<>())
                            .addAll(made.copies());
                }
            }
        }
        generations.replaceAll((generation, copies) -> Set.copyOf(copies));
        return Collections.unmodifiableNavigableMap(generations);
    }
}
