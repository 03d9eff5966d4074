package isle.crypto.vault;

import isle.crypto.seal.Binding;
import isle.crypto.seal.Draws;
import isle.crypto.seal.Id;
import isle.crypto.seal.Role;
import isle.crypto.seal.Sealer;
import isle.crypto.tree.Content;
import isle.crypto.tree.Dot;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Origin;
import isle.crypto.tree.EntryRecord.Place;
import isle.crypto.tree.EntryRecord.Placed;
import isle.crypto.tree.EntryRecord.State;
import isle.crypto.tree.Pack;
import isle.crypto.v1.MarkStore;
import isle.crypto.v1.PackCodec.SealedPack;
import isle.crypto.v1.PackKey;
import isle.crypto.v1.PackStore;
import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.model.Timestamp;
import isle.fs.spi.ObjectStore;
import isle.fs.store.FaultyObjectStore;
import isle.fs.store.MemoryObjectStore;
import isle.fs.store.MeteredObjectStore;
import isle.fs.store.StoreOperation;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** A store with a vault in it, another host that writes to it, and what this host needs to read it. */
final class VaultRig implements AutoCloseable {

    static final Id VAULT = new Id(71, 72);

    /** In memory at a time: so few that directories go to rest and come back again and again. */
    static final int FEW_RECORDS = 4;

    private static final Timestamp TIME = new Timestamp(1_800_000_000L, 0);
    static final long OTHER_HOST = 4711;

    final SecureRandom random = Draws.of(5);
    final MemoryObjectStore memory;
    final MeteredObjectStore metered;
    final FaultyObjectStore faulty;
    final Map<Integer, List<Sealer>> keys = new HashMap<>();
    final PackStore packs;
    final MarkStore marks;
    final ExecutorService executor = Executors.newFixedThreadPool(4);
    final Parallel parallel = new Parallel(executor, 4);

    /** Called before each get, with its key. */
    volatile Consumer<String> beforeGet = key -> {};

    private final Map<Id, Long> counters = new HashMap<>();
    private long lamport;

    VaultRig() {
        this(InstantSource.system());
    }

    /** @param clock of the store */
    VaultRig(InstantSource clock) {
        memory = new MemoryObjectStore(clock, new Random(1));
        metered = new MeteredObjectStore(memory);
        faulty = new FaultyObjectStore(metered, new Random(2));
        keys.put(1, List.of(new Sealer(Draws.bytes(random, Sealer.KEY_BYTES))));
        ObjectStore watched = (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("get")) {
                        beforeGet.accept(arguments[0].toString());
                    }
                    try {
                        return method.invoke(faulty, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        packs = new PackStore(watched, VAULT, generation -> keys.getOrDefault(generation, List.of()));
        marks = new MarkStore(watched, VAULT, generation -> keys.getOrDefault(generation, List.of()));
    }

    Id id() {
        return Id.random(random);
    }

    byte[] bytes(int length) {
        return Draws.bytes(random, length);
    }

    VaultState state(Path folder) throws FsException {
        return new VaultState(packs, VAULT, new LocalDisk(folder), parallel, random, FEW_RECORDS);
    }

    /** The next record of the other host. */
    EntryRecord entry(Id directory, String name, State state, EntryRecord... replaced) {
        Dot dot = new Dot(OTHER_HOST, counters.merge(directory, 1L, Long::sum));
        List<Dot> dots = new ArrayList<>();
        for (EntryRecord each : replaced) {
            dots.add(each.dot());
        }
        return new EntryRecord(dot, name, new Origin(++lamport, "other", TIME), state, dot, dots, dots);
    }

    /** The register of a directory that is made. */
    EntryRecord madeIn(Id directory, Id parent, String name) {
        return entry(directory, EntryRecord.PLACE, new Placed(new Place(parent, name), null));
    }

    static Here folder(Id inode) {
        return new Here(inode, Attributes.of(FileKind.DIRECTORY, 0755, 1, 1, 0, TIME), Content.NONE);
    }

    static Here file(Id inode, Content content) {
        long size = VaultContent.length(content);
        return new Here(inode, Attributes.of(FileKind.FILE, 0644, 1, 1, size, TIME), content);
    }

    Here empty() {
        return file(id(), Content.NONE);
    }

    SealedPack sealed(Id directory, EntryRecord... records) throws FsException {
        return sealed(1, directory, records);
    }

    SealedPack sealed(int generation, Id directory, EntryRecord... records) throws FsException {
        Pack pack = new Pack(id(), directory, List.of(records), null, null, Map.of());
        return packs.codec(generation).seal(pack, 0, ByteBuffer.allocate(0));
    }

    /** What a later isle may write. */
    SealedPack later(Id directory) throws FsException {
        Id pack = id();
        ByteBuffer section = ByteBuffer.allocate((int) Sealer.paddedPlainSize(100));
        section.put(0, (byte) 2);
        Binding binding = new Binding(VAULT, 1, directory, pack, Role.INDEX);
        ByteBuffer sealed = keys.getOrDefault(1, List.of()).get(0).seal(binding, section);
        return new SealedPack(new PackKey(directory, 0, 1, pack, sealed.remaining()), sealed);
    }

    /** The other host commits. */
    SealedPack put(Id directory, EntryRecord... records) throws FsException {
        SealedPack sealed = sealed(directory, records);
        packs.put(sealed);
        return sealed;
    }

    void put(String key, byte[] bytes) throws FsException {
        memory.put(new ObjectKey(key), ObjectStore.Body.of(bytes), ObjectStore.ObjectMetadata.NONE);
    }

    byte[] get(String key) throws FsException {
        ObjectKey object = new ObjectKey(key);
        ByteBuffer bytes =
                ByteBuffer.allocate((int) memory.head(object).summary().size());
        memory.get(object, 0, bytes, null);
        return bytes.array();
    }

    List<String> keys() throws FsException {
        return memory.list("", false, "", 1000).objects().stream()
                .map(object -> object.key().value())
                .toList();
    }

    long gets() {
        return metered.snapshot().requests(StoreOperation.GET);
    }

    long requests() {
        return metered.snapshot().totalRequests();
    }

    static byte[] array(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return copy;
    }

    /** A disk that is full after so many bytes. */
    static final class SmallDisk extends LocalDisk {
        long room = Long.MAX_VALUE;

        SmallDisk(Path folder) throws FsException {
            super(folder);
        }

        @Override
        int write(FileChannel channel, ByteBuffer bytes, long at) throws IOException {
            if (bytes.remaining() <= room) {
                room -= bytes.remaining();
                return super.write(channel, bytes, at);
            }
            ByteBuffer fitting = bytes.slice(bytes.position(), (int) room);
            room = 0;
            super.write(channel, fitting, at);
            throw new IOException("No space left on device");
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
