package isle.fs.journal;

/**
 * What an append with data answers.
 *
 * @param sequence number of the record
 * @param location where its data can be read from now on
 */
public record Appended(long sequence, DataLocation location) {}
