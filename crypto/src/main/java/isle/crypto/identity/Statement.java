package isle.crypto.identity;

import isle.crypto.seal.Id;
import isle.crypto.seal.Octets;
import java.util.List;

/** One thing that a header record says. What each needs to count is in {@link HeaderJoin}. */
public sealed interface Statement
        permits Statement.VaultMade,
                Statement.KeyGeneration,
                Statement.MemberRemoved,
                Statement.Device,
                Statement.DeviceRevoked,
                Statement.UserKeysSealed,
                Member,
                Policy {

    /**
     * The vault begins.
     *
     * @param founder its first member, whose keys and device are in the same record
     */
    record VaultMade(Id founder, Policy policy) implements Statement {}

    /**
     * A key generation, sealed to members. Said again with more copies when members come.
     *
     * @param generation which
     * @param copies for whom
     */
    record KeyGeneration(GenerationId generation, List<KeyCopy> copies) implements Statement {
        public KeyGeneration {
            copies = List.copyOf(copies);
        }
    }

    /**
     * A user is no longer a member, nor will ever be again under this id.
     *
     * @param seen records by the user and the user's devices that go on to count; others of theirs never will
     */
    record MemberRemoved(Id user, List<Id> seen) implements Statement {
        public MemberRemoved {
            seen = List.copyOf(seen);
        }
    }

    /**
     * A host of a user.
     *
     * @param keyGeneration number of the key generation that the host's name is sealed under
     * @param hostName sealed: the members may know it, the store not
     */
    record Device(Id user, Id device, PublicKeys keys, int keyGeneration, Octets hostName) implements Statement {
        public Device {
            if (keyGeneration < 1) {
                throw new IllegalArgumentException("key generation " + keyGeneration);
            }
        }
    }

    /**
     * A host is no longer trusted, nor will ever be again under this id. It knew the user's keys, so these retire too.
     *
     * @param user whose host it is
     * @param retired the user's keys up to this generation no longer sign; 0 for none
     * @param seen records signed by the device or by those keys that go on to count; others never will
     */
    record DeviceRevoked(Id user, Id device, int retired, List<Id> seen) implements Statement {
        public DeviceRevoked {
            if (retired < 0) {
                throw new IllegalArgumentException("generation " + retired);
            }
            seen = List.copyOf(seen);
        }
    }

    /** A user's keys behind a lock. */
    record UserKeysSealed(SealedKeys keys) implements Statement {}
}
