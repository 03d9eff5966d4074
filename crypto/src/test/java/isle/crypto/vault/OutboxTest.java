package isle.crypto.vault;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import isle.crypto.seal.Id;
import isle.crypto.tree.Dot;
import isle.crypto.v1.PackCodec.SealedPack;
import isle.crypto.vault.Outbox.Batch;
import isle.crypto.vault.Outbox.Became;
import isle.fs.model.FsException;
import isle.fs.store.FaultyObjectStore.Fault;
import isle.fs.store.StoreOperation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutboxTest {

    private static final Id FIRST = new Id(1, 1);
    private static final Id SECOND = new Id(2, 2);

    @TempDir
    Path folder;

    private final VaultRig rig = new VaultRig();
    private VaultRig.SmallDisk disk;

    @BeforeEach
    void disk() throws FsException {
        disk = new VaultRig.SmallDisk(folder);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private Outbox open() throws FsException {
        return new Outbox(disk, VaultRig.VAULT, rig.packs, rig.parallel);
    }

    private SealedPack pack(Id directory) throws FsException {
        return rig.sealed(directory, rig.entry(directory, "name", rig.empty()));
    }

    private Batch batch(String token) throws FsException {
        return new Batch(
                List.of(List.of(pack(FIRST), pack(FIRST)), List.of(pack(SECOND))),
                Map.of(token, new Became(FIRST, new Dot(-5, 6))));
    }

    private static void assertSame(Batch expected, Batch found) {
        assertEquals(expected.tokens(), found.tokens());
        assertEquals(expected.phases(), found.phases());
    }

    private void assertArrived(Batch batch) throws FsException {
        for (SealedPack each : batch.packs()) {
            assertArrayEquals(
                    VaultRig.array(each.bytes()), rig.get(each.key().key().value()));
        }
    }

    @Test
    void whatIsWrittenIsSentByTheNextProcess_asItIs() throws IOException {
        Batch batch = batch("one");
        try (Outbox outbox = open()) {
            outbox.write(batch);
            rig.faulty.setDown(true);
            assertThrows(FsException.Unavailable.class, outbox::send);
            assertSame(batch, outbox.outstanding().orElseThrow());
            assertEquals(
                    new Became(FIRST, new Dot(-5, 6)), outbox.recognise("one").orElseThrow());
        }
        rig.faulty.setDown(false);
        try (Outbox outbox = open()) {
            assertSame(batch, outbox.outstanding().orElseThrow());
            outbox.send();
            assertArrived(batch);
            assertEquals(Optional.empty(), outbox.outstanding());
        }
        try (Outbox outbox = open()) {
            assertEquals(Optional.empty(), outbox.outstanding());
            assertEquals(
                    new Became(FIRST, new Dot(-5, 6)), outbox.recognise("one").orElseThrow());
            assertEquals(Optional.empty(), outbox.recognise("two"));
        }
    }

    @Test
    void aLostReplyMakesNothingTwice() throws IOException {
        Batch batch = batch("one");
        try (Outbox outbox = open()) {
            outbox.write(batch);
            rig.faulty.failNext(Fault.LOST_REPLY, 1, StoreOperation.PUT);
            assertThrows(FsException.Unavailable.class, outbox::send);
            outbox.send();
        }
        assertArrived(batch);
        assertEquals(3, rig.keys().size());
    }

    @Test
    void aPhaseWaitsForTheOneBeforeIt() throws IOException {
        Batch batch = batch("one");
        try (Outbox outbox = open()) {
            outbox.write(batch);
            String held = batch.packs().get(1).key().key().value();
            rig.faulty.failNext(Fault.UNAVAILABLE, 1, request -> request.key().equals(held));
            assertThrows(FsException.Unavailable.class, outbox::send);
            assertEquals(
                    0,
                    rig.keys().stream()
                            .filter(key -> key.contains(SECOND.toString()))
                            .count());
            long before = rig.metered.snapshot().requests(StoreOperation.PUT);
            outbox.send();
            assertEquals(2, rig.metered.snapshot().requests(StoreOperation.PUT) - before);
        }
        assertArrived(batch);
    }

    /** A crash after everything was sent and before that was noted. */
    @Test
    void whatHasArrivedMayBeSentOnceMore() throws IOException {
        Batch batch = batch("one");
        byte[] file;
        try (Outbox outbox = open()) {
            outbox.write(batch);
            file = Files.readAllBytes(folder.resolve(Outbox.FILE));
            outbox.send();
        }
        Files.write(folder.resolve(Outbox.FILE), file);
        try (Outbox outbox = open()) {
            assertSame(batch, outbox.outstanding().orElseThrow());
            outbox.send();
            assertEquals(
                    new Became(FIRST, new Dot(-5, 6)), outbox.recognise("one").orElseThrow());
        }
        assertArrived(batch);
        assertEquals(3, rig.keys().size());
    }

    @Test
    void oneAtATime() throws IOException {
        try (Outbox outbox = open()) {
            outbox.write(batch("one"));
            Batch next = batch("two");
            assertThrows(FsException.Busy.class, () -> outbox.write(next));
            outbox.send();
            outbox.write(next);
        }
    }

    @Test
    void aTornOrDamagedBatchIsNone() throws IOException {
        try (Outbox outbox = open()) {
            outbox.write(batch("one"));
        }
        Path file = folder.resolve(Outbox.FILE);
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length += 7) {
            Files.write(file, Arrays.copyOf(whole, length));
            try (Outbox outbox = open()) {
                assertEquals(Optional.empty(), outbox.outstanding(), "cut to " + length);
            }
            byte[] turned = whole.clone();
            turned[length] ^= 4;
            Files.write(file, turned);
            try (Outbox outbox = open()) {
                assertEquals(Optional.empty(), outbox.outstanding(), "byte " + length);
            }
        }
        Files.write(file, whole);
        try (Outbox outbox = open()) {
            assertEquals(3, outbox.outstanding().orElseThrow().packs().size());
        }
    }

    @Test
    void aFullDiskPromisesNothing() throws IOException {
        try (Outbox outbox = open()) {
            disk.room = 700;
            Batch batch = batch("one");
            assertThrows(FsException.NoSpace.class, () -> outbox.write(batch));
            assertEquals(Optional.empty(), outbox.outstanding());
            outbox.send();
            assertEquals(List.of(), rig.keys());
            try (var files = Files.list(folder)) {
                assertEquals(List.of(), files.toList());
            }
            disk.room = Long.MAX_VALUE;
            outbox.write(batch);
            disk.room = 10;
            assertThrows(FsException.NoSpace.class, outbox::send);
            assertArrived(batch);
            disk.room = Long.MAX_VALUE;
            outbox.send();
            assertEquals(Optional.empty(), outbox.outstanding());
        }
        try (Outbox outbox = open()) {
            assertEquals(FIRST, outbox.recognise("one").orElseThrow().directory());
        }
    }

    @Test
    void theLastTokensAreKept_andTheFileStaysSmall() throws IOException {
        int count = 3 * SentTokens.BATCHES;
        SentTokens tokens = new SentTokens(disk);
        for (int i = 1; i <= count; i++) {
            tokens.add(Map.of("token " + i, new Became(FIRST, new Dot(1, i))));
        }
        tokens.close();
        byte[] whole = Files.readAllBytes(folder.resolve(SentTokens.FILE));
        for (int cut = 0; cut < 3; cut++) {
            Files.write(folder.resolve(SentTokens.FILE), Arrays.copyOf(whole, whole.length - cut));
            SentTokens again = new SentTokens(disk);
            int last = cut == 0 ? count : count - 1;
            assertEquals(
                    new Dot(1, last), again.find("token " + last).orElseThrow().dot());
            assertEquals(cut == 0, again.find("token " + count).isPresent());
            assertEquals(Optional.empty(), again.find("token " + (last - SentTokens.BATCHES)));
            assertEquals(
                    true, again.find("token " + (last - SentTokens.BATCHES + 1)).isPresent());
            again.add(Map.of("more", new Became(SECOND, new Dot(1, 1))));
            again.close();
            SentTokens third = new SentTokens(disk);
            assertEquals(SECOND, third.find("more").orElseThrow().directory());
            assertEquals(
                    new Dot(1, last), third.find("token " + last).orElseThrow().dot());
        }
        assertEquals(true, whole.length < 2 * SentTokens.BATCHES * 100);
    }
}
