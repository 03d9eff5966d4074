package isle.crypto.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What two people see who worked in the same place without knowing of each other. */
class StoriesTest {

    /** Times are the 15th January of 2027 and a second for each record. */
    private static final String AT = " 2027-01-15 08.00.0";

    private final Story story = new Story();
    private final Story.Person alice = story.person("alice");
    private final Story.Person bob = story.person("bob");

    @BeforeEach
    void theyStartTogether() {
        alice.writes("/f.txt", "old");
        story.allMeet();
    }

    @Test
    void bothWrite_bothVersionsStay() {
        alice.writes("/f.txt", "hers");
        bob.writes("/f.txt", "his");
        story.allMeet();
        story.allSee("/f.txt=his", "/f (conflict alice" + AT + "2).txt=hers");
    }

    @Test
    void aCopyCanBeRenamedAndDropped() {
        bothWrite_bothVersionsStay();
        alice.moves("/f (conflict alice" + AT + "2).txt", "/mine.txt");
        story.allMeet();
        story.allSee("/f.txt=his", "/mine.txt=hers");
        alice.removes("/mine.txt");
        story.allMeet();
        story.allSee("/f.txt=his");
    }

    @Test
    void whoeverChangesTheNameKeepsTheCopy() {
        bothWrite_bothVersionsStay();
        bob.removes("/f.txt");
        story.allMeet();
        story.allSee("/f (conflict alice" + AT + "2).txt=hers");
        alice.writes("/f.txt", "new");
        story.allMeet();
        story.allSee("/f.txt=new", "/f (conflict alice" + AT + "2).txt=hers");
    }

    @Test
    void bothMakeTheCopyReal_itIsThereOnce() {
        bothWrite_bothVersionsStay();
        alice.removes("/f.txt");
        bob.writes("/f.txt", "next");
        story.allMeet();
        story.allSee("/f.txt=next", "/f (conflict alice" + AT + "2).txt=hers");
    }

    @Test
    void aDeletionBesideAWriteKeepsTheWrite() {
        alice.removes("/f.txt");
        bob.writes("/f.txt", "his");
        story.allMeet();
        story.allSee("/f.txt=his");
    }

    @Test
    void aDeletionBesideAttributesWins_alsoAfterACompaction() {
        alice.removes("/f.txt");
        bob.changesMode("/f.txt", 0700);
        alice.compacts("/");
        story.allMeet();
        story.allSee();
    }

    @Test
    void attributesBesideAWriteMakeNoCopy() {
        alice.writes("/f.txt", "hers");
        bob.changesMode("/f.txt", 0700);
        story.allMeet();
        story.allSee("/f.txt=hers");
    }

    @Test
    void attributesOfBothMerge_theLaterWins() {
        alice.changesMode("/f.txt", 0600);
        bob.changesMode("/f.txt", 0640);
        story.allMeet();
        story.allSee("/f.txt=old");
        assertEquals(0640, alice.mode("/f.txt"));
        assertEquals(0640, bob.mode("/f.txt"));
    }

    @Test
    void anOpenFileReplacesWhatWasOpened() {
        Story.Opened opened = alice.opens("/f.txt");
        bob.writes("/f.txt", "his");
        story.allMeet();
        alice.saves(opened, "hers");
        story.allMeet();
        story.allSee("/f.txt=hers", "/f (conflict bob" + AT + "2).txt=his");
    }

    @Test
    void bothMakeAFolder_itIsOne() {
        alice.makes("/d");
        alice.writes("/d/a", "1");
        bob.makes("/d");
        bob.writes("/d/b", "2");
        story.allMeet();
        story.allSee("/f.txt=old", "/d/", "/d/a=1", "/d/b=2");
        alice.moves("/d", "/e");
        story.allMeet();
        story.allSee("/f.txt=old", "/e/", "/e/a=1", "/e/b=2");
    }

    @Test
    void aFolderIsRemovedWhileSomebodyWritesInIt_itLives() {
        alice.makes("/d");
        story.allMeet();
        alice.removes("/d");
        bob.writes("/d/b", "2");
        story.allMeet();
        story.allSee("/f.txt=old", "/d/", "/d/b=2");
    }

    @Test
    void aFolderIsMovedWhileSomebodyWritesInIt() {
        alice.makes("/d");
        alice.makes("/e");
        story.allMeet();
        alice.moves("/d", "/e/d");
        bob.writes("/d/b", "2");
        story.allMeet();
        story.allSee("/f.txt=old", "/e/", "/e/d/", "/e/d/b=2");
    }

    @Test
    void bothMoveAFolder_theLaterWins() {
        alice.makes("/d");
        alice.makes("/e");
        story.allMeet();
        alice.moves("/d", "/e/d");
        bob.moves("/d", "/x");
        story.allMeet();
        // In place a name was changed only: the folder is where its register says.
        story.allSee("/f.txt=old", "/e/", "/e/d/");
    }

    @Test
    void eachMovesAFolderIntoTheOther_nothingIsLost() {
        alice.makes("/d");
        alice.makes("/e");
        alice.writes("/d/a", "1");
        alice.writes("/e/b", "2");
        story.allMeet();
        alice.moves("/d", "/e/d");
        bob.moves("/e", "/d/e");
        story.allMeet();
        story.allSee("/f.txt=old", "/e/", "/e/b=2", "/e/d/", "/e/d/a=1");
    }

    @Test
    void aHostDiesInTheMiddleOfAMove_theFolderIsSeen() {
        alice.makes("/d");
        alice.makes("/e");
        alice.writes("/d/a", "1");
        story.allMeet();
        alice.moves("/d", "/e/x", 1);
        story.allMeet();
        story.allSee("/f.txt=old", "/e/", "/e/x/", "/e/x/a=1");
    }

    @Test
    void aFileBesideAFolder() {
        alice.makes("/x");
        alice.writes("/x/a", "1");
        bob.writes("/x", "2");
        story.allMeet();
        story.allSee("/f.txt=old", "/x/", "/x/a=1", "/x (conflict bob" + AT + "5)=2");
    }

    /** R4a: attributes of two births get a birth of their own; else each of the two ends the other one. */
    @Test
    void bothRenameAlikeAndChangeAttributes_theFileStays() {
        alice.moves("/f.txt", "/g.txt");
        bob.moves("/f.txt", "/g.txt");
        bob.reads();
        alice.changesMode("/g.txt", 0600);
        alice.reads();
        bob.changesMode("/g.txt", 0640);
        alice.changesMode("/g.txt", 0644);
        story.allMeet();
        story.allSee("/g.txt=old");
    }

    @Test
    void aCopyIsMovedOntoTheNameThatItLost_itIsThereOnce() {
        bothWrite_bothVersionsStay();
        alice.moves("/f (conflict alice" + AT + "2).txt", "/f.txt");
        story.allMeet();
        story.allSee("/f.txt=hers");
    }

    @Test
    void theWinnerIsMovedOntoACopy_thatOneIsReplaced() {
        bothWrite_bothVersionsStay();
        alice.moves("/f.txt", "/f (conflict alice" + AT + "2).txt");
        story.allMeet();
        story.allSee("/f (conflict alice" + AT + "2).txt=his");
    }

    private void eachMovesAnEmptyFolderIntoTheOther() {
        alice.makes("/d");
        alice.makes("/e");
        story.allMeet();
        alice.moves("/d", "/e/d");
        bob.moves("/e", "/d/e");
        story.allMeet();
        story.allSee("/f.txt=old", "/e/", "/e/d/");
    }

    /** A removal is no move: it does not become the one of a cycle that is undone. */
    @Test
    void aFolderOfABrokenCycleIsRemoved_theOtherStaysWhereItIs() {
        eachMovesAnEmptyFolderIntoTheOther();
        alice.removes("/e/d");
        story.allMeet();
        story.allSee("/f.txt=old", "/e/");
    }

    /** Whoever takes a folder out of a broken cycle says where the others are. */
    @Test
    void aFolderOfABrokenCycleIsMoved_theOtherStaysWhereItIs() {
        eachMovesAnEmptyFolderIntoTheOther();
        alice.moves("/e/d", "/d");
        story.allMeet();
        story.allSee("/f.txt=old", "/e/", "/d/");
    }

    /** The same in two folders that are shown as one: what keeps it in one of them takes it out of the other one. */
    @Test
    void aFileInBothOfTwoMergedFoldersGetsAttributes_itStays() {
        alice.makes("/d");
        alice.moves("/f.txt", "/d/g.txt");
        bob.makes("/d");
        bob.moves("/f.txt", "/d/g.txt");
        bob.reads();
        alice.changesMode("/d/g.txt", 0600);
        alice.reads();
        bob.changesMode("/d/g.txt", 0640);
        alice.changesMode("/d/g.txt", 0644);
        story.allMeet();
        story.allSee("/d/", "/d/g.txt=old");
    }

    /** Whoever changes something in a folder that somebody else has removed makes it stay, as everybody sees it. */
    @Test
    void theLastFileOfARevivedFolderIsRemoved_theFolderStays() {
        alice.makes("/d");
        story.allMeet();
        alice.removes("/d");
        bob.writes("/d/b", "2");
        story.allMeet();
        alice.moves("/d/b", "/b");
        story.allMeet();
        story.allSee("/f.txt=old", "/d/", "/b=2");
        bob.removes("/d");
        story.allMeet();
        story.allSee("/f.txt=old", "/b=2");
    }
}
