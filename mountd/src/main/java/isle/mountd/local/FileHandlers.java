package isle.mountd.local;

import isle.fs.model.FsException;
import isle.mountd.api.EntryReport;
import isle.mountd.api.JsonObject;
import isle.mountd.api.ProtocolException;
import isle.mountd.api.Wire;
import isle.mountd.files.FileProblems;
import isle.mountd.files.FileTree;
import isle.mountd.files.IslePath;
import isle.mountd.files.TreeWork;
import isle.mountd.files.Upload;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;

/** The verbs that work on files. */
final class FileHandlers {

    private final Service service;

    FileHandlers(Service service) {
        this.service = service;
    }

    void addTo(Map<String, Handler> table) {
        table.put("state", this::state);
        table.put("stat", this::stat);
        table.put("list", this::list);
        table.put("read", this::read);
        table.put("write", this::write);
        table.put("mkdir", this::makeDirectory);
        table.put("begin-folder", this::beginFolder);
        table.put("complete-folder", this::completeFolder);
        table.put("symlink", this::makeSymlink);
        table.put("move", this::move);
        table.put("remove", this::remove);
    }

    private OpenVolumes volumes(Exchange exchange) throws IOException {
        return service.volumes(exchange::progress);
    }

    private static FileTree tree(OpenVolumes volumes) {
        return new FileTree(volumes.files(), volumes.caller());
    }

    private static IslePath path(OpenVolumes volumes, Exchange exchange) throws IOException {
        return IslePath.parse(exchange.path(), volumes.mount());
    }

    private void state(Exchange exchange) throws IOException {
        OpenVolumes volumes = volumes(exchange);
        IslePath path = path(volumes, exchange);
        try {
            exchange.send(Exchange.done(
                    JsonObject.EMPTY.with("state", volumes.state(path).toJson())));
        } catch (FsException e) {
            throw FileProblems.of(path.text(), e);
        }
    }

    private void stat(Exchange exchange) throws IOException {
        OpenVolumes volumes = volumes(exchange);
        Optional<EntryReport> entry =
                tree(volumes).stat(path(volumes, exchange), exchange.request().flag("follow"));
        JsonObject answer = JsonObject.EMPTY;
        exchange.send(Exchange.done(
                entry.isPresent() ? answer.with("entry", entry.get().toJson()) : answer));
    }

    private void list(Exchange exchange) throws IOException {
        OpenVolumes volumes = volumes(exchange);
        JsonObject request = exchange.request();
        FileTree.Listing listing =
                new FileTree.Listing(request.flag("recursive"), request.flag("detailed"), request.flag("whole"));
        tree(volumes).list(path(volumes, exchange), listing, entry -> exchange.send(entry.toJson()));
        exchange.done();
    }

    private void read(Exchange exchange) throws IOException {
        OpenVolumes volumes = volumes(exchange);
        tree(volumes).read(path(volumes, exchange), exchange::sendContent);
        exchange.done();
    }

    private void write(Exchange exchange) throws IOException {
        OpenVolumes volumes = volumes(exchange);
        EntryReport like = EntryReport.ofJson(exchange.request().object("like"));
        try (Upload upload = tree(volumes).write(path(volumes, exchange), like)) {
            exchange.done();
            ByteBuffer frame = ByteBuffer.allocate(Wire.MAX_FRAME_BYTES);
            JsonObject line = nextLine(exchange);
            while (line.text("is").equals("data")) {
                exchange.wire().readFrame(line, frame);
                upload.append(frame);
                line = nextLine(exchange);
            }
            if (line.text("is").equals("end")) {
                upload.complete();
            }
        }
        exchange.done();
    }

    private static JsonObject nextLine(Exchange exchange) throws IOException {
        JsonObject line = exchange.wire().readLine().orElseThrow(EOFException::new);
        if (line.optionalText("is").isEmpty()) {
            throw new ProtocolException("a request in the middle of a file");
        }
        return line;
    }

    private void makeDirectory(Exchange exchange) throws IOException {
        OpenVolumes volumes = volumes(exchange);
        tree(volumes).makeDirectory(path(volumes, exchange), exchange.request().flag("parents"));
        exchange.done();
    }

    private void beginFolder(Exchange exchange) throws IOException {
        OpenVolumes volumes = volumes(exchange);
        boolean made = tree(volumes).beginFolder(path(volumes, exchange));
        exchange.send(Exchange.done(JsonObject.EMPTY.with("made", made)));
    }

    private void completeFolder(Exchange exchange) throws IOException {
        OpenVolumes volumes = volumes(exchange);
        EntryReport like = EntryReport.ofJson(exchange.request().object("like"));
        tree(volumes).completeFolder(path(volumes, exchange), like);
        exchange.done();
    }

    private void makeSymlink(Exchange exchange) throws IOException {
        OpenVolumes volumes = volumes(exchange);
        tree(volumes).makeSymlink(path(volumes, exchange), exchange.request().text("target"));
        exchange.done();
    }

    private void move(Exchange exchange) throws IOException {
        OpenVolumes volumes = volumes(exchange);
        IslePath to = IslePath.parse(exchange.request().text("to"), volumes.mount());
        work(volumes, exchange, "moved ")
                .move(path(volumes, exchange), to, exchange.request().flag("into"));
        exchange.done();
    }

    private void remove(Exchange exchange) throws IOException {
        OpenVolumes volumes = volumes(exchange);
        JsonObject request = exchange.request();
        work(volumes, exchange, "removed ")
                .remove(path(volumes, exchange), request.flag("recursive"), request.flag("force"));
        exchange.done();
    }

    private static TreeWork work(OpenVolumes volumes, Exchange exchange, String word) {
        return new TreeWork(tree(volumes), path -> exchange.pulse(word + path));
    }
}
