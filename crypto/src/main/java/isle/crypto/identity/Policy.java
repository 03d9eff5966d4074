package isle.crypto.identity;

/**
 * What the members agreed on.
 *
 * @param retentionDays how long superseded versions are kept, in days; 0 keeps them only as long as the collection needs
 */
public record Policy(int retentionDays) implements Statement {
    public Policy {
        if (retentionDays < 0) {
            throw new IllegalArgumentException("a retention of " + retentionDays + " days");
        }
    }
}
