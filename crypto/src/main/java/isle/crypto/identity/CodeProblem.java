package isle.crypto.identity;

/**
 * Why what a person typed is no code. The message is for that person; it says where to look and never repeats what was
 * typed.
 */
public abstract sealed class CodeProblem extends Exception {

    private static final long serialVersionUID = 1L;

    private CodeProblem(String message) {
        super(message);
    }

    /** Too few or too many characters. */
    public static final class WrongLength extends CodeProblem {
        private static final long serialVersionUID = 1L;

        WrongLength(int characters) {
            super("a code has " + Code.CHARACTERS + " letters and digits, not " + characters);
        }
    }

    /** A character that no code has. */
    public static final class WrongCharacter extends CodeProblem {
        private static final long serialVersionUID = 1L;

        private final int position;

        WrongCharacter(int position) {
            super("character " + position
                    + " of the code is none that codes have: they have digits and letters, but no U");
            this.position = position;
        }

        /** Which letter or digit, from 1; spaces and dashes do not count. */
        public int position() {
            return position;
        }
    }

    /** Length and characters are right, but a character is another than was shown, or it is a code for something else. */
    public static final class CheckFails extends CodeProblem {
        private static final long serialVersionUID = 1L;

        CheckFails(Code.Purpose purpose) {
            super("this is no " + purpose.title()
                    + ": a character is wrong, or two are swapped, or it is another kind of code");
        }
    }
}
