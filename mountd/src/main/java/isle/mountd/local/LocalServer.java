package isle.mountd.local;

import isle.mountd.api.DaemonException;
import isle.mountd.api.FailureKind;
import isle.mountd.api.ProfileFolders;
import isle.mountd.api.Wire;
import isle.mountd.config.Profile;
import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens on the profile's socket. */
public final class LocalServer implements Closeable {

    /** More callers at once are turned away: each has a thread. */
    static final int MOST_SESSIONS = 64;

    private static final int BACKLOG = 64;
    private static final long PAUSE_NANOS = 100_000_000L;
    private static final long STACK_BYTES = 512 * 1024;
    private static final Logger LOG = LoggerFactory.getLogger(LocalServer.class);

    /** To be removed at the end, in this order. */
    private final List<Path> own;

    private final Map<String, Handler> handlers = new HashMap<>();
    private final Set<SocketChannel> sessions = ConcurrentHashMap.newKeySet();
    private final AtomicLong lastUse = new AtomicLong(System.nanoTime());
    private final ServerSocketChannel listener;

    private LocalServer(List<Path> own, Service service, ServerSocketChannel listener) {
        this.own = own;
        this.listener = listener;
        new DaemonHandlers(service).addTo(handlers);
        new FileHandlers(service).addTo(handlers);
        new IdentityHandlers(service.identity()).addTo(handlers);
        new VaultHandlers(service.vault()).addTo(handlers);
    }

    /**
     * Listens from now on. The caller holds the profile's lock: a socket that is there already is of a daemon that was
     * killed.
     */
    public static LocalServer start(Profile profile, Service service) throws DaemonException {
        ProfileFolders folders = profile.folders();
        Path socket = folders.socket();
        Path folder = socket.resolveSibling("");
        try {
            claimFolder(folder, folders);
            Files.deleteIfExists(socket);
            ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                // Nobody can slip in before the rights are set: the folder is its owner's alone.
                listener.bind(UnixDomainSocketAddress.of(socket), BACKLOG);
                Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
            } catch (IOException e) {
                listener.close();
                throw e;
            }
            List<Path> own = folder.equals(folders.run()) ? List.of(socket) : List.of(socket, folder);
            LocalServer server = new LocalServer(own, service, listener);
            server.thread(server::accept, "local").start();
            return server;
        } catch (IOException e) {
            throw new DaemonException(
                    FailureKind.REFUSED,
                    "The socket " + socket + " cannot be made: " + e.getMessage() + ".",
                    "Check the rights of its folder, or set ISLE_HOME to another one.");
        }
    }

    /** In the folder of temporary files somebody else may have been there first, with a folder or a link. */
    private static void claimFolder(Path folder, ProfileFolders folders) throws IOException {
        if (!folder.equals(folders.run()) && Files.isSymbolicLink(folder)) {
            throw new IOException(folder + " is a link");
        }
        if (!Files.isDirectory(folder)) {
            Profile.makePrivate(folder);
        }
        if (!Files.getAttribute(folder, "unix:uid").equals(Files.getAttribute(folders.lockFile(), "unix:uid"))) {
            throw new IOException(folder + " belongs to another user");
        }
        Profile.makePrivate(folder);
    }

    private Thread thread(Runnable work, String name) {
        Thread thread = new Thread(null, work, name, STACK_BYTES);
        thread.setDaemon(true);
        return thread;
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                SocketChannel channel = listener.accept();
                lastUse.set(System.nanoTime());
                if (sessions.size() >= MOST_SESSIONS) {
                    turnAway(channel);
                } else {
                    sessions.add(channel);
                    thread(() -> serve(channel), "local-session").start();
                }
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.warn("The local API could not take a connection: {}", e.toString());
                // Out of descriptors, say: the same would happen again at once.
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private void serve(SocketChannel channel) {
        try {
            new Session(Wire.patient(channel), handlers).run();
        } finally {
            sessions.remove(channel);
            lastUse.set(System.nanoTime());
        }
    }

    private static void turnAway(SocketChannel channel) throws IOException {
        try (Wire wire = Wire.patient(channel)) {
            wire.writeLine(new DaemonException(
                            FailureKind.FAILED,
                            "The daemon serves " + MOST_SESSIONS + " commands at once already.",
                            "Try again when one of them has ended.")
                    .toJson()
                    .with("isle", Wire.VERSION));
        }
    }

    /** For how long nobody has used the socket; zero while somebody does. */
    public long idleNanos() {
        return sessions.isEmpty() ? Math.max(0, System.nanoTime() - lastUse.get()) : 0;
    }

    /** Listens no longer; the connections that are there go on. */
    public void stopListening() throws IOException {
        listener.close();
        for (Path path : own) {
            Files.deleteIfExists(path);
        }
    }

    /** Listens no longer, and cuts the connections that are left: their ends tell callers that all is over. */
    @Override
    public void close() throws IOException {
        stopListening();
        for (SocketChannel channel : sessions) {
            channel.close();
        }
    }
}
