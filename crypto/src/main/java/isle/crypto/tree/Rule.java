package isle.crypto.tree;

/**
 * The rules of the join, and of its writers, that a simulation can leave out, to be seen to need each of them. Numbers are those of
 * {@code crypto/FORMAT.md}.
 */
public enum Rule {
    /** R3: a change supersedes what its writer had before it, and nothing else. */
    R3_SUPERSEDE_WHAT_WAS_SEEN,
    /** R4: siblings with one inode and one content are one file. */
    R4_ONE_CONTENT_IS_ONE_FILE,
    /** R4: attributes that were changed beside a deletion or beside newer content do not bring the old content back. */
    R4_ATTRIBUTES_YIELD,
    /** R4: of two files under one name both are shown. */
    R4_BOTH_ARE_SHOWN,
    /** R4: two directories of one name are shown as one. */
    R4_DIRECTORIES_MERGE,
    /** R4: whoever changes a name makes the copies real that are shown of it. */
    R4_COPIES_ARE_KEPT,
    /** R5: later is told by Lamport time. */
    R5_LAMPORT_TIME,
    /** R6: a retry sends the same pack. */
    R6_RETRY_IS_THE_SAME,
    /** R6: what goes away goes last. */
    R6_WHAT_GOES_GOES_LAST,
    /** R7: who lost its state draws a new incarnation. */
    R7_NEW_INCARNATION,
    /** R7: of two records of one dot both are kept. */
    R7_BOTH_ARE_KEPT,
    /** R9: a compaction covers no dot that it has not read. */
    R9_NO_COVER_PAST_A_GAP,
    /** R9: a root without one of its parts says nothing. */
    R9_PARTS_ARE_NEEDED,
    /** R10: what dropped versions had superseded stays superseded. */
    R10_SURVIVORS_INHERIT,
    /** R10: content that has ended under a name stays ended. */
    R10_ENDED_STAYS_ENDED,
    /** R14: a directory is where it says, not where others say. */
    R14_PLACE_OUTRANKS,
    /** R14: of two names of a directory in one parent the later one is its name. */
    R14_ONE_NAME,
    /** R14: a cycle is broken. */
    R14_NO_CYCLES,
    /** R14: a removed directory in which something lives is alive. */
    R14_REMOVED_LIVES_WHILE_NEEDED,
    /** R14: a directory that its parent does not name is shown under the name that it knows. */
    R14_UNNAMED_IS_SHOWN,
    /** R14: a removed directory that is alive stays when something in it is changed. */
    R14_REVIVED_STAYS
}
