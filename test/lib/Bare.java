import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The least that a program with picocli does: what isle's commands are measured against. */
@Command(name = "bare", subcommands = Bare.Hello.class)
public final class Bare implements Runnable {

    @Override
    public void run() {}

    @Command(name = "hello", mixinStandardHelpOptions = true)
    static final class Hello implements Callable<Integer> {
        @Option(names = "--name")
        private String name = "world";

        @Parameters(arity = "0..1")
        private String path;

        @Override
        public Integer call() {
            System.out.println("hello " + name);
            return 0;
        }
    }

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Bare()).execute(arguments));
    }
}
