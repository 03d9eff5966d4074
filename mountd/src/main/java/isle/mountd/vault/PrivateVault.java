package isle.mountd.vault;

import isle.crypto.access.OpenVault;
import isle.crypto.access.VaultAccess;
import isle.crypto.access.VaultAccess.Entrance;
import isle.crypto.access.VaultDevice;
import isle.crypto.identity.Code;
import isle.crypto.identity.CodeProblem;
import isle.crypto.identity.DeviceKeys;
import isle.crypto.seal.Id;
import isle.fs.model.FsException;
import isle.mountd.api.DaemonException;
import isle.mountd.api.DeviceReport;
import isle.mountd.api.FailureKind;
import isle.mountd.api.IdentityReport;
import isle.mountd.config.Settings;
import isle.mountd.health.HealthCode;
import isle.mountd.health.HealthRegistry;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The vault of this host's person: whether it is open, what opens it, and what health says of it. One asks the store at a
 * time, so that nobody puts older keys in the place of newer ones; how things stand may be asked meanwhile.
 */
public final class PrivateVault {

    private static final String SUBJECT = Settings.PRIVATE;
    private static final String ANEW =
            "Let this host in again with the recovery code, or with a code that another host "
                    + "shows (isle identity link): isle identity recover";

    private final VaultAccess access;
    private final HealthRegistry health;
    private volatile @Nullable OpenVault vault;
    private volatile Standing standing = new Standing(VaultState.NONE, Optional.empty(), "", "");
    private String notShown = "";
    private @Nullable Code newCode;

    /**
     * How it is.
     *
     * @param vault id of the vault, where it is known
     * @param sentence for people; empty if it is open
     * @param action what to do
     */
    private record Standing(VaultState state, Optional<String> vault, String sentence, String action) {}

    public PrivateVault(VaultAccess access, HealthRegistry health) {
        this.access = access;
        this.health = health;
    }

    /** Whether the store has none. */
    public boolean isMissing() {
        return standing.state == VaultState.NONE;
    }

    /** The vault, if it is open. */
    public Optional<OpenVault> vault() {
        return Optional.ofNullable(vault);
    }

    /**
     * Opens it if this host can. That it cannot is told to health and to whoever asks, and is no error.
     *
     * @param unlocked this host's keys, if they are behind a passphrase that was given
     * @param mayFound whether to begin one where there is none; then somebody has to be shown {@link #takeNewCode}
     */
    public synchronized void enter(@Nullable DeviceKeys unlocked, boolean mayFound) {
        try {
            Entrance entrance = access.enter(unlocked, mayFound);
            if (entrance instanceof Entrance.Founded founded) {
                newCode = founded.recovery();
                opened(founded.vault());
            } else if (entrance instanceof Entrance.Opened opened) {
                opened(opened.vault());
            } else if (entrance instanceof Entrance.Unknown unknown) {
                closed(
                        VaultState.NEEDS_CODE,
                        unknown.vault(),
                        "You have a private/ in this store already, and this host cannot open it yet.",
                        "Type your recovery code, or a code that another host of yours shows (isle identity link): "
                                + "isle identity recover");
            } else if (entrance instanceof Entrance.Revoked revoked) {
                closed(
                        VaultState.REVOKED,
                        revoked.vault(),
                        "This host was revoked: it may open private/ no more.",
                        ANEW);
            } else if (entrance instanceof Entrance.Locked) {
                closed(
                        VaultState.LOCKED,
                        null,
                        "The keys of this host are behind a passphrase, so private/ is not shown.",
                        "Type the passphrase: isle identity unlock");
            } else {
                closed(VaultState.NONE, null, "There is no private/ yet.", "Begin it: isle mount");
            }
        } catch (IOException e) {
            unusable(e);
        }
    }

    /** Whether this host has opened it before, now or at an earlier start. */
    public boolean isKnown() {
        return access.isKnown();
    }

    /** That the bucket cannot be used, so that nothing can be said of the vault in it. */
    public void unusable(IOException e) {
        boolean damaged = e instanceof FsException.Corrupt || e instanceof FsException.Unsupported;
        boolean keys = e instanceof FsException.AccessDenied
                && String.valueOf(e.getMessage()).contains("chmod");
        String action = e instanceof FsException.Unsupported
                ? "Use that version of isle on this host, too."
                : damaged
                        ? "Nothing of it was changed. OPERATIONS.md says what can be done."
                        : keys
                                ? "Do so, then isle mount."
                                : "The other folders work. When the bucket can be used: isle mount";
        closed(
                damaged || keys ? VaultState.REFUSED : VaultState.UNREACHABLE,
                null,
                damaged || keys
                        ? "private/ cannot be opened. " + VaultProblems.sentence(e)
                        : "private/ is not shown, because its bucket cannot be used. " + VaultProblems.sentence(e),
                action);
    }

    /** That it is open, but its folder cannot be shown with what this host keeps of it. */
    public synchronized void cannotBeShown(IOException e) {
        notShown = "private/ is open, but cannot be shown. " + VaultProblems.sentence(e);
        tell();
    }

    private void opened(OpenVault open) {
        vault = open;
        standing = new Standing(VaultState.OPEN, Optional.of(open.vault().toString()), "", "");
        tell();
    }

    private void closed(VaultState state, @Nullable Id id, String sentence, String action) {
        vault = null;
        standing = new Standing(state, Optional.ofNullable(id).map(Id::toString), sentence, action);
        tell();
    }

    private void tell() {
        Standing now = standing;
        for (VaultState state : VaultState.values()) {
            state.code().ifPresent(code -> {
                boolean wrong = state == now.state;
                health.set(wrong, code, SUBJECT, wrong ? now.sentence : "", now.action);
            });
        }
        if (now.state == VaultState.OPEN && !notShown.isEmpty()) {
            health.raise(
                    HealthCode.PRIVATE_REFUSED,
                    SUBJECT,
                    notShown,
                    "Nothing of it was changed. isle doctor looks at the disk and the rights.");
        }
        health.set(
                access.isUnconfirmed() && now.state == VaultState.OPEN,
                HealthCode.RECOVERY_CODE_UNCONFIRMED,
                SUBJECT,
                "Nobody has confirmed that the recovery code of private/ was written down; without it, losing this host"
                        + " may mean losing private/.",
                "Type it once: isle identity confirm. If it is lost: isle identity confirm --new");
        List<String> problems = access.problems();
        health.set(
                !problems.isEmpty() && now.state == VaultState.OPEN,
                HealthCode.PRIVATE_HEADER_DAMAGED,
                SUBJECT,
                problems.isEmpty() ? "" : "The header of private/ is damaged: " + problems.get(0) + ".",
                "private/ is open with what is left, and with what this host has kept. Check the store.");
    }

    /** Looks again at what the store says, for as long as it is open: keys may be new, this host may have been revoked. */
    synchronized void refresh() {
        OpenVault open = vault;
        if (open != null) {
            try {
                Entrance entrance = access.enter(open.device(), false);
                if (entrance instanceof Entrance.Opened again) {
                    opened(again.vault());
                } else if (entrance instanceof Entrance.Revoked revoked) {
                    // What is shown stays as it is until the next start.
                    standing = new Standing(
                            VaultState.REVOKED,
                            Optional.of(revoked.vault().toString()),
                            "This host was revoked: what others write in private/ from now on it cannot read.",
                            ANEW);
                    tell();
                }
            } catch (IOException e) {
                // Whoever needs the store tells that it is away, and the next start what else is wrong.
            }
        }
    }

    /** Whether what is known of the header is old, because the store was away. */
    public boolean isFromCopy() {
        return access.isFromCopy();
    }

    /** The recovery code of a vault that has begun, once. */
    public synchronized Optional<Code> takeNewCode() {
        Optional<Code> code = Optional.ofNullable(newCode);
        newCode = null;
        return code;
    }

    /**
     * How it is.
     *
     * @param shown whether the folder is there
     */
    public IdentityReport report(boolean shown) throws DaemonException {
        Optional<OpenVault> open = vault();
        Standing now = standing;
        try {
            return new IdentityReport(
                    now.state.word(),
                    now.sentence,
                    now.action,
                    now.vault,
                    open.map(each -> each.user().user().toString()),
                    open.map(each -> each.device().device().toString()),
                    access.isLocked(),
                    !access.isUnconfirmed(),
                    shown);
        } catch (IOException e) {
            throw VaultProblems.of(e, now.action);
        }
    }

    /**
     * Makes this host one of the person's.
     *
     * @param typed a recovery code, or one of {@link #link}
     */
    public synchronized void recover(String typed, @Nullable DeviceKeys unlocked) throws DaemonException {
        if (standing.state == VaultState.OPEN) {
            throw new DaemonException(
                    FailureKind.USAGE, "private/ is open on this host already.", "No code is needed here.");
        }
        try {
            opened(access.recover(Code.parse(typed), unlocked));
        } catch (CodeProblem e) {
            throw VaultProblems.of(e);
        } catch (IOException e) {
            throw VaultProblems.of(
                    e,
                    "Compare it with what was written down; a new code is shown by isle identity link on a host that has"
                            + " private/.");
        }
    }

    /** A code that lets another host in. */
    public synchronized Code link() throws DaemonException {
        try {
            return access.link(latest());
        } catch (IOException e) {
            throw VaultProblems.of(e, "See isle identity show.");
        }
    }

    public synchronized List<DeviceReport> devices() throws DaemonException {
        return access.devices(latest()).stream()
                .map(each -> new DeviceReport(each.device().toString(), each.hostName(), each.own()))
                .toList();
    }

    /**
     * Lets a host in no more.
     *
     * @param named its id, the beginning of it, or its name
     * @return a new recovery code, if no earlier one goes on
     */
    public synchronized Optional<Code> revoke(String named) throws DaemonException {
        OpenVault open = latest();
        Id device = device(named, access.devices(open));
        if (device.equals(open.device().device())) {
            throw new DaemonException(
                    FailureKind.REFUSED,
                    "That is this host, and a host does not revoke itself.",
                    "Revoke it from another host of yours.");
        }
        try {
            VaultAccess.Revoked revoked = access.revoke(open, device);
            opened(revoked.vault());
            return revoked.recovery();
        } catch (IOException e) {
            throw VaultProblems.of(e, "See isle identity devices.");
        }
    }

    private static Id device(String named, List<VaultDevice> devices) throws DaemonException {
        String text = named.strip();
        List<VaultDevice> found = devices.stream()
                .filter(each -> each.hostName().equals(text)
                        || (!text.isEmpty() && each.device().toString().startsWith(text.toLowerCase(Locale.ROOT))))
                .toList();
        if (found.size() != 1) {
            throw new DaemonException(
                    FailureKind.USAGE,
                    found.isEmpty() ? "There is no host of that id or name." : "Several hosts have that name.",
                    "isle identity devices lists all hosts with their ids.");
        }
        return found.get(0).device();
    }

    /** The recovery code was typed again. */
    public synchronized void confirm(String typed) throws DaemonException {
        try {
            access.confirm(open(), Code.parse(Code.Purpose.RECOVERY, typed));
        } catch (CodeProblem e) {
            throw VaultProblems.of(e);
        } catch (IOException e) {
            throw VaultProblems.of(
                    e,
                    "Compare it with what was written down; if it is lost, another one: isle identity confirm --new");
        }
        tell();
    }

    /** Another recovery code, which somebody has to be shown. */
    public synchronized Code newRecoveryCode() throws DaemonException {
        try {
            Code code = access.newRecoveryCode(latest());
            tell();
            return code;
        } catch (IOException e) {
            throw VaultProblems.of(e, "See isle identity show.");
        }
    }

    /** Protects this host's keys by a passphrase, or no more. */
    public synchronized void passphrase(Optional<String> old, Optional<String> passphrase) throws DaemonException {
        char[] before = old.map(String::toCharArray).orElse(null);
        char[] after = passphrase.map(String::toCharArray).orElse(null);
        try {
            access.setPassphrase(before, after);
        } catch (IOException e) {
            throw VaultProblems.of(
                    e,
                    "Nothing was changed. Without the passphrase, only a code lets this host in again: "
                            + "isle identity recover");
        } finally {
            wipe(before);
            wipe(after);
        }
    }

    /** This host's keys, from behind their passphrase. */
    public DeviceKeys unlock(String passphrase) throws DaemonException {
        char[] chars = passphrase.toCharArray();
        try {
            return access.unlock(chars);
        } catch (IOException e) {
            throw VaultProblems.of(
                    e, "Type it again; if it is forgotten, a code lets this host in anew: isle identity recover");
        } finally {
            wipe(chars);
        }
    }

    private static void wipe(char @Nullable [] chars) {
        if (chars != null) {
            Arrays.fill(chars, '\0');
        }
    }

    /** As the store has it now, or, while it is away, as it was heard of last. */
    private OpenVault latest() throws DaemonException {
        refresh();
        return open();
    }

    private OpenVault open() throws DaemonException {
        OpenVault open = vault;
        Standing now = standing;
        if (open == null || now.state != VaultState.OPEN) {
            throw new DaemonException(FailureKind.REFUSED, now.sentence, now.action);
        }
        return open;
    }
}
