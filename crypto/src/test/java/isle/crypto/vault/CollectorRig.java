package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.tree.EntryRecord;
import isle.crypto.v1.PackStore;
import isle.crypto.vault.Collector.Collected;
import isle.crypto.vault.VaultCare.Unneeded;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Hosts of one vault that collect, days passing, and content that nothing names. */
abstract class CollectorRig {

    static final Id ROOT = VaultRig.VAULT;

    /** Days, a little more than T. */
    static final int LONG = 15;

    @TempDir
    Path folder;

    Instant now = Instant.parse("2030-01-01T00:00:00Z");
    final VaultRig rig = new VaultRig(() -> now);
    final Set<Id> devices = new LinkedHashSet<>();
    final Set<Id> headers = new HashSet<>();
    final List<Host> hosts = new ArrayList<>();
    Host one;
    Host two;

    /** A device of the vault, with what it knows. */
    final class Host {
        final Id device = rig.id();
        final VaultState state;
        final PastReader past;
        boolean quiet = true;
        boolean right = true;
        Duration clock = Duration.ZERO;
        private final Collector collector;

        Host(String name, Collecting rules) throws FsException {
            state = rig.state(folder.resolve(name));
            past = new PastReader(state, rig.packs, rig.parallel);
            collector = new Collector(
                    new Collector.Parts(state, rig.packs, rig.marks, past, rig.parallel, () -> now.plus(clock)),
                    new Collector.Self(
                            device, () -> new Collector.Known(devices, headers), () -> 1, rig::id, () -> quiet),
                    rules);
            devices.add(device);
            hosts.add(this);
        }

        Collected run() throws FsException {
            return collector.run(() -> {
                state.loadAll(() -> false);
                past.recheck();
                return right && state.problems().isEmpty() && past.problems().isEmpty();
            });
        }

        Unneeded outlook() throws FsException {
            return collector.outlook();
        }
    }

    @BeforeEach
    void open() throws FsException {
        one = new Host("one", Collecting.USUAL);
        two = new Host("two", Collecting.USUAL);
    }

    @AfterEach
    void close() {
        hosts.forEach(host -> host.state.close());
        rig.close();
    }

    void days(int count) {
        now = now.plus(Duration.ofDays(count));
    }

    /** As often as it takes for all that may go. */
    void daysOfAll(int count) throws FsException {
        for (int day = 0; day < count; day++) {
            days(1);
            for (Host host : hosts) {
                host.run();
            }
        }
    }

    Content.Block block(Id inode) throws FsException {
        byte[] bytes = rig.bytes(300);
        return rig.packs.put(
                inode, rig.id(), 1, ByteBuffer.wrap(bytes), ByteBuffer.allocate(PackStore.sealedBytes(300)));
    }

    static Content content(Content.Block... blocks) {
        return new Content.Blocks(List.of(blocks));
    }

    EntryRecord file(Id directory, String name, Content content, EntryRecord... replaced) {
        return rig.entry(directory, name, VaultRig.file(rig.id(), content), replaced);
    }

    boolean isThere(Content.Block block) throws FsException {
        return rig.keys().contains("b/" + block.object());
    }

    long marks() throws FsException {
        return rig.keys().stream().filter(key -> key.startsWith("m/")).count();
    }

    void days(int count, Host... speaking) throws FsException {
        for (int day = 0; day < count; day++) {
            days(1);
            for (Host host : speaking) {
                host.run();
            }
        }
    }
}
