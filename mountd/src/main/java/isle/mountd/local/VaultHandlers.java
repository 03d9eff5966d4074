package isle.mountd.local;

import isle.mountd.api.JsonObject;
import java.io.IOException;
import java.util.Map;

/** The verbs that concern private/ as a whole. */
final class VaultHandlers {

    private final VaultService vault;

    VaultHandlers(VaultService vault) {
        this.vault = vault;
    }

    void addTo(Map<String, Handler> table) {
        table.put("history", this::history);
        table.put("restore", this::restore);
        table.put("vault-check", this::check);
        table.put("vault-usage", this::usage);
        table.put("vault-accept", this::accept);
    }

    private void history(Exchange exchange) throws IOException {
        vault.history(exchange.path(), version -> exchange.send(version.toJson()), exchange::progress);
        exchange.done();
    }

    private void restore(Exchange exchange) throws IOException {
        JsonObject request = exchange.request();
        VaultService.Restore what = new VaultService.Restore(
                exchange.path(),
                request.optionalNumber("at"),
                request.optionalText("version"),
                request.optionalText("to"));
        long count = vault.restore(what, exchange::progress);
        exchange.send(Exchange.done(JsonObject.EMPTY.with("restored", count)));
    }

    private void check(Exchange exchange) throws IOException {
        JsonObject report =
                vault.check(exchange.request().flag("repair"), exchange::pulse).toJson();
        exchange.send(Exchange.done(JsonObject.EMPTY.with("report", report)));
    }

    private void usage(Exchange exchange) throws IOException {
        JsonObject usage = vault.usage(exchange::progress).toJson();
        exchange.send(Exchange.done(JsonObject.EMPTY.with("usage", usage)));
    }

    private void accept(Exchange exchange) throws IOException {
        long count = vault.accept(exchange.request().optionalText("path"), exchange::progress);
        exchange.send(Exchange.done(JsonObject.EMPTY.with("putBack", count)));
    }
}
