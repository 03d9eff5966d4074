package isle.mountd.local;

import isle.mountd.api.DaemonException;
import isle.mountd.api.FailureKind;
import isle.mountd.api.JsonObject;
import isle.mountd.api.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** One request and what is answered to it. Lines may be sent from several threads. */
final class Exchange {

    /** A caller gives up after a longer silence; see {@code DaemonClient}. */
    private static final long PULSE_NANOS = 2_000_000_000L;

    private final JsonObject request;
    private final Wire wire;
    private long lastLine = System.nanoTime();

    Exchange(JsonObject request, Wire wire) {
        this.request = request;
        this.wire = wire;
    }

    JsonObject request() {
        return request;
    }

    Wire wire() {
        return wire;
    }

    synchronized void send(JsonObject line) throws IOException {
        lastLine = System.nanoTime();
        wire.writeLine(line);
    }

    synchronized void sendContent(ByteBuffer piece) throws IOException {
        lastLine = System.nanoTime();
        wire.writeFrame(piece);
    }

    /** The last line of an answer that is nothing but a yes. */
    void done() throws IOException {
        send(done(JsonObject.EMPTY));
    }

    /** The last line of an answer, with {@code members}. */
    static JsonObject done(JsonObject members) {
        return members.with("is", "done");
    }

    /** Tells how it goes. A caller that has gone ends the work: the exception is caught by the session. */
    void progress(String text) {
        try {
            send(JsonObject.EMPTY.with("is", "progress").with("text", text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tells how it goes, at most every other second: for work that takes many small steps. */
    synchronized void pulse(String text) {
        if (System.nanoTime() - lastLine > PULSE_NANOS) {
            progress(text);
        }
    }

    /** A path that the request has to name. */
    String path() throws IOException {
        return request.optionalText("path")
                .orElseThrow(() -> new DaemonException(FailureKind.USAGE, "The request names no path.", ""));
    }
}
