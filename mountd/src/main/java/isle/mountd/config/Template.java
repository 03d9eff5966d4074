package isle.mountd.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The {@code daemon.yml} that a new profile gets: every key with its default, all of them commented out. */
final class Template {

    private Template() {}

    static void writeIfAbsent(Path file) throws IOException {
        if (Files.exists(file)) {
            return;
        }
        try (InputStream template = Template.class.getResourceAsStream("daemon.yml")) {
            if (template == null) {
                throw new IOException("the template of daemon.yml is missing in the program");
            }
            Files.write(file, template.readAllBytes(), java.nio.file.StandardOpenOption.CREATE_NEW);
        } catch (FileAlreadyExistsException e) {
            // Another daemon of the same profile was faster; the lock decides between the two.
        }
    }
}
