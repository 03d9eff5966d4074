package isle.cli;

import java.io.IOException;
import java.util.Map;
import java.util.Set;

/** Shows a folder in the desktop's file manager, where somebody sits in front of one. */
final class Desktop {

    private static final Set<String> ELSEWHERE = Set.of("SSH_CONNECTION", "SSH_TTY", "CI");

    private final Context context;

    Desktop(Context context) {
        this.context = context;
    }

    /** Opens the folder in the background; that it cannot is no error. */
    void open(String folder) {
        if (!isDesktop(context.environment(), context.isTerminal())) {
            return;
        }
        try {
            new ProcessBuilder("xdg-open", folder)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            context.note("Open " + folder + " in your file manager: xdg-open, which would do it, is not installed.");
        }
    }

    /** A display is there, a person typed the command, and sits in front of it. */
    static boolean isDesktop(Map<String, String> environment, boolean terminal) {
        boolean display = !environment.getOrDefault("DISPLAY", "").isEmpty()
                || !environment.getOrDefault("WAYLAND_DISPLAY", "").isEmpty();
        return display
                && terminal
                && ELSEWHERE.stream()
                        .allMatch(name -> environment.getOrDefault(name, "").isEmpty());
    }
}
