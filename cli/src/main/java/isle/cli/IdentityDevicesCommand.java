package isle.cli;

import isle.mountd.api.DaemonClient;
import isle.mountd.api.DeviceReport;
import isle.mountd.api.IdentityClient;
import isle.mountd.api.JsonObject;
import isle.mountd.api.PathText;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code isle identity devices}. */
@Command(
        name = "devices",
        header = "List the hosts that may open private/.",
        description = {"", "Each with its id and its name; this one is marked.", ""},
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed",
            "2:wrong usage",
            "3:no daemon of this profile runs",
            "4:the store cannot be reached",
            "7:refused: private/ is not open"
        },
        footer = {"", "Examples:", "  isle identity devices"})
final class IdentityDevicesCommand implements Callable<Integer> {

    private final Context context;

    @Option(names = "--json", description = "Print JSON, an object a line, for scripts.")
    private boolean json;

    IdentityDevicesCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        try (DaemonClient daemon = context.daemon()) {
            IdentityClient identity = new IdentityClient(daemon, context::note);
            for (DeviceReport device : identity.devices()) {
                if (json) {
                    context.print(JsonObject.EMPTY
                            .with("id", device.id())
                            .with("name", device.name())
                            .with("own", device.own())
                            .toString());
                } else {
                    context.print(device.id() + "  " + PathText.display(device.name())
                            + (device.own() ? "  (this host)" : ""));
                }
            }
        }
        return ExitCode.DONE.status();
    }
}
