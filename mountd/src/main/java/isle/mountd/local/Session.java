package isle.mountd.local;

import isle.mountd.api.DaemonException;
import isle.mountd.api.FailureKind;
import isle.mountd.api.JsonObject;
import isle.mountd.api.Program;
import isle.mountd.api.ProtocolException;
import isle.mountd.api.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection: a greeting, then one request after another. Requests are never logged: one may carry keys. */
final class Session implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    private final Wire wire;
    private final Map<String, Handler> handlers;

    Session(Wire wire, Map<String, Handler> handlers) {
        this.wire = wire;
        this.handlers = handlers;
    }

    @Override
    public void run() {
        try (wire) {
            greet();
            Optional<JsonObject> request = wire.readLine();
            if (request.isPresent() && request.get().number("isle") != Wire.VERSION) {
                return;
            }
            request = wire.readLine();
            while (request.isPresent()) {
                answer(request.get());
                request = wire.readLine();
            }
        } catch (IOException e) {
            LOG.debug("A connection of the local API ended: {}", e.toString());
        }
    }

    /** Tells a caller of another version so, before it asks anything. */
    private void greet() throws IOException {
        wire.writeLine(JsonObject.EMPTY
                .with("isle", Wire.VERSION)
                .with("program", Program.version())
                .with("pid", ProcessHandle.current().pid()));
    }

    private void answer(JsonObject request) throws IOException {
        String verb = request.optionalText("do").orElse("");
        Handler handler = handlers.get(verb);
        try {
            if (handler == null) {
                throw new ProtocolException("unknown verb");
            }
            handler.handle(new Exchange(request, wire));
        } catch (DaemonException e) {
            // Its sentence may have the name of a private file.
            LOG.info("{}: {}", verb, e.kind());
            wire.writeLine(e.toJson());
        } catch (ProtocolException e) {
            wire.writeLine(new DaemonException(
                            FailureKind.USAGE,
                            "The daemon does not understand the request: " + e.getMessage() + ".",
                            "")
                    .toJson());
            throw e;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (RuntimeException | Error e) {
            // The connection must not end without an answer, and the other connections must go on.
            LOG.error("{} failed", verb, e);
            wire.writeLine(new DaemonException(
                            FailureKind.FAILED,
                            "The daemon made a mistake: " + e + ".",
                            "See its log; please report it.")
                    .toJson());
        }
    }
}
