package isle.mountd.local;

import isle.mountd.api.DeviceReport;
import isle.mountd.api.IdentityAnswer;
import isle.mountd.api.JsonObject;
import java.io.IOException;
import java.util.Map;

/** The verbs that concern the identity of the person. */
final class IdentityHandlers {

    private final IdentityService identity;

    IdentityHandlers(IdentityService identity) {
        this.identity = identity;
    }

    void addTo(Map<String, Handler> table) {
        table.put("identity", this::show);
        table.put("identity-devices", this::devices);
        table.put(
                "identity-recover",
                exchange -> send(exchange, identity.recover(text(exchange, "code"), exchange::progress)));
        table.put("identity-link", exchange -> send(exchange, identity.link(exchange::progress)));
        table.put(
                "identity-revoke",
                exchange -> send(exchange, identity.revoke(text(exchange, "device"), exchange::progress)));
        table.put(
                "identity-confirm",
                exchange -> send(exchange, identity.confirm(text(exchange, "code"), exchange::progress)));
        table.put("identity-code", exchange -> send(exchange, identity.newCode(exchange::progress)));
        table.put("identity-passphrase", this::passphrase);
        table.put(
                "identity-unlock",
                exchange -> send(exchange, identity.unlock(text(exchange, "passphrase"), exchange::progress)));
    }

    private void show(Exchange exchange) throws IOException {
        JsonObject report = identity.show(exchange::progress).toJson();
        exchange.send(Exchange.done(JsonObject.EMPTY.with("identity", report)));
    }

    private void devices(Exchange exchange) throws IOException {
        for (DeviceReport device : identity.devices(exchange::progress)) {
            exchange.send(device.toJson());
        }
        exchange.done();
    }

    private void passphrase(Exchange exchange) throws IOException {
        JsonObject request = exchange.request();
        send(
                exchange,
                identity.passphrase(request.optionalText("old"), request.optionalText("new"), exchange::progress));
    }

    private static String text(Exchange exchange, String member) throws IOException {
        return exchange.request().text(member);
    }

    private static void send(Exchange exchange, IdentityAnswer answer) throws IOException {
        exchange.send(answer.toJson());
    }
}
