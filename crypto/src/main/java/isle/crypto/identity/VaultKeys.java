package isle.crypto.identity;

import isle.crypto.seal.Id;
import isle.crypto.seal.Octets;
import isle.crypto.seal.Sealer;
import isle.fs.model.FsException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;

/** The keys of a vault that this user has, of every generation. They never change; more of them make a new value. */
public final class VaultKeys {

    private static final String WHAT = "a vault's key set";
    private static final String DOMAIN = "isle-vks";
    private static final int FORMAT = 1;
    private static final int ENTRY_BYTES = Integer.BYTES + Id.BYTES + Sealer.KEY_BYTES;

    private final NavigableMap<GenerationId, byte[]> keys;

    private VaultKeys(NavigableMap<GenerationId, byte[]> keys) {
        this.keys = keys;
    }

    /** The first key of a new vault. */
    public static VaultKeys random(SecureRandom random) {
        return new VaultKeys(new TreeMap<>()).withNext(1, random);
    }

    /**
     * These and a new one, with a new id.
     *
     * @param number one more than that of {@link VaultHeader#newest()}
     */
    public VaultKeys withNext(int number, SecureRandom random) {
        byte[] key = new byte[Sealer.KEY_BYTES];
        random.nextBytes(key);
        NavigableMap<GenerationId, byte[]> more = new TreeMap<>(keys);
        more.put(new GenerationId(number, Id.random(random)), key);
        return new VaultKeys(more);
    }

    /**
     * All of both.
     *
     * @throws FsException.Corrupt if they give one generation different keys
     */
    public VaultKeys and(VaultKeys others) throws FsException {
        NavigableMap<GenerationId, byte[]> all = new TreeMap<>(keys);
        for (var entry : others.keys.entrySet()) {
            byte[] known = all.putIfAbsent(entry.getKey(), entry.getValue());
            if (known != null && !MessageDigest.isEqual(known, entry.getValue())) {
                throw new FsException.Corrupt("two copies of a vault's keys disagree");
            }
        }
        return new VaultKeys(all);
    }

    /** Which there are, the newest last. */
    public NavigableSet<GenerationId> generations() {
        return Collections.unmodifiableNavigableSet(keys.navigableKeySet());
    }

    /**
     * Seals and opens with one of them. Which to seal with, the header says ({@link VaultHeader#newest()}): somebody who
     * was removed may have made keys too, and those are here only to open with.
     *
     * @throws FsException.AccessDenied if it is not here
     */
    public Sealer sealer(GenerationId generation) throws FsException {
        byte[] key = keys.get(generation);
        if (key == null) {
            throw new FsException.AccessDenied(
                    "this user has no key of generation " + generation.number() + " of the vault");
        }
        return new Sealer(key);
    }

    /**
     * What may open an object whose binding has this number: one sealer nearly always, more if several devices began the
     * generation at once, none if these keys are older. The likeliest is first.
     */
    public List<Sealer> sealers(int number) {
        List<Sealer> sealers = new ArrayList<>();
        for (var entry : keys.descendingMap().entrySet()) {
            if (entry.getKey().number() == number) {
                sealers.add(new Sealer(entry.getValue()));
            }
        }
        return sealers;
    }

    /**
     * All of these, sealed to one member.
     *
     * @param generation under which the header is to have the copy
     * @param member one that {@link VaultHeader#canSealTo} allows
     * @throws FsException.Invalid if nothing can be sealed to the member's keys
     */
    public KeyCopy sealTo(Id vault, GenerationId generation, Member member) throws FsException {
        byte[] plain = encode();
        try {
            Octets sealed = member.keys().seal(plain, context(vault, generation, member.user(), member.generation()));
            return new KeyCopy(member.user(), member.generation(), sealed);
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    /**
     * Opens a copy that a header has for this user.
     *
     * @param generation under which the header has it
     * @throws FsException.AccessDenied if it was sealed for others, for another vault or generation, or was changed
     */
    public static VaultKeys open(Id vault, GenerationId generation, KeyCopy copy, UserKeys keys) throws FsException {
        byte[] plain = keys.open(copy.sealed(), context(vault, generation, keys.user(), keys.generation()));
        try {
            VaultKeys opened = decode(plain);
            if (!opened.keys.containsKey(generation)) {
                throw new FsException.Corrupt("a copy of a vault's keys lacks the one it is for");
            }
            return opened;
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    private static byte[] context(Id vault, GenerationId generation, Id user, int userGeneration) {
        FieldWriter sink =
                new FieldWriter().putDomain("isle-vkc").putShort(FORMAT).putId(vault);
        generation.write(sink);
        return sink.putId(user).putInt(userGeneration).toBytes();
    }

    byte[] encode() {
        FieldWriter sink = new FieldWriter().putDomain(DOMAIN).putShort(FORMAT).putInt(keys.size());
        keys.forEach((generation, key) -> {
            generation.write(sink);
            sink.putRaw(key);
        });
        return sink.toBytes();
    }

    static VaultKeys decode(byte[] bytes) throws FsException {
        FieldReader source = new FieldReader(bytes, WHAT);
        Formats.expect(source, DOMAIN, FORMAT, WHAT);
        int count = source.getCount(ENTRY_BYTES);
        NavigableMap<GenerationId, byte[]> keys = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            keys.put(GenerationId.read(source), source.getRaw(Sealer.KEY_BYTES));
        }
        source.expectEnd();
        if (keys.isEmpty() || keys.size() != count) {
            throw source.damaged("it has no key, or one twice");
        }
        return new VaultKeys(keys);
    }

    @Override
    public String toString() {
        return "keys of a vault, up to generation " + keys.lastKey().number();
    }
}
