package isle.crypto.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Draws;
import isle.crypto.seal.Id;
import isle.crypto.seal.Sealer;
import isle.crypto.tree.Content;
import isle.crypto.tree.EntryRecord.Gone;
import isle.crypto.tree.Writer;
import isle.crypto.v1.PackCodec.SealedPack;
import isle.crypto.vault.Problem.Kind;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Directories of which the store has lost what says where they are. */
class LostAndFoundTest {

    private static final Id ROOT = VaultRig.VAULT;

    @TempDir
    Path folder;

    private final VaultRig rig = new VaultRig();
    private final List<CareRig> open = new ArrayList<>();
    private final Id directory = rig.id();

    @AfterEach
    void close() {
        open.forEach(CareRig::close);
        rig.close();
    }

    private CareRig host(String name) throws FsException {
        CareRig host = new CareRig(rig, folder.resolve(name));
        open.add(host);
        return host;
    }

    private void lose(SealedPack... packs) throws FsException {
        for (SealedPack each : packs) {
            rig.memory.delete(each.key().key());
        }
    }

    private Id found(CareRig host) {
        return Objects.requireNonNull(host.state.list(List.of(ROOT)).get(LostAndFound.NAME))
                .directories()
                .get(0);
    }

    @Test
    void aFolderThatIsShownNowhereIsTold_andPutIntoLostAndFound() throws FsException {
        SealedPack entry = rig.put(ROOT, rig.entry(ROOT, "d", VaultRig.folder(directory)));
        SealedPack register = rig.put(directory, rig.madeIn(directory, ROOT, "d"));
        rig.put(directory, rig.entry(directory, "f", rig.empty()));
        lose(entry, register);
        CareRig host = host("a");
        VaultCare.Report told = host.examine(false);
        assertEquals(List.of(Kind.ADRIFT), CareRig.kinds(told));
        assertEquals(1, host.care.alarms().size());
        assertEquals(Set.of(), host.names(ROOT));

        VaultCare.Report repaired = host.examine(true);
        assertEquals(1, repaired.found());
        // What was lost is missing still, as the new pack has it now (R8).
        assertEquals(List.of(Kind.MISSING), CareRig.kinds(repaired));
        CareRig other = host("b");
        assertEquals(List.of(Kind.MISSING), CareRig.kinds(other.examine(true)));
        assertEquals(0, other.examine(true).found());
        for (CareRig each : List.of(host, other)) {
            assertEquals(Set.of(LostAndFound.NAME), each.names(ROOT));
            assertEquals(Set.of(directory.toString()), each.names(found(each)));
            assertEquals(Set.of("f"), each.names(directory));
        }

        // What was lost comes back: it is in one place, where it was put last.
        rig.packs.put(register);
        rig.packs.put(entry);
        assertEquals(List.of(), CareRig.kinds(other.examine(true)));
        assertEquals(Set.of(LostAndFound.NAME), other.names(ROOT));
        assertEquals(Set.of(directory.toString()), other.names(found(other)));
    }

    @Test
    void aFolderOfWhichNothingIsLeftHoldsWhatSaysItIsInIt() throws FsException {
        Id child = rig.id();
        rig.put(child, rig.madeIn(child, directory, "child"));
        rig.put(child, rig.entry(child, "f", rig.empty()));
        CareRig host = host("a");
        assertEquals(1, host.examine(true).found());
        assertEquals(Set.of(directory.toString()), host.names(found(host)));
        assertEquals(Set.of("child"), host.names(directory));
        assertEquals(Set.of("f"), host.names(child));
        // What is found later goes into the same folder.
        Id second = rig.id();
        rig.put(second, rig.entry(second, "g", rig.empty()));
        assertEquals(1, host.examine(true).found());
        assertEquals(Set.of(directory.toString(), second.toString()), host.names(found(host)));
    }

    @Test
    void aFolderInWhichNothingLivesIsLeftAlone() throws FsException {
        rig.put(directory, rig.entry(directory, "f", new Gone(null)));
        CareRig host = host("a");
        VaultCare.Report report = host.examine(true);
        assertEquals(List.of(), CareRig.kinds(report));
        assertEquals(0, report.found());
        assertEquals(Set.of(), host.names(ROOT));
    }

    private static int unregistered(CareRig host) {
        return host.state.ask((all, tree) -> tree.unregistered().size());
    }

    @Test
    void aFolderThatOnlyAnEntryNamesCanBeMovedAfterwards() throws FsException {
        rig.put(ROOT, rig.entry(ROOT, "d", VaultRig.folder(directory)));
        rig.put(directory, rig.entry(directory, "f", rig.empty()));
        CareRig host = host("a");
        assertEquals(List.of(), CareRig.kinds(host.examine(false)));
        assertEquals(1, unregistered(host));
        assertEquals(0, host.examine(true).found());
        assertEquals(0, unregistered(host));
        assertEquals(Set.of("d"), host.names(ROOT));
        host.state.ask((all, tree) -> {
            Writer writer = new Writer(tree);
            try {
                writer.moveDirectory(
                        List.of(rig.id()),
                        "d",
                        null,
                        List.of(directory),
                        VaultRig.folder(directory).attributes());
            } catch (FsException e) {
                throw new AssertionError(e);
            }
            return writer.drafts();
        });
    }

    /** Somebody else could read it. */
    @Test
    void nothingIsPutAnywhereWhileSomethingIsSealedUnderOtherKeys() throws FsException {
        rig.put(directory, rig.entry(directory, "f", rig.empty()));
        rig.keys.put(2, List.of(new Sealer(Draws.bytes(rig.random, Sealer.KEY_BYTES))));
        SealedPack locked = rig.sealed(2, directory, rig.madeIn(directory, ROOT, "d"));
        rig.packs.put(locked);
        List<Sealer> keys = rig.keys.remove(2);
        CareRig host = host("a");
        VaultCare.Report report = host.examine(true);
        assertEquals(0, report.found());
        assertEquals(Set.of(Kind.ADRIFT, Kind.KEY_UNKNOWN), Set.copyOf(CareRig.kinds(report)));
        rig.keys.put(2, keys);
        assertEquals(List.of(), CareRig.kinds(host.examine(true)));
        assertEquals(Set.of("d"), host.names(ROOT));
    }

    @Test
    void aFileOfThatNameStaysWhatItIs() throws FsException {
        rig.put(ROOT, rig.entry(ROOT, LostAndFound.NAME, rig.empty()));
        rig.put(directory, rig.entry(directory, "f", rig.empty()));
        CareRig host = host("a");
        assertEquals(1, host.examine(true).found());
        assertEquals(Set.of(LostAndFound.NAME, LostAndFound.NAME + "." + directory), host.names(ROOT));
    }

    /** Lists are not of one moment: what is being made is not taken for lost. */
    @Test
    void aFolderThatIsBeingMadeIsNotAdrift() throws FsException {
        Id child = rig.id();
        rig.put(child, rig.madeIn(child, directory, "child"), rig.entry(child, "f", rig.empty()));
        SealedPack register = rig.sealed(directory, rig.madeIn(directory, ROOT, "d"));
        rig.beforeGet = key -> {
            if (key.contains(child.toString())) {
                try {
                    rig.packs.put(register);
                } catch (FsException e) {
                    throw new AssertionError(e);
                }
            }
        };
        CareRig host = host("a");
        host.care.look();
        assertEquals(List.of(), host.care.alarms());
        assertEquals(Set.of("d"), host.names(ROOT));
    }

    /** The bytes of what a later isle has written: told as that, and nothing is put anywhere because of it. */
    @Test
    void aLaterFormatIsToldAsSuch() throws FsException {
        rig.put(ROOT, rig.entry(ROOT, "f", VaultRig.file(rig.id(), Content.NONE)));
        SealedPack later = rig.later(ROOT);
        rig.packs.put(later);
        CareRig host = host("a");
        VaultCare.Report report = host.examine(false);
        assertEquals(List.of(Kind.LATER_FORMAT), CareRig.kinds(report));
        assertEquals(1, host.care.alarms().size());
        assertEquals(Set.of("f"), host.names(ROOT));
        assertTrue(host.state.isLocked());
        assertTrue(host.state.shelf(ROOT, null).isEmpty(), "such a directory is not compacted");
        rig.memory.delete(new ObjectKey(later.key().key().value()));
        assertEquals(List.of(), CareRig.kinds(host.examine(false)));
    }
}
