package isle.mountd;

import isle.mountd.api.DaemonException;
import isle.mountd.api.DaemonProgram;
import isle.mountd.api.MountAnswer;
import isle.mountd.api.MountRequest;
import isle.mountd.api.ProfileFolders;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The daemon inside the process of {@code isle daemon}. */
public final class ForegroundDaemon implements DaemonProgram {

    @Override
    public void run(
            ProfileFolders folders,
            Optional<MountRequest> mount,
            Consumer<String> progress,
            Optional<Consumer<String>> codes)
            throws DaemonException {
        DaemonLog.prepare();
        Map<String, String> environment = System.getenv();
        DaemonProcess process = DaemonProcess.start(folders, environment, new Wiring(environment), true);
        try {
            if (mount.isPresent()) {
                MountAnswer answer = process.daemon().mount(mount.get(), progress, codes.isPresent());
                progress.accept("Mounted at " + answer.dir());
                answer.recoveryCode().ifPresent(code -> codes.ifPresent(sink -> sink.accept(code)));
                answer.notes().forEach(progress);
            }
        } catch (DaemonException e) {
            process.daemon().exit();
            process.awaitEnd();
            throw e;
        }
        process.awaitEnd();
    }
}
