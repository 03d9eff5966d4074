package isle.crypto.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.identity.TestVault.Person;
import isle.crypto.seal.Id;
import isle.fs.model.FsException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * R1 for headers, on random histories in which anybody, also strangers and those removed, says anything: the join is a
 * function of the set of records.
 */
class HeaderJoinPropertyTest {

    private static final int RECORDS = 25;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void orderAndRepetitionDoNotMatter(long seed) throws Exception {
        Random random = new Random(seed);
        TestVault world = new TestVault(seed);
        List<Person> people = history(world, random);
        VaultHeader header = world.join();
        for (int i = 0; i < 6; i++) {
            List<HeaderRecord> others = new ArrayList<>(world.records);
            for (int again = random.nextInt(5); again > 0; again--) {
                others.add(HeaderCodec.decode(HeaderCodec.encode(world.records.get(random.nextInt(RECORDS)))));
            }
            Collections.shuffle(others, random);
            assertEquals(header, HeaderJoin.join(world.vault, others, null), "seed " + seed);
        }
        assertInvariants(world, header, people, seed);
    }

    /** Else the histories would show little. */
    @Test
    void theHistoriesHaveEveryKindOfTrouble() throws Exception {
        Set<VaultHeader.Refusal> met = EnumSet.noneOf(VaultHeader.Refusal.class);
        int removals = 0;
        for (long seed = 1; seed <= 20; seed++) {
            TestVault world = new TestVault(seed);
            history(world, new Random(seed));
            VaultHeader header = world.join();
            met.addAll(header.refused().values());
            removals += header.members().size() < 5 ? 1 : 0;
        }
        assertEquals(EnumSet.complementOf(EnumSet.of(VaultHeader.Refusal.OTHER_VAULT)), met);
        assertTrue(removals > 5);
    }

    /** What holds after any history. */
    private static void assertInvariants(TestVault world, VaultHeader header, List<Person> people, long seed) {
        Set<Id> removed = new HashSet<>();
        Set<Id> revoked = new HashSet<>();
        Set<Id> users = new HashSet<>();
        people.forEach(person -> users.add(person.user()));
        for (HeaderRecord record : world.records) {
            if (header.refused().get(record.record()) == VaultHeader.Refusal.NOT_BY_A_MEMBER) {
                continue;
            }
            for (Statement statement : record.statements()) {
                if (statement instanceof Statement.MemberRemoved r) {
                    removed.add(r.user());
                } else if (statement instanceof Statement.DeviceRevoked r) {
                    revoked.add(r.device());
                } else if (statement instanceof Statement.KeyGeneration g
                        && header.refused().get(record.record()) != VaultHeader.Refusal.OTHER_FOUNDING) {
                    assertTrue(header.generations().containsKey(g.generation()), "seed " + seed);
                    assertTrue(
                            header.generations()
                                    .getOrDefault(g.generation(), Set.of())
                                    .containsAll(g.copies()),
                            "seed " + seed);
                }
            }
        }
        assertTrue(Collections.disjoint(header.members().keySet(), removed), "seed " + seed);
        assertTrue(users.containsAll(header.members().keySet()), "seed " + seed);
        for (Statement.Device device : header.devices()) {
            assertTrue(header.members().containsKey(device.user()), "seed " + seed);
            assertTrue(!revoked.contains(device.device()), "seed " + seed);
        }
        assertTrue(header.generations().keySet().containsAll(header.current().keySet()), "seed " + seed);
    }

    private static List<Person> history(TestVault world, Random random) throws FsException {
        List<Person> people = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            people.add(world.person());
        }
        world.found(people.get(0));
        world.invite(people.get(0), people.get(1));
        if (random.nextBoolean()) {
            world.found(people.get(4));
        }
        while (world.records.size() < RECORDS) {
            step(world, random, people);
        }
        return people;
    }

    private static void step(TestVault world, Random random, List<Person> people) throws FsException {
        Person by = people.get(random.nextInt(people.size()));
        Person about = people.get(random.nextInt(people.size()));
        List<Id> seen = new ArrayList<>(world.seen());
        seen.removeIf(id -> random.nextInt(4) == 0);
        Statement statement =
                switch (random.nextInt(8)) {
                    case 0, 1 -> about.member();
                    case 2, 3 -> world.device(about.user(), about.device());
                    case 4 ->
                        random.nextInt(3) > 0
                                ? new Policy(random.nextInt(100))
                                : new Statement.MemberRemoved(about.user(), seen);
                    case 5 ->
                        new Statement.DeviceRevoked(about.user(), about.device().device(), random.nextInt(2), seen);
                    case 6 -> world.generation(1 + random.nextInt(4), by, about);
                    default ->
                        new Statement.UserKeysSealed(SealedKeys.toDevice(
                                about.keys(), by.device().device(), by.device().publicKeys()));
                };
        SigningKeys keys = random.nextInt(3) == 0 ? by.keys() : by.device();
        long time = random.nextInt(20);
        world.records.add(world.record(keys, by.device().device(), time, statement));
    }
}
