package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.v1.PackKey;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * This host's copy of what the packs of a vault say: their index sections, sealed as they are in the store, and which
 * directories were listed. From it the tree is known at start without a request. Its bytes: {@code FORMAT.md}, "On this
 * host".
 *
 * <p>It is a cache: what is torn or damaged in it is left out, and fetched again. May be used by several threads.
 */
final class Mirror implements AutoCloseable {

    static final String FILE = "mirror";

    private static final byte[] MAGIC = "isle-mir".getBytes(StandardCharsets.US_ASCII);
    private static final short FORMAT = 1;
    private static final int START = MAGIC.length + Short.BYTES + Id.BYTES;

    private static final byte PACK = 1;
    private static final byte LISTED = 2;

    /** Of an entry: its length, the check of that, and in the end the check of the entry. */
    private static final int HEAD = 2 * Integer.BYTES;

    private static final int TAIL = Integer.BYTES;
    private static final int LONGEST = 65 << 20;

    /** Below this it is not worth writing anew. */
    private static final long SMALL = 256 << 10;

    private final LocalDisk disk;
    private final Id vault;
    private final Map<PackKey, Place> packs = new LinkedHashMap<>();
    private final Set<Id> listed = new LinkedHashSet<>();
    private FileChannel channel;
    private long end;
    private long live;
    private boolean changed;

    /** Where an entry is. */
    private record Place(long offset, int length) {}

    /** Receives what the mirror has. */
    interface Reader {
        void pack(PackKey key, ByteBuffer index);
    }

    private Mirror(LocalDisk disk, Id vault, FileChannel channel) {
        this.disk = disk;
        this.vault = vault;
        this.channel = channel;
    }

    /**
     * Reads all of it. What does not belong to this vault, or is damaged, is forgotten.
     *
     * @param reader is given each pack once
     */
    static Mirror open(LocalDisk disk, Id vault, Reader reader) throws FsException {
        FileChannel channel = null;
        try {
            channel = disk.open(FILE);
            Mirror mirror = new Mirror(disk, vault, channel);
            mirror.read(reader);
            return mirror;
        } catch (IOException e) {
            closeQuietly(channel);
            throw LocalDisk.failure("read the mirror", e);
        }
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // nothing of it is needed
        }
    }

    private void read(Reader reader) throws IOException {
        long size = channel.size();
        ByteBuffer start = take(0, START, size);
        if (!start.equals(start())) {
            channel.truncate(0);
            disk.write(channel, start(), 0);
            end = START;
            live = START;
            return;
        }
        boolean damaged = false;
        long at = START;
        live = START;
        while (true) {
            ByteBuffer head = take(at, HEAD, size);
            int length = head.remaining() < HEAD ? -1 : head.getInt(0);
            if (length < 0 || length > LONGEST || check(head.slice(0, Integer.BYTES)) != head.getInt(Integer.BYTES)) {
                break;
            }
            ByteBuffer body = take(at + HEAD, length + TAIL, size);
            if (body.remaining() < length + TAIL) {
                break;
            }
            Place place = new Place(at, HEAD + length + TAIL);
            if (check(body.slice(0, length)) != body.getInt(length) || !read(body.slice(0, length), place, reader)) {
                damaged = true;
            }
            at += place.length();
        }
        end = at;
        // so that nothing that comes after it is ever taken for an entry
        channel.truncate(end);
        if (damaged || end < size) {
            // what is missing may be of any of them
            live -= (long) listed.size() * (HEAD + 1 + Id.BYTES + TAIL);
            listed.clear();
        }
    }

    /** Fewer bytes than asked for if the file ends. */
    private ByteBuffer take(long at, int length, long size) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.max(0, Math.min(length, size - at)));
        while (bytes.hasRemaining() && channel().read(bytes, at + bytes.position()) >= 0) {
            // until it is full
        }
        return bytes.flip();
    }

    private boolean read(ByteBuffer body, Place place, Reader reader) {
        if (!body.hasRemaining()) {
            return false;
        }
        byte kind = body.get();
        if (kind == LISTED && body.remaining() == Id.BYTES) {
            if (listed.add(Id.get(body))) {
                live += place.length();
            }
            return true;
        }
        if (kind != PACK || body.remaining() < Short.BYTES) {
            return false;
        }
        int length = body.getShort();
        if (length < 1 || length > body.remaining()) {
            return false;
        }
        byte[] text = new byte[length];
        body.get(text);
        try {
            PackKey key = PackKey.parse(new ObjectKey(new String(text, StandardCharsets.US_ASCII)));
            if (key.indexBytes() != body.remaining()) {
                return false;
            }
            if (packs.putIfAbsent(key, place) == null) {
                live += place.length();
                reader.pack(key, body.slice());
            }
            return true;
        } catch (FsException e) {
            return false;
        }
    }

    private ByteBuffer start() {
        ByteBuffer start = ByteBuffer.allocate(START).put(MAGIC).putShort(FORMAT);
        vault.put(start);
        return start.flip();
    }

    private static int check(ByteBuffer bytes) {
        CRC32C check = new CRC32C();
        check.update(bytes.duplicate());
        return (int) check.getValue();
    }

    /** The directories that were listed to their end, and all of whose packs are here. */
    synchronized Set<Id> listed() {
        return Set.copyOf(listed);
    }

    synchronized boolean has(PackKey key) {
        return packs.containsKey(key);
    }

    /** The index section of a pack as it is in the store; empty if it is not here, or the disk does not give it. */
    synchronized Optional<ByteBuffer> get(PackKey key) {
        Place place = packs.get(key);
        if (place == null) {
            return Optional.empty();
        }
        try {
            ByteBuffer entry = take(place.offset(), place.length(), end);
            int length = key.indexBytes();
            int start = entry.remaining() - TAIL - length;
            return start < HEAD ? Optional.empty() : Optional.of(entry.slice(start, length));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Keeps a pack; on the disk for certain after {@link #force}.
     *
     * @param index its index section as it is in the store
     */
    synchronized void add(PackKey key, ByteBuffer index) throws FsException {
        if (packs.containsKey(key)) {
            return;
        }
        byte[] text = key.key().value().getBytes(StandardCharsets.US_ASCII);
        ByteBuffer body = ByteBuffer.allocate(1 + Short.BYTES + text.length + index.remaining());
        body.put(PACK).putShort((short) text.length).put(text).put(index.duplicate());
        packs.put(key, append(body.flip()));
    }

    /** Keeps that a directory was listed, after all its packs. */
    synchronized void addListed(Id directory) throws FsException {
        if (listed.contains(directory)) {
            return;
        }
        ByteBuffer body = ByteBuffer.allocate(1 + Id.BYTES).put(LISTED);
        directory.put(body);
        append(body.flip());
        listed.add(directory);
    }

    /** After a failure the next entry takes the place of what was half written. */
    private Place append(ByteBuffer body) throws FsException {
        ByteBuffer entry = entry(body);
        Place place = new Place(end, entry.remaining());
        try {
            changed = true;
            disk.write(channel(), entry, end);
        } catch (IOException e) {
            cut();
            throw LocalDisk.failure("write the mirror", e);
        }
        end += place.length();
        live += place.length();
        return place;
    }

    /** A thread that is interrupted while it writes closes the file for all. */
    private FileChannel channel() throws IOException {
        if (!channel.isOpen()) {
            channel = disk.open(FILE);
        }
        return channel;
    }

    private void cut() {
        try {
            channel().truncate(end);
        } catch (IOException e) {
            // then it is found to be torn, which costs a few requests more
        }
    }

    private static ByteBuffer entry(ByteBuffer body) {
        ByteBuffer entry = ByteBuffer.allocate(HEAD + body.remaining() + TAIL);
        entry.putInt(body.remaining());
        entry.putInt(check(entry.slice(0, Integer.BYTES)));
        return entry.put(body.duplicate()).putInt(check(body)).flip();
    }

    /** Lets go of a pack of which all that it says is in others; its bytes stay until they are worth the work. */
    synchronized void drop(PackKey key) {
        Place place = packs.remove(key);
        if (place != null) {
            live -= place.length();
        }
    }

    /** All that was added is on the disk when it returns. It is written anew if more than half of it is dead. */
    synchronized void force() throws FsException {
        try {
            if (end > SMALL && live < end / 2) {
                writeAnew();
            } else if (changed) {
                channel().force(false);
            }
            changed = false;
        } catch (IOException e) {
            throw LocalDisk.failure("write the mirror", e);
        }
    }

    private void writeAnew() throws IOException {
        Map<PackKey, Place> moved = new HashMap<>();
        FileChannel fresh = disk.openNew(FILE);
        boolean done = false;
        long at;
        try {
            at = disk.write(fresh, start(), 0);
            for (Map.Entry<PackKey, Place> each : packs.entrySet()) {
                Place old = each.getValue();
                moved.put(each.getKey(), new Place(at, old.length()));
                at += disk.write(fresh, take(old.offset(), old.length(), end), at);
            }
            for (Id directory : listed) {
                ByteBuffer body = ByteBuffer.allocate(1 + Id.BYTES).put(LISTED);
                directory.put(body);
                at += disk.write(fresh, entry(body.flip()), at);
            }
            fresh.force(true);
            disk.replace(FILE);
            done = true;
        } finally {
            if (!done) {
                closeQuietly(fresh);
            }
        }
        closeQuietly(channel);
        channel = fresh;
        packs.replaceAll((key, old) -> moved.getOrDefault(key, old));
        end = at;
        live = at;
    }

    /** The packs that are here. */
    synchronized List<PackKey> packs() {
        return new ArrayList<>(packs.keySet());
    }

    @Override
    public synchronized void close() {
        closeQuietly(channel);
    }
}
