package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Dot;
import isle.crypto.vault.Outbox.Became;
import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What the changes of the last batches became, in a file to which each batch is added: so that a change whose outcome
 * was never learned is recognised, also after a restart. Ids only. May be used by several threads.
 */
final class SentTokens implements AutoCloseable {

    static final String FILE = "tokens";

    /** So many batches are remembered. */
    static final int BATCHES = 256;

    private final LocalDisk disk;
    private final Deque<Map<String, Became>> batches = new ArrayDeque<>();
    private final Map<String, Became> all = new HashMap<>();
    private @Nullable FileChannel channel;
    private long end;
    private int entries;

    SentTokens(LocalDisk disk) throws FsException {
        this.disk = disk;
        byte[] bytes = disk.read(FILE).orElse(new byte[0]);
        ByteBuffer source = ByteBuffer.wrap(bytes);
        Optional<Map<String, Became>> next = next(source);
        while (next.isPresent()) {
            remember(next.get());
            end = source.position();
            next = next(source);
        }
    }

    /** The next entry; empty at the end, be it torn. */
    private static Optional<Map<String, Became>> next(ByteBuffer source) {
        if (source.remaining() < 2 * Integer.BYTES) {
            return Optional.empty();
        }
        int length = source.getInt();
        if (length < 0 || length > source.remaining() - Integer.BYTES) {
            return Optional.empty();
        }
        ByteBuffer body = source.slice(source.position(), length);
        source.position(source.position() + length);
        if (source.getInt() != check(body)) {
            return Optional.empty();
        }
        try {
            return Optional.of(decode(body));
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static int check(ByteBuffer bytes) {
        CRC32C check = new CRC32C();
        check.update(bytes.duplicate());
        return (int) check.getValue();
    }

    private void remember(Map<String, Became> tokens) {
        batches.add(tokens);
        entries++;
        all.putAll(tokens);
        if (batches.size() > BATCHES) {
            batches.remove().keySet().forEach(all::remove);
        }
    }

    synchronized Optional<Became> find(String token) {
        return Optional.ofNullable(all.get(token));
    }

    /** Remembers the tokens of a batch; they are on the disk when it returns. */
    synchronized void add(Map<String, Became> tokens) throws FsException {
        if (tokens.isEmpty()) {
            return;
        }
        if (entries >= 2 * BATCHES) {
            writeAnew();
        }
        ByteBuffer entry = entry(tokens);
        try {
            FileChannel file = channel();
            // what is behind the end is torn
            file.truncate(end);
            int count = disk.write(file, entry, end);
            file.force(true);
            end += count;
        } catch (IOException e) {
            throw LocalDisk.failure("write " + FILE, e);
        }
        remember(tokens);
    }

    private FileChannel channel() throws IOException {
        FileChannel file = channel;
        if (file == null || !file.isOpen()) {
            file = disk.open(FILE);
            channel = file;
        }
        return file;
    }

    private void writeAnew() throws FsException {
        List<ByteBuffer> pieces = new ArrayList<>();
        batches.forEach(batch -> pieces.add(entry(batch)));
        close();
        disk.write(FILE, pieces);
        end = pieces.stream().mapToLong(ByteBuffer::remaining).sum();
        entries = pieces.size();
    }

    private static ByteBuffer entry(Map<String, Became> tokens) {
        ByteBuffer body = encode(tokens);
        return ByteBuffer.allocate(body.remaining() + 2 * Integer.BYTES)
                .putInt(body.remaining())
                .put(body.duplicate())
                .putInt(check(body))
                .flip();
    }

    /** Their count, and of each: its length, its bytes, directory, incarnation, counter. */
    static ByteBuffer encode(Map<String, Became> tokens) {
        int size = Integer.BYTES;
        for (String token : tokens.keySet()) {
            size += Short.BYTES + token.getBytes(StandardCharsets.UTF_8).length + Id.BYTES + 2 * Long.BYTES;
        }
        ByteBuffer bytes = ByteBuffer.allocate(size).putInt(tokens.size());
        tokens.forEach((token, became) -> {
            byte[] text = token.getBytes(StandardCharsets.UTF_8);
            bytes.putShort((short) text.length).put(text);
            became.directory().put(bytes);
            bytes.putLong(became.dot().incarnation()).putLong(became.dot().counter());
        });
        return bytes.flip();
    }

    static Map<String, Became> decode(ByteBuffer source) {
        Map<String, Became> tokens = new HashMap<>();
        for (int left = source.getInt(); left > 0; left--) {
            int length = source.getShort();
            if (length < 0 || length > source.remaining()) {
                throw new IllegalArgumentException("a token ends early");
            }
            byte[] text = new byte[length];
            source.get(text);
            Id directory = Id.get(source);
            tokens.put(
                    new String(text, StandardCharsets.UTF_8),
                    new Became(directory, new Dot(source.getLong(), source.getLong())));
        }
        return tokens;
    }

    @Override
    public synchronized void close() {
        FileChannel file = channel;
        channel = null;
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            // all of it was forced
        }
    }
}
