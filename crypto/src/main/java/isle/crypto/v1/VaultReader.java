package isle.crypto.v1;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.tree.Directory;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.Shown;
import isle.crypto.tree.Tree;
import isle.crypto.v1.IndexCodec.Section;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads a whole vault out of a store: what its packs say together, and the content of files. What cannot be read takes
 * nothing away (R2): it is told as a problem, and the rest is there. Not safe for several threads.
 */
public final class VaultReader {

    private static final int MOST_BYTES = Integer.MAX_VALUE - 8;

    private final PackStore packs;
    private final Id root;
    private final Map<Id, Directory> directories = new HashMap<>();
    private final Map<Id, PackKey> keys = new HashMap<>();
    private final Map<Id, Section> sections = new HashMap<>();
    private final List<Problem> problems = new ArrayList<>();

    /** What is wrong with a vault, without a name of anything in it. */
    public sealed interface Problem {
        /** An object that no isle wrote, by its key. */
        record Stranger(ObjectKey key) implements Problem {}

        /** A pack that cannot be opened; what it says is missing. */
        record Unreadable(PackKey pack, FsException why) implements Problem {}

        /** Somebody had read more of a directory than the store has, or a part of a compaction is missing. */
        record Missing(Id directory) implements Problem {}

        /** A device was set back to an older state and went on without noticing; both versions are kept. */
        record UsedTwice(Id directory) implements Problem {}
    }

    /**
     * @param packs of the vault
     * @param vault id of the vault, which is that of its root directory, too
     */
    public VaultReader(PackStore packs, Id vault) {
        this.packs = packs;
        this.root = vault;
    }

    /** Reads what is in the store and was not read before. */
    public void refresh() throws FsException {
        if (!refresh(false)) {
            refresh(true);
        }
    }

    /**
     * Once.
     *
     * @param again if it is the second time, what is listed and not there is missing (R12)
     * @return whether all was there that was listed
     */
    private boolean refresh(boolean again) throws FsException {
        problems.clear();
        boolean allThere = true;
        PackStore.Listed listed = packs.listAll();
        listed.strangers().forEach(key -> problems.add(new Problem.Stranger(key)));
        Set<Id> there = new TreeSet<>();
        for (PackKey key : listed.packs()) {
            there.add(key.pack());
            if (sections.containsKey(key.pack())) {
                continue;
            }
            try {
                Section section = packs.read(key);
                sections.put(key.pack(), section);
                keys.put(key.pack(), key);
                directories
                        .computeIfAbsent(key.directory(), d -> new Directory())
                        .add(section.pack());
            } catch (FsException.Corrupt | FsException.Unsupported | FsException.AccessDenied e) {
                problems.add(new Problem.Unreadable(key, e));
            } catch (FsException.NotFound e) {
                // A compaction has taken it in since the list; its root will be in the next one.
                there.remove(key.pack());
                allThere = false;
                if (again) {
                    problems.add(new Problem.Unreadable(key, e));
                }
            }
        }
        keys.keySet().retainAll(there);
        directories.forEach((id, directory) -> {
            if (!directory.missing().isEmpty() || directory.hasHalfACompaction()) {
                problems.add(new Problem.Missing(id));
            }
            if (!directory.usedTwice().isEmpty()) {
                problems.add(new Problem.UsedTwice(id));
            }
        });
        return allThere;
    }

    /** What is wrong, as far as the last refresh saw. */
    public List<Problem> problems() {
        return List.copyOf(problems);
    }

    /** What the vault shows. */
    public Tree tree() {
        return new Tree(directories, root);
    }

    /**
     * All bytes of a file, which has to fit into memory.
     *
     * @throws FsException.Corrupt its bytes are not what was written
     */
    public byte[] content(Shown file) throws FsException {
        Here state = file.state();
        long size = state.attributes().size();
        if (size > MOST_BYTES) {
            throw new FsException.TooLarge("a file of " + size + " bytes does not fit into memory");
        }
        if (length(state.content(), size) != size) {
            throw new FsException.Corrupt("a file has other bytes than its size says");
        }
        byte[] bytes = new byte[(int) size];
        ByteBuffer into = ByteBuffer.wrap(bytes);
        if (state.content() instanceof Content.Packed packed) {
            put(into, read(packed));
        } else if (state.content() instanceof Content.Blocks blocks) {
            put(into, state.inode(), blocks.blocks());
        } else if (state.content() instanceof Content.Tree tree) {
            TreeStore trees = new TreeStore(packs);
            for (TreeStore.Leaf leaf : trees.leaves(state.inode(), tree)) {
                put(into, state.inode(), trees.blocks(state.inode(), leaf));
            }
        }
        return bytes;
    }

    private void put(ByteBuffer into, Id file, List<Content.Block> blocks) throws FsException {
        for (Content.Block block : blocks) {
            put(into, packs.read(file, block));
        }
    }

    /** How many bytes a content has; as many as it should if it has none of its own. */
    private static long length(Content content, long size) {
        if (content instanceof Content.Packed packed) {
            return packed.length();
        }
        if (content instanceof Content.Blocks blocks) {
            return blocks.blocks().stream().mapToLong(Content.Block::length).sum();
        }
        return content instanceof Content.Tree tree ? tree.length() : size;
    }

    private static void put(ByteBuffer into, ByteBuffer more) throws FsException {
        if (more.remaining() > into.remaining()) {
            throw new FsException.Corrupt("a file has more bytes than its size says");
        }
        into.put(more);
    }

    private ByteBuffer read(Content.Packed content) throws FsException {
        PackKey key = keys.get(content.pack());
        Section section = sections.get(content.pack());
        if (key != null && section != null) {
            try {
                return packs.read(content, packs.in(key, section), 0, content.length());
            } catch (FsException.NotFound e) {
                // A compaction has taken it in since the list (R12).
                keys.remove(content.pack());
            }
        }
        return packs.read(content, packs.apart(content), 0, content.length());
    }
}
