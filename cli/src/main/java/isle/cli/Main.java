package isle.cli;

import isle.mountd.api.DaemonException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import picocli.CommandLine;

/** The program {@code isle}. */
public final class Main {

    private Main() {}

    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        int status = run(System.getenv(), out, err, arguments);
        out.flush();
        System.exit(status);
    }

    /** Runs one command and returns its exit status. */
    static int run(Map<String, String> environment, PrintStream out, PrintStream err, String... arguments) {
        Context context = new Context(environment, out, err);
        CommandLine line = Commands.line(context, arguments.length == 0 ? "" : arguments[0]);
        line.setOut(new java.io.PrintWriter(out, true, StandardCharsets.UTF_8));
        line.setErr(new java.io.PrintWriter(err, true, StandardCharsets.UTF_8));
        line.setExecutionExceptionHandler(
                (e, command, parsed) -> explain(e, context).status());
        line.setParameterExceptionHandler((e, rest) -> {
            context.note(capital(String.valueOf(e.getMessage())) + ".");
            context.note("See: " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
            return ExitCode.USAGE.status();
        });
        return line.execute(arguments);
    }

    private static ExitCode explain(Exception e, Context context) {
        if (e instanceof DaemonException known) {
            context.note(known.sentence());
            if (!known.action().isEmpty()) {
                context.note(known.action());
            }
            return ExitCode.of(known.kind());
        } else if (e instanceof FileSystemException file) {
            context.note(describe(file));
            return file instanceof AccessDeniedException ? ExitCode.REFUSED : ExitCode.FAILED;
        } else if (e instanceof IOException) {
            context.note("It failed: " + e.getMessage() + ".");
            return ExitCode.FAILED;
        }
        context.note("isle made a mistake: " + e + ".");
        context.note("Please report it, with what you typed.");
        return ExitCode.FAILED;
    }

    /** About a file of this machine. */
    private static String describe(FileSystemException e) {
        String reason = e instanceof NoSuchFileException
                ? "does not exist"
                : e instanceof AccessDeniedException
                        ? "may not be used: permission denied"
                        : e instanceof FileAlreadyExistsException ? "exists already" : "failed: " + e.getReason();
        return e.getFile() + " " + reason + ".";
    }

    private static String capital(String text) {
        return text.isEmpty() ? text : Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }
}
