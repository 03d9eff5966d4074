package isle.mountd.vault;

import isle.crypto.identity.CodeProblem;
import isle.fs.model.FsException;
import isle.mountd.api.DaemonException;
import isle.mountd.api.FailureKind;
import java.io.IOException;
import java.util.Locale;

/** What people are told when something about a vault's keys goes wrong. */
final class VaultProblems {

    private VaultProblems() {}

    /** That what was typed is no code. */
    static DaemonException of(CodeProblem e) {
        return new DaemonException(
                FailureKind.REFUSED,
                sentence(e),
                "Compare it with what was written down or is shown, character by character, and type it again.");
    }

    /** @param action what to do if it was refused */
    static DaemonException of(IOException e, String action) {
        if (e instanceof DaemonException known) {
            return known;
        }
        if (e instanceof FsException.AccessDenied) {
            return new DaemonException(FailureKind.REFUSED, sentence(e), action);
        }
        if (e instanceof FsException fs && fs.isTransient()) {
            return new DaemonException(
                    FailureKind.STORE_UNREACHABLE,
                    "The store of private/ does not answer: " + e.getMessage() + ".",
                    "Nothing was changed that cannot be repeated; try again when it is back.");
        }
        return new DaemonException(FailureKind.FAILED, sentence(e), "isle identity show and isle doctor tell more.");
    }

    /** A message as one sentence. */
    static String sentence(Exception e) {
        String text = String.valueOf(e.getMessage());
        String end = text.endsWith("?") || text.endsWith(".") ? "" : ".";
        return text.isEmpty() ? "It failed." : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1) + end;
    }
}
