package isle.mountd;

import isle.crypto.identity.Code;
import isle.crypto.identity.DeviceKeys;
import isle.mountd.api.DaemonException;
import isle.mountd.api.DeviceReport;
import isle.mountd.api.IdentityAnswer;
import isle.mountd.api.IdentityReport;
import isle.mountd.local.IdentityService;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The identity of the person, as the socket asks for it. */
final class DaemonIdentity implements IdentityService {

    private final Daemon daemon;

    DaemonIdentity(Daemon daemon) {
        this.daemon = daemon;
    }

    @Override
    public IdentityReport show(Consumer<String> progress) throws DaemonException {
        Engine engine = daemon.opened(progress);
        return engine.vault().report(engine.isVaultShown());
    }

    @Override
    public IdentityAnswer recover(String code, Consumer<String> progress) throws DaemonException {
        return daemon.withEngine(progress, engine -> {
            engine.vault().recover(code, daemon.unlocked());
            daemon.useKeys(engine.vault().vault().orElseThrow().device());
            List<String> notes = new ArrayList<>(List.of("This host may open private/ now."));
            notes.addAll(daemon.showVault(progress));
            return new IdentityAnswer(Optional.empty(), notes);
        });
    }

    @Override
    public IdentityAnswer link(Consumer<String> progress) throws DaemonException {
        return daemon.withEngine(
                progress,
                engine -> new IdentityAnswer(
                        Optional.of(engine.vault().link().show()),
                        List.of("Type it on the other host, once: isle identity recover")));
    }

    @Override
    public List<DeviceReport> devices(Consumer<String> progress) throws DaemonException {
        return daemon.opened(progress).vault().devices();
    }

    @Override
    public IdentityAnswer revoke(String device, Consumer<String> progress) throws DaemonException {
        return daemon.withEngine(progress, engine -> {
            Optional<Code> recovery = engine.vault().revoke(device);
            List<String> notes = new ArrayList<>();
            notes.add("That host cannot read what is written to private/ from now on; what it could read before, it may"
                    + " have kept.");
            notes.add(
                    recovery.isEmpty()
                            ? "Your recovery code goes on to open private/."
                            : "This is a new recovery code; the old one opens only what was there before. Write it down,"
                                    + " then: isle identity confirm");
            notes.add("If the host knew the keys of the store, change those, too.");
            return new IdentityAnswer(recovery.map(Code::show), notes);
        });
    }

    @Override
    public IdentityAnswer confirm(String code, Consumer<String> progress) throws DaemonException {
        return daemon.withEngine(progress, engine -> {
            engine.vault().confirm(code);
            return new IdentityAnswer(Optional.empty(), List.of("The code is right. Keep it where you find it again."));
        });
    }

    @Override
    public IdentityAnswer newCode(Consumer<String> progress) throws DaemonException {
        return daemon.withEngine(
                progress,
                engine -> new IdentityAnswer(
                        Optional.of(engine.vault().newRecoveryCode().show()),
                        List.of("Write it down, then: isle identity confirm. Earlier codes go on to open private/.")));
    }

    @Override
    public IdentityAnswer passphrase(Optional<String> old, Optional<String> passphrase, Consumer<String> progress)
            throws DaemonException {
        return daemon.withEngine(progress, engine -> {
            engine.vault().passphrase(old, passphrase);
            engine.vault().vault().ifPresent(open -> daemon.useKeys(open.device()));
            return new IdentityAnswer(
                    Optional.empty(),
                    List.of(
                            passphrase.isPresent()
                                    ? "From the next start on, isle identity unlock asks for it."
                                    : "No passphrase protects the keys of this host any more."));
        });
    }

    @Override
    public IdentityAnswer unlock(String passphrase, Consumer<String> progress) throws DaemonException {
        return daemon.withEngine(progress, engine -> {
            if (engine.vault().vault().isPresent()) {
                return new IdentityAnswer(Optional.empty(), List.of("private/ is open already."));
            }
            DeviceKeys keys = engine.vault().unlock(passphrase);
            daemon.useKeys(keys);
            engine.vault().enter(keys, false);
            return new IdentityAnswer(Optional.empty(), daemon.showVault(progress));
        });
    }
}
