package isle.crypto.tree;

import isle.crypto.seal.Id;
import java.util.List;

/** Where the bytes of a version are. Two versions with the same place have the same bytes. */
public sealed interface Content {

    /** No bytes, or none of its own (directories, symlinks, special files). */
    Content NONE = new None();

    /** See {@link #NONE}. */
    record None() implements Content {}

    /**
     * In the payload section of a pack.
     *
     * @param directory of that pack; a file that was moved since is in another one
     * @param pack the pack that it was written in; a compaction may have brought the payload to an object of this name
     * @param generation of the vault key that it is sealed under
     * @param offset in the plaintext of the payload section
     * @param length bytes
     */
    record Packed(Id directory, Id pack, int generation, long offset, int length) implements Content {}

    /** In objects of their own, in this order. */
    record Blocks(List<Block> blocks) implements Content {
        public Blocks {
            blocks = List.copyOf(blocks);
        }
    }

    /**
     * In blocks that a tree names: a root names leaves, they name blocks.
     *
     * @param root object with the list of leaves
     * @param length bytes of the content
     */
    record Tree(Block root, long length) implements Content {}

    /**
     * One sealed object.
     *
     * @param generation of the vault key that it is sealed under
     * @param length plain bytes
     */
    record Block(Id object, int generation, int length) {}
}
