package isle.mountd.api;

import java.util.Locale;

/** Why something was not done, as far as a script has to tell it apart; the command line has an exit code for each. */
public enum FailureKind {
    /** It failed, for the reason that the message gives. */
    FAILED,
    /** The request makes no sense: a wrong path, an option that contradicts another. */
    USAGE,
    /** No daemon of this profile runs. */
    NO_DAEMON,
    /** The store does not answer. */
    STORE_UNREACHABLE,
    /** What was waited for did not happen in time. */
    TIMED_OUT,
    /** It ended, but not everything is in the store yet. */
    NOT_STORED,
    /** Rights are missing, or the profile is bound to another store. */
    REFUSED,
    /** Another daemon has the profile. */
    PROFILE_IN_USE;

    /** The word for this kind on the socket. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The kind with this word; {@link #FAILED} for a word of a later version. */
    public static FailureKind ofWord(String word) {
        for (FailureKind kind : values()) {
            if (kind.word().equals(word)) {
                return kind;
            }
        }
        return FAILED;
    }
}
