package isle.mountd.local;

import isle.fs.model.FsException;
import isle.mountd.api.DaemonException;
import isle.mountd.api.FailureKind;
import isle.mountd.api.FileReport;
import isle.mountd.api.JsonObject;
import isle.mountd.api.MountRequest;
import isle.mountd.api.PathText;
import isle.mountd.files.FileProblems;
import isle.mountd.files.IslePath;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The verbs that concern the daemon as a whole. */
final class DaemonHandlers {

    private static final Duration STEP = Duration.ofSeconds(1);

    private final Service service;

    DaemonHandlers(Service service) {
        this.service = service;
    }

    void addTo(Map<String, Handler> table) {
        table.put("status", this::status);
        table.put("mount", this::mount);
        table.put("stop", this::stop);
        table.put("wait", this::await);
    }

    private void status(Exchange exchange) throws IOException {
        if (exchange.request().flag("ask")) {
            service.askStores();
        }
        exchange.send(
                Exchange.done(JsonObject.EMPTY.with("status", service.status().toJson())));
    }

    private void mount(Exchange exchange) throws IOException {
        MountRequest request = MountRequest.ofJson(exchange.request().object("options"));
        exchange.send(service.mount(request, exchange::progress).toJson());
    }

    private void stop(Exchange exchange) throws IOException {
        JsonObject request = exchange.request();
        Optional<String> left = service.stop(
                request.optionalText("dir"),
                request.optionalNumber("timeout").map(Duration::ofSeconds),
                request.flag("force"),
                exchange::progress);
        try {
            if (left.isEmpty()) {
                exchange.done();
            } else {
                exchange.send(new DaemonException(
                                FailureKind.NOT_STORED,
                                left.get(),
                                "It is safe in the journal, and goes up after the next start: isle mount")
                        .toJson());
            }
        } finally {
            service.exit();
        }
    }

    private void await(Exchange exchange) throws IOException {
        OpenVolumes volumes = service.volumes(exchange::progress);
        Optional<String> text = exchange.request().optionalText("path");
        Optional<IslePath> path =
                text.isPresent() ? Optional.of(IslePath.parse(text.get(), volumes.mount())) : Optional.empty();
        long seconds = exchange.request().optionalNumber("timeout").orElse(0L);
        long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        Pending pending = new Pending(volumes);
        try {
            while (!volumes.awaitStored(path, STEP)) {
                refuseHopeless(volumes, path);
                if (seconds > 0 && System.nanoTime() - end > 0) {
                    throw new DaemonException(
                            FailureKind.TIMED_OUT,
                            "After " + seconds + " s " + pending.sentence(),
                            "Wait longer, or see isle status.");
                }
                exchange.progress(pending.sentence());
            }
        } catch (FsException e) {
            throw FileProblems.of(path.map(IslePath::text).orElse(""), e);
        }
        exchange.done();
    }

    /** What the store refused is tried again for as long as it takes: nobody should wait for that. */
    private static void refuseHopeless(OpenVolumes volumes, Optional<IslePath> path)
            throws DaemonException, FsException {
        if (path.isPresent()) {
            FileReport state = volumes.state(path.get());
            if (state.state().equals("failed")) {
                throw new DaemonException(
                        FailureKind.NOT_STORED,
                        "The store refused '" + PathText.display(state.path()) + "'.",
                        "The reason is in isle status; it is tried again when that has changed.");
            }
        } else {
            Pending pending = new Pending(volumes);
            if (pending.isAllFailed()) {
                throw new DaemonException(
                        FailureKind.NOT_STORED,
                        "The store refused what is left: " + pending.sentence(),
                        "The reasons are in isle status; it is tried again when they have changed.");
            }
        }
    }
}
