package isle.mountd.api;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** What is done with the lines that come before the last one of an answer. */
interface Answers {

    /** There are none that matter. */
    Answers IGNORED = (is, line, wire) -> {
        if (is.equals("data")) {
            throw new ProtocolException("content that was not asked for");
        }
    };

    /** Takes one line; for {@code data} it has to take the announced bytes from {@code wire}. */
    void take(String is, JsonObject line, Wire wire) throws IOException;

    /** Texts for people that tell how it goes. */
    static Answers progress(Consumer<String> sink) {
        return (is, line, wire) -> {
            IGNORED.take(is, line, wire);
            if (is.equals("progress")) {
                sink.accept(line.text("text"));
            }
        };
    }

    /** Entries of a listing. */
    static Answers entries(EntrySink sink) {
        return (is, line, wire) -> {
            IGNORED.take(is, line, wire);
            if (is.equals("entry")) {
                sink.accept(EntryReport.ofJson(line));
            }
        };
    }

    /** Content of a file. */
    static Answers content(OutputStream out) {
        ByteBuffer frame = ByteBuffer.allocate(Wire.MAX_FRAME_BYTES);
        return (is, line, wire) -> {
            if (is.equals("data")) {
                wire.readFrame(line, frame);
                out.write(frame.array(), 0, frame.limit());
            }
        };
    }
}
