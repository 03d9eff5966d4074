package isle.crypto.tree;

import isle.crypto.seal.Id;
import java.util.List;

/** What one pack of a commit shall say, in the order in which dots and Lamport times are drawn for it. */
public record Drafts(Id directory, List<Draft> records) {

    public Drafts {
        records = List.copyOf(records);
    }
}
