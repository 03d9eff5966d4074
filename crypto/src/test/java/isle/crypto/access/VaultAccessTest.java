package isle.crypto.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import isle.crypto.access.VaultAccess.Entrance;
import isle.crypto.identity.Code;
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
}
