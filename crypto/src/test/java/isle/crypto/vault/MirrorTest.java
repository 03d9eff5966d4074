package isle.crypto.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Id;
import isle.crypto.v1.PackKey;
import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MirrorTest {

    private static final Id VAULT = new Id(1, 2);
    private static final Id DIRECTORY = new Id(3, 4);

    @TempDir
    Path folder;

    private VaultRig.SmallDisk disk;
    private final Random random = new Random(9);
    private final Map<PackKey, ByteBuffer> all = new LinkedHashMap<>();

    @BeforeEach
    void disk() throws FsException {
        disk = new VaultRig.SmallDisk(folder);
    }

    private PackKey draw(int length) {
        byte[] index = new byte[length];
        random.nextBytes(index);
        PackKey key = new PackKey(DIRECTORY, 0, 1, new Id(random.nextLong(), random.nextLong()), length);
        all.put(key, ByteBuffer.wrap(index));
        return key;
    }

    private void add(Mirror mirror, PackKey key) throws FsException {
        ByteBuffer index = all.get(key);
        if (index != null) {
            mirror.add(key, index);
        }
    }

    private Map<PackKey, ByteBuffer> found() throws FsException {
        Map<PackKey, ByteBuffer> found = new LinkedHashMap<>();
        open(found).close();
        return found;
    }

    private Mirror open(Map<PackKey, ByteBuffer> found) throws FsException {
        return Mirror.open(disk, VAULT, (key, index) -> found.put(key, ByteBuffer.wrap(VaultRig.array(index))));
    }

    private byte[] written(int packs) throws IOException {
        try (Mirror mirror = open(new LinkedHashMap<>())) {
            for (int i = 0; i < packs; i++) {
                add(mirror, draw(256));
            }
            mirror.addListed(DIRECTORY);
            mirror.force();
        }
        return Files.readAllBytes(folder.resolve(Mirror.FILE));
    }

    @Test
    void whatIsAddedIsThereAtTheNextStart_once() throws IOException {
        written(3);
        assertEquals(all, found());
        try (Mirror mirror = open(new LinkedHashMap<>())) {
            assertEquals(Set.of(DIRECTORY), mirror.listed());
            long size = Files.size(folder.resolve(Mirror.FILE));
            add(mirror, all.keySet().iterator().next());
            assertEquals(size, Files.size(folder.resolve(Mirror.FILE)));
        }
        assertEquals(all, found());
    }

    @Test
    void cutAtAnyByteOfTheLastEntry_theOthersAreThere() throws IOException {
        byte[] two = written(2);
        PackKey last = draw(256);
        try (Mirror mirror = open(new LinkedHashMap<>())) {
            add(mirror, last);
        }
        byte[] whole = Files.readAllBytes(folder.resolve(Mirror.FILE));
        Map<PackKey, ByteBuffer> before = new LinkedHashMap<>(all);
        before.remove(last);
        for (int length = two.length; length < whole.length; length++) {
            Files.write(folder.resolve(Mirror.FILE), Arrays.copyOf(whole, length));
            Map<PackKey, ByteBuffer> found = new LinkedHashMap<>();
            try (Mirror mirror = open(found)) {
                assertEquals(before, found, "cut to " + length);
                assertEquals(length == two.length ? Set.of(DIRECTORY) : Set.of(), mirror.listed(), "cut to " + length);
                add(mirror, last);
            }
            assertEquals(all, found(), "cut to " + length);
        }
    }

    @Test
    void aTurnedBitIsNeverServed_andNoDirectoryCountsAsWholeAfterIt() throws IOException {
        byte[] whole = written(3);
        for (int at = 0; at < whole.length; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(folder.resolve(Mirror.FILE), damaged);
            Map<PackKey, ByteBuffer> found = new LinkedHashMap<>();
            try (Mirror mirror = open(found)) {
                assertTrue(all.entrySet().containsAll(found.entrySet()), "byte " + at);
                assertEquals(Set.of(), mirror.listed(), "byte " + at);
            }
        }
    }

    @Test
    void aDamagedEntryTakesNoOtherAlong() throws IOException {
        byte[] whole = written(3);
        whole[100] ^= 1;
        Files.write(folder.resolve(Mirror.FILE), whole);
        assertEquals(2, found().size());
    }

    @Test
    void thatOfAnotherVaultIsForgotten() throws IOException {
        written(3);
        try (Mirror mirror =
                Mirror.open(disk, new Id(8, 8), (key, index) -> assertEquals(null, key, "another vault's"))) {
            assertEquals(Set.of(), mirror.listed());
        }
        assertEquals(Map.of(), found());
    }

    @Test
    void itIsWrittenAnewWhenMostOfItIsDead() throws IOException {
        try (Mirror mirror = open(new LinkedHashMap<>())) {
            mirror.addListed(DIRECTORY);
            for (int i = 0; i < 100; i++) {
                add(mirror, draw(8192));
            }
            mirror.force();
            long full = Files.size(folder.resolve(Mirror.FILE));
            for (PackKey key : all.keySet().stream().skip(30).toList()) {
                mirror.drop(key);
                all.remove(key);
            }
            mirror.force();
            assertTrue(Files.size(folder.resolve(Mirror.FILE)) < full / 3);
            add(mirror, draw(300));
        }
        Map<PackKey, ByteBuffer> found = new LinkedHashMap<>();
        try (Mirror mirror = open(found)) {
            assertEquals(all, found);
            assertEquals(Set.of(DIRECTORY), mirror.listed());
        }
    }

    @Test
    void aFullDiskLosesNothingThatWasThere() throws IOException {
        written(2);
        PackKey more = draw(4000);
        try (Mirror mirror = open(new LinkedHashMap<>())) {
            disk.room = 1000;
            assertThrows(FsException.NoSpace.class, () -> add(mirror, more));
            disk.room = Long.MAX_VALUE;
            PackKey next = draw(256);
            add(mirror, next);
            all.remove(more);
        }
        Map<PackKey, ByteBuffer> found = new LinkedHashMap<>();
        try (Mirror mirror = open(found)) {
            assertEquals(all, found);
            assertEquals(Set.of(DIRECTORY), mirror.listed());
        }
    }
}
