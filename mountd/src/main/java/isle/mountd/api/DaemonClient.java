package isle.mountd.api;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A connection to the daemon of a profile. One request after another, from one thread. Every method throws
 * {@link DaemonException} when the daemon says no, does not answer, or has gone.
 *
 * <p>Paths are texts as in {@link PathText}, from the root of the mount: {@code public/notes.txt}.
 */
public final class DaemonClient implements Closeable {

    /** The daemon sends a line at least every few seconds while it works; after so long a silence it hangs. */
    static final long SILENCE_MILLIS = 30_000;

    private final Wire wire;
    private final ProfileFolders folders;
    private boolean greeted;
    private boolean hungUp;

    private DaemonClient(Wire wire, ProfileFolders folders) {
        this.wire = wire;
        this.folders = folders;
    }

    /** Connects to the daemon of this profile; empty if none runs. */
    public static Optional<DaemonClient> connect(ProfileFolders folders) throws DaemonException {
        try {
            List<String> lines = Files.readAllLines(folders.lockFile());
            if (lines.size() < 2) {
                return Optional.empty();
            }
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(Path.of(lines.get(1))));
                DaemonClient client = new DaemonClient(Wire.impatient(channel, SILENCE_MILLIS), folders);
                client.send(JsonObject.EMPTY.with("isle", Wire.VERSION).with("program", Program.version()));
                return Optional.of(client);
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        } catch (AccessDeniedException e) {
            throw new DaemonException(
                    FailureKind.REFUSED,
                    "The profile in " + folders.state() + " belongs to another user.",
                    "Set ISLE_HOME to a folder of your own.");
        } catch (FileSystemException | SocketException e) {
            // There is no profile, the socket's file has gone, or nobody listens any more.
            return Optional.empty();
        } catch (IOException e) {
            throw new DaemonException(
                    FailureKind.FAILED,
                    "The daemon of " + folders.state() + " could not be reached: " + e.getMessage() + ".",
                    "See " + folders.logFile() + ".");
        }
    }

    /** Like {@link #connect}, but that none runs is an error. */
    public static DaemonClient require(ProfileFolders folders) throws DaemonException {
        Optional<DaemonClient> client = connect(folders);
        if (client.isEmpty()) {
            throw new DaemonException(
                    FailureKind.NO_DAEMON,
                    "No daemon of the profile in " + folders.state() + " is running.",
                    "Start one with: isle mount");
        }
        return client.get();
    }

    /** State of the whole daemon, as it was sent. */
    public JsonObject statusJson() throws IOException {
        return call(JsonObject.EMPTY.with("do", "status"), Answers.IGNORED).object("status");
    }

    /** State of the whole daemon. */
    public StatusReport status() throws IOException {
        return StatusReport.ofJson(statusJson());
    }

    /** The same after the daemon has asked every store whether it answers, which takes a request's time. */
    public StatusReport askedStatus() throws IOException {
        JsonObject request = JsonObject.EMPTY.with("do", "status").with("ask", true);
        return StatusReport.ofJson(call(request, Answers.IGNORED).object("status"));
    }

    /** State of one path. */
    public FileReport state(String path) throws IOException {
        return FileReport.ofJson(call(request("state", path), Answers.IGNORED).object("state"));
    }

    /** Opens the store if it is not open, and mounts. */
    public MountAnswer mount(MountRequest request, Consumer<String> progress) throws IOException {
        JsonObject line = JsonObject.EMPTY.with("do", "mount").with("options", request.toJson());
        return MountAnswer.ofJson(call(line, Answers.progress(progress)));
    }

    /**
     * Waits until everything is in the store, then unmounts and ends the daemon.
     *
     * @param dir if given, what has to be mounted there
     * @param timeoutSeconds how long to wait for the store; empty for what the profile says
     * @param force do not wait, and unmount although programs have files open
     * @throws DaemonException of kind {@link FailureKind#NOT_STORED} after an unmount with something left
     */
    public void stop(Optional<String> dir, Optional<Long> timeoutSeconds, boolean force, Consumer<String> progress)
            throws IOException {
        JsonObject line = JsonObject.EMPTY.with("do", "stop").with("dir", dir).with("force", force);
        line = timeoutSeconds.isPresent() ? line.with("timeout", timeoutSeconds.get()) : line;
        try {
            call(line, Answers.progress(progress));
        } catch (DaemonException e) {
            if (e.kind() == FailureKind.NOT_STORED) {
                awaitEnd();
            }
            throw e;
        }
        awaitEnd();
    }

    /** The daemon hangs up when the profile is free for the next one. */
    private void awaitEnd() throws IOException {
        try {
            while (wire.readLine().isPresent()) {
                // Nothing more is expected.
            }
        } catch (SocketTimeoutException e) {
            throw silent();
        } catch (SocketException e) {
            // That is an end too.
        }
    }

    /**
     * Waits until a path, or everything, is in the store.
     *
     * @param timeoutSeconds how long; 0 for ever
     */
    public void await(Optional<String> path, long timeoutSeconds, Consumer<String> progress) throws IOException {
        JsonObject line = JsonObject.EMPTY.with("do", "wait").with("path", path).with("timeout", timeoutSeconds);
        call(line, Answers.progress(progress));
    }

    /** What is under a path, symlinks followed if {@code follow}; empty if nothing is. */
    public Optional<EntryReport> stat(String path, boolean follow) throws IOException {
        JsonObject answer = call(request("stat", path).with("follow", follow), Answers.IGNORED);
        JsonObject entry = answer.object("entry");
        return entry.equals(JsonObject.EMPTY) ? Optional.empty() : Optional.of(EntryReport.ofJson(entry));
    }

    /**
     * Entries of a folder; a folder comes before what is in it.
     *
     * @param recursive of all folders below it too
     * @param detailed not only names and kinds: the rest may have to be fetched from the store
     */
    public void list(String path, boolean recursive, boolean detailed, EntrySink sink) throws IOException {
        call(request("list", path).with("recursive", recursive).with("detailed", detailed), Answers.entries(sink));
    }

    /** All entries of a folder and of those below it, with all that they have. */
    public void listWhole(String path, EntrySink sink) throws IOException {
        call(
                request("list", path)
                        .with("recursive", true)
                        .with("detailed", true)
                        .with("whole", true),
                Answers.entries(sink));
    }

    /** Content of a file. */
    public void read(String path, OutputStream out) throws IOException {
        call(request("read", path), Answers.content(out));
    }

    /**
     * Makes or replaces a file; its old content stays until the new one is complete.
     *
     * @param like permissions and time that the file gets
     */
    public void write(String path, InputStream content, EntryReport like) throws IOException {
        call(request("write", path).with("like", like.toJson()), Answers.IGNORED);
        byte[] bytes = new byte[Wire.MAX_FRAME_BYTES];
        try {
            int count = content.readNBytes(bytes, 0, bytes.length);
            while (count > 0 && sendFrame(ByteBuffer.wrap(bytes, 0, count))) {
                count = content.readNBytes(bytes, 0, bytes.length);
            }
        } catch (IOException e) {
            finishWrite("abort");
            throw e;
        }
        finishWrite("end");
    }

    private void finishWrite(String how) throws IOException {
        send(JsonObject.EMPTY.with("is", how));
        receive(Answers.IGNORED);
    }

    public void makeSymlink(String path, String target) throws IOException {
        call(request("symlink", path).with("target", target), Answers.IGNORED);
    }

    /** Makes a folder; with {@code parents}, those above it too, and one that exists is no error. */
    public void makeDirectory(String path, boolean parents) throws IOException {
        call(request("mkdir", path).with("parents", parents), Answers.IGNORED);
    }

    /** Makes a folder that is filled next, for its owner alone, with those above it; false if there is one already. */
    public boolean beginFolder(String path) throws IOException {
        return call(request("begin-folder", path), Answers.IGNORED).flag("made");
    }

    /** All of a folder is there: gives it permissions and time. */
    public void completeFolder(String path, EntryReport like) throws IOException {
        call(request("complete-folder", path).with("like", like.toJson()), Answers.IGNORED);
    }

    /**
     * Moves or renames; between two volumes it is a copy and a removal.
     *
     * @param into whether {@code to} has to be a folder
     */
    public void move(String from, String to, boolean into, Consumer<String> progress) throws IOException {
        call(request("move", from).with("to", to).with("into", into), Answers.progress(progress));
    }

    /** Removes; a folder with content only if {@code recursive}. With {@code force} a path that is not there is fine. */
    public void remove(String path, boolean recursive, boolean force, Consumer<String> progress) throws IOException {
        JsonObject line = request("remove", path).with("recursive", recursive).with("force", force);
        call(line, Answers.progress(progress));
    }

    private static JsonObject request(String verb, String path) {
        return JsonObject.EMPTY.with("do", verb).with("path", path);
    }

    JsonObject call(JsonObject request, Answers answers) throws IOException {
        send(request);
        return receive(answers);
    }

    /** A daemon that has hung up has sent a line before that says why: the next read finds it. */
    private void send(JsonObject line) throws IOException {
        try {
            wire.writeLine(line);
        } catch (SocketTimeoutException e) {
            throw silent();
        } catch (IOException e) {
            hungUp = true;
        }
    }

    /** Sends content; false when the daemon does not take any more. */
    private boolean sendFrame(ByteBuffer content) throws IOException {
        try {
            wire.writeFrame(content);
        } catch (SocketTimeoutException e) {
            throw silent();
        } catch (IOException e) {
            hungUp = true;
        }
        return !hungUp;
    }

    private JsonObject receive(Answers answers) throws IOException {
        while (true) {
            JsonObject line = readLine();
            String is = line.optionalText("is").orElse("");
            if (is.equals("failed")) {
                throw DaemonException.ofJson(line);
            } else if (is.equals("done")) {
                return line;
            } else if (!line.flag("alive")) {
                answers.take(is, line, wire);
            }
        }
    }

    private JsonObject readLine() throws IOException {
        try {
            Optional<JsonObject> line = wire.readLine();
            if (line.isPresent() && !greeted) {
                greeted = true;
                checkVersion(line.get());
                line = line.get().optionalText("is").isPresent() ? line : wire.readLine();
            }
            return line.orElseThrow(EOFException::new);
        } catch (SocketTimeoutException e) {
            throw silent();
        } catch (ProtocolException | DaemonException e) {
            throw e;
        } catch (IOException e) {
            throw new DaemonException(
                    FailureKind.FAILED,
                    "The daemon ended before it had answered.",
                    "See " + folders.logFile() + " and start it again: isle mount");
        }
    }

    private DaemonException silent() {
        return new DaemonException(
                FailureKind.TIMED_OUT,
                "The daemon has not answered for " + SILENCE_MILLIS / 1000 + " s.",
                "See " + folders.logFile() + ".");
    }

    private static void checkVersion(JsonObject greeting) throws IOException {
        if (greeting.number("isle") != Wire.VERSION) {
            String pid = greeting.optionalNumber("pid").map(String::valueOf).orElse("PID");
            throw new DaemonException(
                    FailureKind.REFUSED,
                    "The running daemon is of another version of isle.",
                    "End it (kill " + pid + ") and start it again: isle mount");
        }
    }

    @Override
    public void close() throws IOException {
        wire.close();
    }
}
