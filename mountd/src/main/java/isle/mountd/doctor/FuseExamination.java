package isle.mountd.doctor;

import isle.mountd.api.Examiner.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Whether this user can mount on this machine. */
final class FuseExamination {

    private static final long PROBE_SECONDS = 2;

    private final Machine machine;
    private final boolean superuser;

    FuseExamination(Machine machine, boolean superuser) {
        this.machine = machine;
        this.superuser = superuser;
    }

    void examine(Consumer<Finding> sink) {
        sink.accept(machine.libfuse()
                .map(library -> Doctor.ok("libfuse 2", library.toString()))
                .orElseGet(() -> Doctor.problem("libfuse 2", "libfuse.so.2 was not found", Remedies.LIBFUSE.text())));
        sink.accept(helper());
        sink.accept(device());
        if (!superuser) {
            sink.accept(
                    machine.userAllowOther()
                            ? Doctor.ok("--allow-other", "/etc/fuse.conf has user_allow_other")
                            : Doctor.note(
                                    "--allow-other",
                                    "is not possible for ordinary users here; isle works without it",
                                    "echo user_allow_other | sudo tee -a /etc/fuse.conf"));
        }
        for (Path point : machine.isleMounts()) {
            sink.accept(mount(point));
        }
    }

    private Finding helper() {
        Optional<Path> helper = machine.program("fusermount").or(() -> machine.program("fusermount3"));
        if (helper.isEmpty()) {
            return superuser
                    ? Doctor.note("fusermount", "was not found; ordinary users need it", Remedies.FUSERMOUNT.text())
                    : Doctor.problem("fusermount", "was not found", Remedies.FUSERMOUNT.text());
        }
        Path file = helper.get();
        try {
            int mode = (Integer) Files.getAttribute(file, "unix:mode");
            if (!superuser && (mode & 04000) == 0) {
                return Doctor.problem(
                        "fusermount", file + " is not set-uid root", "sudo chmod u+s " + file.toRealPath());
            }
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return Doctor.note("fusermount", file + " could not be examined", "");
        }
        return Doctor.ok("fusermount", file.toString());
    }

    private Finding device() {
        Path device = machine.at("dev/fuse");
        if (!Files.exists(device)) {
            return Doctor.problem(
                    "/dev/fuse",
                    "does not exist",
                    "sudo modprobe fuse\nin a container: start it with --device /dev/fuse --cap-add SYS_ADMIN\n"
                            + "ls, cat, put, get, mkdir, mv and rm work without it");
        }
        return Files.isReadable(device) && Files.isWritable(device)
                ? Doctor.ok("/dev/fuse", "may be used")
                : Doctor.problem("/dev/fuse", "may not be used by this user", "sudo chmod 666 /dev/fuse");
    }

    /** A dead mount fails at once; a silent one is asked by a thread that may wait for ever. */
    private static Finding mount(Path point) {
        CompletableFuture<Optional<String>> answer = new CompletableFuture<>();
        Thread probe = new Thread(
                () -> {
                    try {
                        Files.readAttributes(point, BasicFileAttributes.class);
                        answer.complete(Optional.empty());
                    } catch (IOException e) {
                        answer.complete(Optional.of(String.valueOf(e.getMessage())));
                    }
                },
                "probe");
        probe.setDaemon(true);
        probe.start();
        String remedy = "isle mount   (cleans up what a killed daemon of this profile left)\nfusermount -u " + point;
        try {
            Optional<String> error = answer.get(PROBE_SECONDS, TimeUnit.SECONDS);
            if (error.isEmpty() || !error.get().contains("not connected")) {
                return Doctor.ok("mount", point + (error.isEmpty() ? " answers" : " is another user's"));
            }
            return Doctor.problem("mount", point + " is dead: its daemon was killed", remedy);
        } catch (TimeoutException e) {
            return Doctor.problem("mount", point + " does not answer within " + PROBE_SECONDS + " s", remedy);
        } catch (ExecutionException e) {
            return Doctor.note("mount", point + " could not be examined: " + e.getMessage(), "");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Doctor.note("mount", point + " could not be examined", "");
        }
    }
}
