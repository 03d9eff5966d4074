package isle.crypto.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.identity.TestVault.Person;
import isle.crypto.identity.VaultHeader.Refusal;
import isle.crypto.seal.Id;
import isle.crypto.seal.Octets;
import isle.fs.model.FsException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** R19 and the {@code h/} objects: who belongs, who no longer does, and whom nobody can pass for. */
class HeaderJoinTest {

    private final TestVault world = new TestVault(41);
    private final Person anna = world.person();
    private final Person ben = world.person();

    private Set<Id> trusted(VaultHeader header) {
        Set<Id> devices = new HashSet<>();
        header.devices().forEach(device -> devices.add(device.device()));
        return devices;
    }

    @Test
    void aNewVaultHasItsFounder() throws Exception {
        HeaderRecord founding = world.found(anna);
        VaultHeader header = world.join();
        assertEquals(founding.record(), header.founding());
        assertEquals(Map.of(anna.user(), anna.member()), header.members());
        assertEquals(Set.of(anna.device().device()), trusted(header));
        assertEquals(new Policy(30), header.policy());
        assertEquals(1, header.newest().number());
        assertEquals(Map.of(), header.refused());
        assertFalse(header.isRotationDue());
        KeyCopy copy = header.copiesFor(anna.user()).iterator().next();
        assertEquals(
                1,
                VaultKeys.open(world.vault, header.newest(), copy, anna.keys())
                        .sealers(1)
                        .size());
    }

    @Test
    void membersTakeOthersIn() throws Exception {
        world.found(anna);
        world.invite(anna, ben);
        Person carl = world.person();
        world.invite(ben, carl);
        VaultHeader header = world.join();
        assertEquals(
                Set.of(anna.user(), ben.user(), carl.user()), header.members().keySet());
        assertEquals(3, trusted(header).size());
        assertEquals(Map.of(), header.refused());
    }

    @Test
    void strangersSayNothing() throws Exception {
        world.found(anna);
        Person eve = world.person();
        HeaderRecord own = world.write(eve.device(), eve.member(), world.device(eve.user(), eve.device()));
        HeaderRecord policy = world.write(eve.device(), new Policy(1));
        HeaderRecord removal = world.write(eve.device(), new Statement.MemberRemoved(anna.user(), List.of()));
        HeaderRecord asAnna = world.record(anna.device(), anna.device().device(), 9, new Policy(2));
        HeaderRecord forged = new HeaderRecord(
                world.vault,
                asAnna.record(),
                9,
                asAnna.author(),
                asAnna.signer(),
                asAnna.statements(),
                eve.device().sign(HeaderCodec.signedBytes(asAnna)));
        world.records.add(forged);
        VaultHeader header = world.join();
        assertEquals(Set.of(anna.user()), header.members().keySet());
        assertEquals(new Policy(30), header.policy());
        for (HeaderRecord record : List.of(own, policy, removal, forged)) {
            assertEquals(Refusal.NOT_BY_A_MEMBER, header.refused().get(record.record()));
        }
    }

    @Test
    void aRemovalWinsWhateverElseIsSaid() throws Exception {
        world.found(anna);
        world.invite(anna, ben);
        world.write(anna.device(), new Statement.MemberRemoved(ben.user(), world.seen()));
        world.write(anna.device(), ben.member());
        VaultHeader header = world.join();
        assertEquals(Set.of(anna.user()), header.members().keySet());
        assertEquals(Set.of(anna.device().device()), trusted(header));
        assertEquals(Map.of(), header.refused(), "what ben had said before was seen");
    }

    @Test
    void whatOneRemovedSaysAfterwardsDoesNotCount() throws Exception {
        world.found(anna);
        world.invite(anna, ben);
        HeaderRecord before = world.write(ben.device(), new Policy(60));
        world.write(anna.device(), new Statement.MemberRemoved(ben.user(), world.seen()));
        Person eve = world.person();
        HeaderRecord after = world.write(ben.device(), eve.member(), new Policy(1));
        HeaderRecord further = world.write(eve.keys(), eve.device(), world.device(eve.user(), eve.device()));
        VaultHeader header = world.join();
        assertEquals(Set.of(anna.user()), header.members().keySet());
        assertEquals(new Policy(60), header.policy());
        assertEquals(Refusal.BY_ONE_REMOVED, header.refused().get(after.record()));
        assertEquals(Refusal.BY_ONE_REMOVED, header.refused().get(further.record()));
        assertFalse(header.refused().containsKey(before.record()));
    }

    @Test
    void oneRemovedCannotAllowItself() throws Exception {
        world.found(anna);
        world.invite(anna, ben);
        world.write(anna.device(), new Statement.MemberRemoved(ben.user(), world.seen()));
        HeaderRecord after = world.write(ben.device(), new Policy(1));
        world.write(ben.device(), new Statement.MemberRemoved(ben.user(), world.seen()));
        VaultHeader header = world.join();
        assertEquals(new Policy(30), header.policy());
        assertEquals(Refusal.BY_ONE_REMOVED, header.refused().get(after.record()));
    }

    @Test
    void aLostDeviceTakesTheUsersKeysWithIt() throws Exception {
        world.found(anna);
        DeviceKeys second = DeviceKeys.random("second", world.random);
        world.write(anna.device(), world.device(anna.user(), second));
        UserKeys next = UserKeys.random(anna.user(), 2, world.random);
        world.write(
                second,
                new Statement.DeviceRevoked(anna.user(), anna.device().device(), 1, world.seen()),
                new Member(anna.user(), 2, next.publicKeys()));
        DeviceKeys thiefs = DeviceKeys.random("thief", world.random);
        HeaderRecord byDevice = world.write(anna.device(), world.device(anna.user(), thiefs));
        HeaderRecord byKeys = world.write(anna.keys(), thiefs, world.device(anna.user(), thiefs));
        VaultHeader header = world.join();
        assertEquals(Set.of(second.device()), trusted(header));
        assertEquals(
                new Member(anna.user(), 2, next.publicKeys()), header.members().get(anna.user()));
        assertEquals(Refusal.BY_ONE_REMOVED, header.refused().get(byDevice.record()));
        assertEquals(Refusal.BY_ONE_REMOVED, header.refused().get(byKeys.record()));
        assertTrue(header.isRotationDue(), "the thief can open generation 1");
        assertFalse(header.canSealTo(anna.member()));
        assertTrue(header.canSealTo(new Member(anna.user(), 2, next.publicKeys())));
    }

    @Test
    void aUserWhoLostTheOnlyDeviceComesBackWithTheKeys() throws Exception {
        world.found(anna);
        DeviceKeys fresh = DeviceKeys.random("fresh", world.random);
        HeaderRecord back = world.write(anna.keys(), fresh, world.device(anna.user(), fresh));
        UserKeys next = UserKeys.random(anna.user(), 2, world.random);
        world.write(
                fresh,
                new Statement.DeviceRevoked(anna.user(), anna.device().device(), 1, world.seen()),
                new Member(anna.user(), 2, next.publicKeys()));
        VaultHeader header = world.join();
        assertEquals(Set.of(fresh.device()), trusted(header));
        assertFalse(header.refused().containsKey(back.record()));
    }

    @Test
    void aKeyGenerationIsNeverLostAndOnlyATrustedOneSeals() throws Exception {
        world.found(anna);
        world.invite(anna, ben);
        world.write(anna.device(), world.generation(2, anna, ben));
        assertFalse(world.join().isRotationDue());
        world.write(anna.device(), new Statement.MemberRemoved(ben.user(), world.seen()));
        assertTrue(world.join().isRotationDue());
        world.write(ben.device(), world.generation(9, ben));
        world.write(anna.device(), world.generation(3, anna));
        VaultHeader header = world.join();
        assertEquals(3, header.newest().number());
        assertFalse(header.isRotationDue());
        KeyCopy bens = new KeyCopy(ben.user(), 1, Octets.copyOf(new byte[1]));
        world.write(ben.device(), new Statement.KeyGeneration(header.newest(), List.of(bens)));
        assertFalse(world.join().isRotationDue(), "only copies by those who count matter");
        assertEquals(
                List.of(1, 2, 3, 9),
                header.generations().keySet().stream().map(GenerationId::number).toList());
    }

    @Test
    void copiesOfOneGenerationJoin() throws Exception {
        world.found(anna);
        world.invite(anna, ben);
        Statement.KeyGeneration both = world.generation(2, anna, ben);
        world.write(
                anna.device(),
                new Statement.KeyGeneration(both.generation(), both.copies().subList(0, 1)));
        world.write(
                anna.device(),
                new Statement.KeyGeneration(both.generation(), both.copies().subList(1, 2)));
        assertEquals(Set.copyOf(both.copies()), world.join().generations().get(both.generation()));
    }

    @Test
    void usersSpeakForTheirOwnKeysAndDevices() throws Exception {
        world.found(anna);
        world.invite(anna, ben);
        DeviceKeys bens = DeviceKeys.random("bens", world.random);
        HeaderRecord device = world.write(ben.device(), world.device(anna.user(), bens), new Policy(7));
        UserKeys evil = UserKeys.random(anna.user(), 2, world.random);
        HeaderRecord keys = world.write(ben.device(), new Member(anna.user(), 2, evil.publicKeys()));
        SealedKeys sealed = SealedKeys.toDevice(evil, bens.device(), bens.publicKeys());
        HeaderRecord locks = world.write(ben.device(), new Statement.UserKeysSealed(sealed));
        VaultHeader header = world.join();
        assertEquals(anna.member(), header.members().get(anna.user()));
        assertFalse(trusted(header).contains(bens.device()));
        assertEquals(Set.of(), header.userKeys());
        assertEquals(new Policy(7), header.policy(), "the rest of the record counts");
        for (HeaderRecord record : List.of(device, keys, locks)) {
            assertEquals(Refusal.OVERREACHES, header.refused().get(record.record()));
        }
    }

    @Test
    void sealedUserKeysOfLostDevicesAreLeftOut() throws Exception {
        world.found(anna);
        DeviceKeys second = DeviceKeys.random("second", world.random);
        SealedKeys forSecond = SealedKeys.toDevice(anna.keys(), second.device(), second.publicKeys());
        SealedKeys forFirst = SealedKeys.toDevice(
                anna.keys(), anna.device().device(), anna.device().publicKeys());
        world.write(
                anna.device(),
                world.device(anna.user(), second),
                new Statement.UserKeysSealed(forSecond),
                new Statement.UserKeysSealed(forFirst));
        assertEquals(Set.of(forFirst, forSecond), world.join().userKeys());
        world.write(anna.device(), new Statement.DeviceRevoked(anna.user(), second.device(), 0, world.seen()));
        assertEquals(Set.of(forFirst), world.join().userKeys());
    }

    @Test
    void theLatestPolicyWins() throws Exception {
        world.found(anna);
        world.records.add(world.record(anna.device(), anna.device().device(), 50, new Policy(5)));
        world.records.add(world.record(anna.device(), anna.device().device(), 40, new Policy(4)));
        VaultHeader header = world.join();
        assertEquals(new Policy(5), header.policy());
        assertEquals(50, header.lamport());
    }

    @Test
    void theHighestTimeKeepsNobodyFromWriting() throws Exception {
        world.found(anna);
        HeaderRecord last = world.record(anna.device(), anna.device().device(), Long.MAX_VALUE, new Policy(7));
        world.records.add(last);
        VaultHeader header = world.join();
        assertEquals(new Policy(7), header.policy());
        assertEquals(Long.MAX_VALUE, header.nextLamport());
        world.invite(anna, ben);
        assertEquals(Set.of(anna.user(), ben.user()), world.join().members().keySet());
    }

    @Test
    void ofTwoFoundingsTheSmallerIdWinsUnlessOneIsKnown() throws Exception {
        HeaderRecord one = world.found(anna);
        HeaderRecord two = world.found(ben);
        HeaderRecord smaller = one.record().compareTo(two.record()) < 0 ? one : two;
        HeaderRecord larger = smaller.equals(one) ? two : one;
        VaultHeader header = world.join();
        assertEquals(smaller.record(), header.founding());
        assertEquals(Map.of(larger.record(), Refusal.OTHER_FOUNDING), header.refused());
        assertEquals(1, header.members().size());
        assertEquals(larger.record(), world.join(larger.record()).founding());
        assertThrows(FsException.Corrupt.class, () -> world.join(Id.random(world.random)));
    }

    @Test
    void withoutABeginningThereIsNoVault() {
        assertThrows(FsException.NotFound.class, world::join);
        world.write(anna.device(), anna.member());
        assertThrows(FsException.Corrupt.class, world::join);
        world.write(
                ben.device(),
                new Statement.VaultMade(anna.user(), new Policy(0)),
                anna.member(),
                world.device(anna.user(), anna.device()));
        assertThrows(FsException.Corrupt.class, world::join, "not signed by the device that it names");
    }

    @Test
    void recordsOfAnotherVaultAreReported() throws Exception {
        world.found(anna);
        HeaderRecord other = HeaderRecord.signed(
                Id.random(world.random),
                Id.random(world.random),
                5,
                anna.device().device(),
                anna.device(),
                List.of(new Policy(1)));
        world.records.add(other);
        VaultHeader header = world.join();
        assertEquals(Map.of(other.record(), Refusal.OTHER_VAULT), header.refused());
        assertEquals(new Policy(30), header.policy());
    }

    @Test
    void aRenamedHostHasItsLatestName() throws Exception {
        world.found(anna);
        Statement.Device renamed = new Statement.Device(
                anna.user(), anna.device().device(), anna.device().publicKeys(), 1, Octets.copyOf(new byte[] {1}));
        world.write(anna.device(), renamed);
        assertEquals(Set.of(renamed), world.join().devices());
    }
}
