package isle.mountd.api;

import java.util.Optional;

/**
 * Who this host is, and how {@code private/} is.
 *
 * @param state {@code open}, {@code none} (not begun), {@code needs-code}, {@code revoked}, {@code locked},
 *     {@code unreachable} or {@code refused}
 * @param sentence the same for people; empty if it is open
 * @param action what to do, one sentence; empty if nothing is
 * @param vault id of the vault, if it is known
 * @param user id of the user, if the vault is open
 * @param device id of this host, likewise
 * @param passphrase whether a passphrase protects this host's keys
 * @param confirmed whether no recovery code waits to be confirmed
 * @param shown whether the folder is there
 */
public record IdentityReport(
        String state,
        String sentence,
        String action,
        Optional<String> vault,
        Optional<String> user,
        Optional<String> device,
        boolean passphrase,
        boolean confirmed,
        boolean shown) {

    public JsonObject toJson() {
        return JsonObject.EMPTY
                .with("state", state)
                .with("sentence", sentence)
                .with("action", action)
                .with("vault", vault)
                .with("user", user)
                .with("device", device)
                .with("passphrase", passphrase)
                .with("confirmed", confirmed)
                .with("shown", shown);
    }

    static IdentityReport ofJson(JsonObject json) throws ProtocolException {
        return new IdentityReport(
                json.text("state"),
                json.optionalText("sentence").orElse(""),
                json.optionalText("action").orElse(""),
                json.optionalText("vault"),
                json.optionalText("user"),
                json.optionalText("device"),
                json.flag("passphrase"),
                json.flag("confirmed"),
                json.flag("shown"));
    }
}
