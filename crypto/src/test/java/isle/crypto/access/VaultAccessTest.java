package isle.crypto.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.access.VaultAccess.Entrance;
import isle.crypto.identity.Code;
import isle.crypto.identity.DeviceKeys;
import isle.crypto.seal.Draws;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import isle.fs.store.FaultyObjectStore;
import isle.fs.store.MemoryObjectStore;
import isle.fs.store.StoreOperation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaultAccessTest {

    @TempDir
    Path folder;

    private final SecureRandom random = Draws.of(8);
    private final MemoryObjectStore store = new MemoryObjectStore(InstantSource.system(), new Random(1));

    private VaultAccess host(String name) throws IOException {
        return new VaultAccess(store, Files.createDirectories(folder.resolve(name)), name, random);
    }

    private Entrance.Founded founded() throws IOException {
        return assertInstanceOf(Entrance.Founded.class, host("laptop").enter());
    }

    private static OpenVault opened(VaultAccess host) throws IOException {
        return assertInstanceOf(Entrance.Opened.class, host.enter()).vault();
    }

    private List<String> keys() throws FsException {
        return store.list("", false, "", 1000).objects().stream()
                .map(object -> object.key().value())
                .toList();
    }

    @Test
    void theFirstHostFoundsIt_andOpensItFromThenOn() throws IOException {
        OpenVault vault = founded().vault();
        assertEquals(1, keys().size());
        assertEquals(vault.vault(), opened(host("laptop")).vault());
        assertEquals(1, keys().size());
    }

    @Test
    void allHostsAreLost_theCodeAloneBringsItBack() throws IOException {
        Entrance.Founded founded = founded();
        VaultAccess other = host("new");
        assertEquals(
                founded.vault().vault(),
                assertInstanceOf(Entrance.Unknown.class, other.enter()).vault());
        String written = founded.recovery().show();
        OpenVault recovered = other.recover(parsed(Code.Purpose.RECOVERY, written));
        assertEquals(founded.vault().vault(), recovered.vault());
        assertEquals(founded.vault().keys().generations(), recovered.keys().generations());
        assertEquals(2, recovered.header().devices().size());
        assertEquals(recovered.vault(), opened(host("new")).vault());
        // And once more, after that one is lost, too.
        assertEquals(
                recovered.vault(), host("newer").recover(founded.recovery()).vault());
    }

    private static Code parsed(Code.Purpose purpose, String text) {
        try {
            return Code.parse(purpose, text);
        } catch (isle.crypto.identity.CodeProblem e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aHostIsLinkedByACodeOfAnother_once() throws IOException {
        OpenVault vault = founded().vault();
        Code code = host("laptop").link(vault);
        assertEquals(vault.vault(), host("desktop").recover(code).vault());
        assertEquals(vault.vault(), opened(host("desktop")).vault());
        VaultAccess thief = host("thief");
        assertThrows(FsException.AccessDenied.class, () -> thief.recover(code));
        assertEquals(2, keys().size());
    }

    @Test
    void aWrongCodeOpensNothing_andLeavesNothing() throws IOException {
        founded();
        VaultAccess other = host("other");
        Code wrong = Code.random(Code.Purpose.RECOVERY, random);
        assertThrows(FsException.AccessDenied.class, () -> other.recover(wrong));
        assertEquals(1, keys().size());
        assertInstanceOf(Entrance.Unknown.class, other.enter());
    }

    @Test
    void aCodeForAnEmptyStoreIsRefused() throws IOException {
        VaultAccess other = host("other");
        Code code = Code.random(Code.Purpose.RECOVERY, random);
        assertThrows(FsException.NotFound.class, () -> other.recover(code));
        assertEquals(List.of(), keys());
    }

    @Test
    void aStoreThatWasEmptiedIsNoNewVault() throws IOException {
        founded();
        store.delete(new ObjectKey(keys().get(0)));
        VaultAccess laptop = host("laptop");
        assertThrows(FsException.Corrupt.class, laptop::enter);
        assertEquals(List.of(), keys());
    }

    /** Another vault, with a smaller id, is put beside it or in its place. */
    @Test
    void anotherVaultIsNotTakenForIt() throws IOException {
        OpenVault vault = founded().vault();
        for (int i = 0; i < 20; i++) {
            MemoryObjectStore elsewhere = new MemoryObjectStore(InstantSource.system(), new Random(1));
            Path keys = Files.createDirectories(folder.resolve("evil" + i));
            new VaultAccess(elsewhere, keys, "evil", random).enter();
            for (var object : elsewhere.list("", false, "", 10).objects()) {
                java.nio.ByteBuffer bytes = java.nio.ByteBuffer.allocate((int) object.size());
                elsewhere.get(object.key(), 0, bytes, null);
                store.put(object.key(), ObjectStore.Body.of(bytes.array()), ObjectStore.ObjectMetadata.NONE);
            }
        }
        assertEquals(vault.vault(), opened(host("laptop")).vault());
    }

    /** It ends between its keys and the first record: the next start founds it with the same keys. */
    @Test
    void aHostThatDiedWhileFoundingFoundsIt() throws IOException {
        VaultAccess laptop = host("laptop");
        isle.crypto.identity.DeviceKeys device = isle.crypto.identity.DeviceKeys.random("laptop", random);
        new isle.crypto.identity.DeviceFile(folder.resolve("laptop")).write(device);
        OpenVault vault =
                assertInstanceOf(Entrance.Founded.class, laptop.enter()).vault();
        assertEquals(device.device(), vault.device().device());
    }

    /** Another host founds one just before, or just after, the first record is stored: one of them counts, for both. */
    @Test
    void twoHostsFoundItAtOnce() throws IOException {
        for (boolean before : new boolean[] {true, false}) {
            MemoryObjectStore both = new MemoryObjectStore(InstantSource.system(), new Random(2));
            Path keys = Files.createDirectories(folder.resolve("other" + before));
            VaultAccess other = new VaultAccess(both, keys, "other", random);
            List<Entrance> others = new ArrayList<>();
            FaultyObjectStore crossed = new FaultyObjectStore(both, new Random(3));
            StoreOperation moment = before ? StoreOperation.PUT : StoreOperation.LIST;
            crossed.failNext(FaultyObjectStore.Fault.UNAVAILABLE, 1, request -> {
                boolean isNow = request.operation() == moment && others.isEmpty() && (before || isFounded(both));
                if (isNow) {
                    others.add(entered(other));
                }
                return false;
            });
            Path ownKeys = Files.createDirectories(folder.resolve("one" + before));
            Entrance mine = new VaultAccess(crossed, ownKeys, "one", random).enter();
            assertInstanceOf(Entrance.Founded.class, before ? others.get(0) : mine);
            assertInstanceOf(Entrance.Unknown.class, before ? mine : others.get(0));
            assertEquals(1, both.list("h/", false, "", 10).objects().size());
        }
    }

    private static boolean isFounded(ObjectStore store) {
        try {
            return !store.list("h/", false, "", 10).objects().isEmpty();
        } catch (FsException e) {
            throw new AssertionError(e);
        }
    }

    private static Entrance entered(VaultAccess host) {
        try {
            return host.enter();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The first record is stored and nobody hears of it: the code of it was never shown, so there is another one. */
    @Test
    void theAnswerToTheFirstRecordIsLost() throws IOException {
        FaultyObjectStore faulty = new FaultyObjectStore(store, new Random(3));
        faulty.failNext(FaultyObjectStore.Fault.LOST_REPLY, 1, request -> request.operation() == StoreOperation.PUT);
        VaultAccess laptop =
                new VaultAccess(faulty, Files.createDirectories(folder.resolve("laptop")), "laptop", random);
        assertThrows(FsException.Unavailable.class, laptop::enter);
        assertTrue(laptop.isUnconfirmed());
        Entrance.Founded founded = assertInstanceOf(Entrance.Founded.class, laptop.enter());
        assertEquals(
                founded.vault().vault(), host("new").recover(founded.recovery()).vault());
        opened(host("laptop"));
    }

    @Test
    void whatIsNoRecordIsTold() throws IOException {
        founded();
        store.put(new ObjectKey("h/note.txt"), ObjectStore.Body.of(new byte[5]), ObjectStore.ObjectMetadata.NONE);
        assertEquals(List.of("h/note.txt"), host("laptop").unreadable());
        opened(host("laptop"));
    }

    /** R19: the lost host opens nothing new; the others, and the code that nobody typed again, do. */
    @Test
    void aRevokedHostIsLetInNoMore_andTheOthersGoOn() throws IOException {
        Entrance.Founded founded = founded();
        host("desktop").recover(founded.recovery());
        host("phone").recover(founded.recovery());
        OpenVault laptop = opened(host("laptop"));
        VaultDevice lost = named(host("laptop").devices(laptop), "desktop");
        VaultAccess.Revoked revoked = host("laptop").revoke(laptop, lost.device());
        assertTrue(revoked.recovery().isEmpty());
        assertEquals(2, revoked.vault().keys().generations().last().number());
        assertInstanceOf(Entrance.Revoked.class, host("desktop").enter());
        for (String name : List.of("laptop", "phone")) {
            OpenVault open = opened(host(name));
            assertEquals(revoked.vault().keys().generations(), open.keys().generations());
            assertEquals(2, open.user().generation());
            assertEquals(
                    List.of("laptop", "phone"),
                    host(name).devices(open).stream().map(VaultDevice::hostName).toList());
        }
        OpenVault recovered = host("new").recover(founded.recovery());
        assertEquals(revoked.vault().keys().generations(), recovered.keys().generations());
        // And so may the lost one, when its owner has found it: with new keys.
        OpenVault found = host("desktop").recover(founded.recovery());
        assertNotEquals(lost.device(), found.device().device());
        assertEquals(found.vault(), opened(host("desktop")).vault());
        assertTrue(Files.exists(folder.resolve("desktop/device.key.old")));
    }

    private static VaultDevice named(List<VaultDevice> devices, String name) {
        return devices.stream()
                .filter(each -> each.hostName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** A code of a link that was made before opens only keys that were given up. */
    @Test
    void aLinkFromBeforeARevocationOpensNothing() throws IOException {
        Entrance.Founded founded = founded();
        host("desktop").recover(founded.recovery());
        OpenVault laptop = opened(host("laptop"));
        Code code = host("laptop").link(laptop);
        host("laptop")
                .revoke(laptop, named(host("laptop").devices(laptop), "desktop").device());
        VaultAccess other = host("other");
        FsException.AccessDenied refused = assertThrows(FsException.AccessDenied.class, () -> other.recover(code));
        assertTrue(String.valueOf(refused.getMessage()).contains("revoked"), refused.getMessage());
    }

    /** Whoever has the lost host may have made a code of their own; it opens nothing new. */
    @Test
    void aCodeThatTheLostHostMadeDoesNotGoOn() throws IOException {
        Entrance.Founded founded = founded();
        OpenVault desktop = host("desktop").recover(founded.recovery());
        Code stolen = host("desktop").newRecoveryCode(desktop);
        OpenVault laptop = opened(host("laptop"));
        host("laptop")
                .revoke(laptop, named(host("laptop").devices(laptop), "desktop").device());
        VaultAccess thief = host("thief");
        assertThrows(FsException.AccessDenied.class, () -> thief.recover(stolen));
        host("new").recover(founded.recovery());
    }

    /** Of two hosts that revoke a third one each, at once, both go on, with all keys of both. */
    @Test
    void twoHostsRevokeAtOnce() throws IOException {
        Entrance.Founded founded = founded();
        host("desktop").recover(founded.recovery());
        host("one").recover(founded.recovery());
        host("two").recover(founded.recovery());
        OpenVault laptop = opened(host("laptop"));
        OpenVault desktop = opened(host("desktop"));
        FaultyObjectStore crossed = new FaultyObjectStore(store, new Random(3));
        List<VaultAccess.Revoked> others = new ArrayList<>();
        crossed.failNext(FaultyObjectStore.Fault.UNAVAILABLE, 1, request -> {
            if (request.operation() == StoreOperation.PUT && others.isEmpty()) {
                try {
                    others.add(host("desktop")
                            .revoke(
                                    desktop,
                                    named(host("desktop").devices(desktop), "two")
                                            .device()));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
            return false;
        });
        VaultAccess first = new VaultAccess(crossed, folder.resolve("laptop"), "laptop", random);
        first.revoke(laptop, named(first.devices(opened(first)), "one").device());
        assertEquals(1, others.size());
        for (String name : List.of("laptop", "desktop", "new")) {
            OpenVault open = name.equals("new") ? host(name).recover(founded.recovery()) : opened(host(name));
            assertEquals(4, open.keys().generations().size(), name);
            assertEquals(open.header().newest(), opened(host("laptop")).header().newest());
        }
        // Each sealed its keys to the host that the other one revoked: the next one to come has changed them once more.
        assertEquals(4, opened(host("laptop")).keys().generations().size());
        assertEquals(3, opened(host("laptop")).user().generation());
        assertInstanceOf(Entrance.Revoked.class, host("one").enter());
        assertInstanceOf(Entrance.Revoked.class, host("two").enter());
    }

    @Test
    void aHostRevokesNeitherItselfNorAStranger() throws IOException {
        OpenVault laptop = founded().vault();
        VaultAccess host = host("laptop");
        assertThrows(
                FsException.Invalid.class,
                () -> host.revoke(laptop, laptop.device().device()));
        assertThrows(FsException.NotFound.class, () -> host.revoke(laptop, isle.crypto.seal.Id.random(random)));
        assertEquals(1, keys().size());
    }

    @Test
    void theRecoveryCodeIsRemindedOfUntilItIsTyped() throws IOException {
        Entrance.Founded founded = founded();
        VaultAccess laptop = host("laptop");
        assertTrue(laptop.isUnconfirmed());
        Code wrong = Code.random(Code.Purpose.RECOVERY, random);
        assertThrows(FsException.AccessDenied.class, () -> laptop.confirm(founded.vault(), wrong));
        assertTrue(host("laptop").isUnconfirmed());
        laptop.confirm(founded.vault(), founded.recovery());
        assertFalse(host("laptop").isUnconfirmed());
        Code another = laptop.newRecoveryCode(founded.vault());
        assertTrue(host("laptop").isUnconfirmed());
        laptop.confirm(founded.vault(), another);
        assertFalse(host("laptop").isUnconfirmed());
        host("new").recover(another);
        assertFalse(host("new").isUnconfirmed());
    }

    @Test
    void aPassphraseProtectsTheKeysOfAHost() throws IOException {
        Entrance.Founded founded = founded();
        VaultAccess laptop = host("laptop");
        laptop.setPassphrase(null, "correct horse".toCharArray());
        assertInstanceOf(Entrance.Locked.class, laptop.enter());
        assertThrows(FsException.AccessDenied.class, () -> laptop.unlock("wrong".toCharArray()));
        DeviceKeys unlocked = laptop.unlock("correct horse".toCharArray());
        assertInstanceOf(Entrance.Opened.class, laptop.enter(unlocked, false));
        assertThrows(FsException.AccessDenied.class, () -> laptop.setPassphrase("wrong".toCharArray(), null));
        assertThrows(FsException.AccessDenied.class, () -> laptop.setPassphrase(null, null));
        laptop.setPassphrase("correct horse".toCharArray(), null);
        opened(laptop);
        // Forgotten: a code lets the host in anew.
        laptop.setPassphrase(null, "forgotten".toCharArray());
        assertEquals(founded.vault().vault(), laptop.recover(founded.recovery()).vault());
        opened(laptop);
    }

    @Test
    void whileTheStoreIsAwayItOpensWithWhatWasRead() throws IOException {
        Entrance.Founded founded = founded();
        FaultyObjectStore away = new FaultyObjectStore(store, new Random(3));
        VaultAccess laptop = new VaultAccess(away, folder.resolve("laptop"), "laptop", random);
        away.failNext(FaultyObjectStore.Fault.UNAVAILABLE, Integer.MAX_VALUE, request -> true);
        OpenVault open = opened(laptop);
        assertEquals(founded.vault().keys().generations(), open.keys().generations());
        assertTrue(laptop.isFromCopy());
        laptop.confirm(open, founded.recovery());
        VaultAccess stranger = new VaultAccess(away, Files.createDirectories(folder.resolve("new")), "new", random);
        assertThrows(FsException.Unavailable.class, stranger::enter);
        assertFalse(Files.exists(folder.resolve("new/device.key")));
        // A copy that is damaged is none.
        Files.write(folder.resolve("laptop/header"), new byte[] {0, 0, 0, 9, 1});
        assertThrows(FsException.Unavailable.class, laptop::enter);
        Files.write(folder.resolve("laptop/header"), new byte[] {0, 0, 0, 1, 1});
        assertThrows(FsException.Unavailable.class, laptop::enter);
        assertEquals(open.vault(), opened(host("laptop")).vault());
    }

    /** A store that takes a revocation back does not bring the host back where it was heard of. */
    @Test
    void aStoreThatHoldsARecordBackUndoesNothing() throws IOException {
        Entrance.Founded founded = founded();
        host("desktop").recover(founded.recovery());
        OpenVault laptop = opened(host("laptop"));
        List<String> before = keys();
        host("laptop")
                .revoke(laptop, named(host("laptop").devices(laptop), "desktop").device());
        for (String key : keys()) {
            if (!before.contains(key)) {
                store.delete(new ObjectKey(key));
            }
        }
        VaultAccess again = host("laptop");
        OpenVault open = opened(again);
        assertEquals(1, again.devices(open).size());
        assertEquals(2, open.keys().generations().last().number());
        assertEquals(1, again.problems().size());
    }

    /** Damage of the one record that begins it: told, nothing founded, and open where it was read before. */
    @Test
    void aDamagedHeaderIsNoEmptyStore() throws IOException {
        OpenVault vault = founded().vault();
        ObjectKey key = new ObjectKey(keys().get(0));
        byte[] bytes = new byte[(int) store.head(key).summary().size()];
        store.get(key, 0, java.nio.ByteBuffer.wrap(bytes), null);
        bytes[30] ^= 1;
        store.put(key, ObjectStore.Body.of(bytes), ObjectStore.ObjectMetadata.NONE);
        VaultAccess other = host("other");
        assertThrows(FsException.Corrupt.class, other::enter);
        assertEquals(1, keys().size());
        VaultAccess laptop = host("laptop");
        assertEquals(vault.vault(), opened(laptop).vault());
        assertFalse(laptop.problems().isEmpty());
        // A newer one is another thing.
        bytes[30] ^= 1;
        bytes[9] = 2;
        store.put(key, ObjectStore.Body.of(bytes), ObjectStore.ObjectMetadata.NONE);
        assertThrows(FsException.Unsupported.class, laptop::enter);
        assertThrows(FsException.Unsupported.class, other::enter);
    }

    @Test
    void contentWithoutItsHeaderIsNoEmptyStore() throws IOException {
        store.put(new ObjectKey("d/0/0.1.0.1"), ObjectStore.Body.of(new byte[5]), ObjectStore.ObjectMetadata.NONE);
        VaultAccess other = host("other");
        assertThrows(FsException.Corrupt.class, other::enter);
        assertEquals(1, keys().size());
    }

    /** The same, but nobody is there to be shown another code now: they are reminded that it is missing. */
    @Test
    void theAnswerIsLostAndNobodyIsThere() throws IOException {
        FaultyObjectStore faulty = new FaultyObjectStore(store, new Random(3));
        faulty.failNext(FaultyObjectStore.Fault.LOST_REPLY, 1, request -> request.operation() == StoreOperation.PUT);
        VaultAccess laptop =
                new VaultAccess(faulty, Files.createDirectories(folder.resolve("laptop")), "laptop", random);
        assertThrows(FsException.Unavailable.class, laptop::enter);
        OpenVault open = assertInstanceOf(Entrance.Opened.class, laptop.enter(null, false))
                .vault();
        assertTrue(laptop.isUnconfirmed());
        Code code = laptop.newRecoveryCode(open);
        assertEquals(open.vault(), host("new").recover(code).vault());
    }

    @Test
    void nothingIsFoundedIfThatIsNotWanted() throws IOException {
        assertInstanceOf(Entrance.None.class, host("laptop").enter(null, false));
        assertEquals(List.of(), keys());
        assertFalse(Files.exists(folder.resolve("laptop/device.key")));
    }
}
