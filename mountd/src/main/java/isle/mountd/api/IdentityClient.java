package isle.mountd.api;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What the daemon can be asked about the identity of its person. Errors as of {@link DaemonClient}. */
public final class IdentityClient {

    private final DaemonClient daemon;
    private final Consumer<String> progress;

    /** @param progress takes texts for people that tell how it goes */
    public IdentityClient(DaemonClient daemon, Consumer<String> progress) {
        this.daemon = daemon;
        this.progress = progress;
    }

    /** How things stand. */
    public IdentityReport show() throws IOException {
        JsonObject line = daemon.call(request("identity"), Answers.progress(progress));
        return IdentityReport.ofJson(line.object("identity"));
    }

    /** Makes this host one of the user's, with a recovery code or with the code that another host shows. */
    public IdentityAnswer recover(String code) throws IOException {
        return answer(request("identity-recover").with("code", code));
    }

    /** A code with which another host can be let in, once. */
    public IdentityAnswer link() throws IOException {
        return answer(request("identity-link"));
    }

    /** All hosts of the user. */
    public List<DeviceReport> devices() throws IOException {
        List<DeviceReport> devices = new ArrayList<>();
        daemon.call(request("identity-devices"), (is, line, wire) -> {
            Answers.IGNORED.take(is, line, wire);
            if (is.equals("device")) {
                devices.add(DeviceReport.ofJson(line));
            }
        });
        return devices;
    }

    /**
     * Lets a host in no more. With a new recovery code if none of the earlier ones goes on to open the vault.
     *
     * @param device its id or the beginning of it, or its name
     */
    public IdentityAnswer revoke(String device) throws IOException {
        return answer(request("identity-revoke").with("device", device));
    }

    /** Proves that the recovery code was written down. */
    public IdentityAnswer confirm(String code) throws IOException {
        return answer(request("identity-confirm").with("code", code));
    }

    /** Makes another recovery code. */
    public IdentityAnswer newCode() throws IOException {
        return answer(request("identity-code"));
    }

    /**
     * Changes the passphrase of this host's keys.
     *
     * @param old what protects them now; empty if nothing does
     * @param passphrase the new one; empty for none
     */
    public IdentityAnswer passphrase(Optional<String> old, Optional<String> passphrase) throws IOException {
        return answer(request("identity-passphrase").with("old", old).with("new", passphrase));
    }

    /** Opens this host's keys until the daemon ends. */
    public IdentityAnswer unlock(String passphrase) throws IOException {
        return answer(request("identity-unlock").with("passphrase", passphrase));
    }

    private IdentityAnswer answer(JsonObject request) throws IOException {
        return IdentityAnswer.ofJson(daemon.call(request, Answers.progress(progress)));
    }

    private static JsonObject request(String verb) {
        return JsonObject.EMPTY.with("do", verb);
    }
}
