package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.fs.model.FsException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** One life of a host that looks after the vault of a {@link VaultRig}. */
final class CareRig implements AutoCloseable {

    final VaultState state;
    final VaultCare care;
    Instant now = Instant.parse("2030-01-01T00:00:00Z");

    private final Outbox outbox;

    /** @param folder what it keeps; another life of the same host has the same */
    CareRig(VaultRig rig, Path folder) throws FsException {
        InstantSource clock = () -> now;
        LocalDisk disk = new LocalDisk(folder);
        state = new VaultState(rig.packs, VaultRig.VAULT, disk, rig.parallel, rig.random, VaultRig.FEW_RECORDS);
        outbox = new Outbox(new LocalDisk(folder.resolve("outbox")), VaultRig.VAULT, rig.packs, rig.parallel);
        VaultContent content = new VaultContent(rig.packs, state, outbox::promised, rig.parallel, rig::id);
        PastReader past = new PastReader(state, rig.packs, rig.parallel);
        Publisher publisher = new Publisher(
                new Publisher.Parts(state, rig.packs, outbox, content, rig.parallel, past),
                new Refs(VaultRig.VAULT),
                new Publisher.Writing("here", () -> 1, clock, rig.random));
        LostAndFound lost = new LostAndFound(state, publisher, VaultRig.VAULT, rig::id, clock);
        care = new VaultCare(
                new VaultCare.Parts(
                        state,
                        rig.packs,
                        publisher,
                        content,
                        rig.parallel,
                        new DamagedContent(),
                        new PutBack(state, rig.packs, () -> 1, rig::id),
                        lost,
                        new Examined(disk, VaultRig.VAULT, clock),
                        past,
                        collector(rig, past, clock),
                        clock),
                VaultRig.VAULT);
    }

    private Collector collector(VaultRig rig, PastReader past, InstantSource clock) {
        Id device = rig.id();
        return new Collector(
                new Collector.Parts(state, rig.packs, rig.marks, past, rig.parallel, clock),
                new Collector.Self(
                        device, () -> new Collector.Known(Set.of(device), Set.of()), () -> 1, rig::id, () -> true),
                Collecting.USUAL);
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    /** Without a word. */
    VaultCare.Report examine(boolean repair) throws FsException {
        return examine(repair, text -> {});
    }

    VaultCare.Report examine(boolean repair, Consumer<String> progress) throws FsException {
        return care.examine(repair, progress);
    }

    static List<Problem.Kind> kinds(VaultCare.Report report) {
        return report.alarms().stream().map(each -> each.problem().kind()).toList();
    }

    Set<String> names(Id directory) {
        return state.list(List.of(directory)).keySet();
    }

    @Override
    public void close() {
        outbox.close();
        state.close();
    }
}
