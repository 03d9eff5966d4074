package isle.crypto.identity;

import isle.crypto.seal.Id;
import java.util.HashSet;
import java.util.NavigableMap;
import java.util.Set;

/**
 * What all header records of a vault say together.
 *
 * @param vault which
 * @param founding id of the record that began it; a device that has seen it once insists on it
 * @param lamport the highest time of the records that count; the next record has one more
 * @param members by user, with the keys to seal to
 * @param devices that are trusted now
 * @param generations every key generation that anybody of the vault ever made, with the copies of its keys; to open with
 * @param current those of them that are good to seal with, with the copies that those who count have made
 * @param retired by user, the highest generation of the user's keys that a lost device knew
 * @param revoked devices that are trusted no more, nor ever again
 * @param policy what the members agreed on
 * @param userKeys users' keys behind locks
 * @param refused by record, why it does not count, or not wholly
 */
public record VaultHeader(
        Id vault,
        Id founding,
        long lamport,
        NavigableMap<Id, Member> members,
        Set<Statement.Device> devices,
        NavigableMap<GenerationId, Set<KeyCopy>> generations,
        NavigableMap<GenerationId, Set<KeyCopy>> current,
        NavigableMap<Id, Integer> retired,
        Set<Id> revoked,
        Policy policy,
        Set<SealedKeys> userKeys,
        NavigableMap<Id, Refusal> refused) {

    /** Why a record does not count. */
    public enum Refusal {
        /** It is about another vault. */
        OTHER_VAULT,
        /** It begins the vault too, and another record has begun it. */
        OTHER_FOUNDING,
        /** No device of a member, nor a member, has signed it. */
        NOT_BY_A_MEMBER,
        /** Its device was revoked or its user removed, by somebody who had not seen it. Only its removals count. */
        BY_ONE_REMOVED,
        /** It says what only another user may say. The rest of it counts. */
        OVERREACHES
    }

    /** The generation to seal with. */
    public GenerationId newest() {
        return current.lastKey();
    }

    /** The time of the next record. Whoever wrote the highest that there is shares it with all later ones. */
    public long nextLamport() {
        return lamport == Long.MAX_VALUE ? lamport : lamport + 1;
    }

    /** Whether a member's keys are still secret, so that the vault's keys may be sealed to them. */
    public boolean canSealTo(Member member) {
        return member.equals(members.get(member.user()))
                && member.generation() > retired.getOrDefault(member.user(), 0);
    }

    /**
     * Whether somebody who is no longer trusted can open the newest generation: one who was removed, or a lost device.
     * Then the next to write begins a new one.
     */
    public boolean isRotationDue() {
        for (KeyCopy copy : current.lastEntry().getValue()) {
            if (!members.containsKey(copy.user()) || copy.generation() <= retired.getOrDefault(copy.user(), 0)) {
                return true;
            }
        }
        return false;
    }

    /** The copies of the newest keys that are for this user. */
    public Set<KeyCopy> copiesFor(Id user) {
        Set<KeyCopy> copies = new HashSet<>(current.lastEntry().getValue());
        copies.removeIf(copy -> !copy.user().equals(user));
        return copies;
    }

    /** Counts only, for a line in a log. */
    @Override
    public String toString() {
        return "header of vault " + vault + ": " + members.size() + " members, " + devices.size() + " devices, "
                + generations.size() + " generations, " + refused.size() + " records refused";
    }
}
