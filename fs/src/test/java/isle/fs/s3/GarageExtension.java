package isle.fs.s3;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a test class a Garage of its own, as a parameter or, registered in a static field, by {@link #server}. Mark the
 * class with the tag {@code garage}.
 */
public final class GarageExtension implements BeforeAllCallback, AfterAllCallback, ParameterResolver {

    private final boolean fsync;
    private @Nullable Path folder;
    private @Nullable GarageServer server;

    public GarageExtension() {
        this(true);
    }

    private GarageExtension(boolean fsync) {
        this.fsync = fsync;
    }

    /** For classes that write much and do not look at durability. */
    public static GarageExtension withoutFsync() {
        return new GarageExtension(false);
    }

    public GarageServer server() {
        GarageServer running = server;
        if (running == null) {
            throw new IllegalStateException("garage runs from before all tests of the class until after them");
        }
        return running;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        if (server == null) {
            Path temporary = Files.createTempDirectory("isle-garage");
            folder = temporary;
            server = fsync ? GarageServer.start(temporary) : GarageServer.startWithoutFsync(temporary);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        // Nested classes end before the one that the server belongs to.
        boolean nested = context.getTestClass().map(Class::isMemberClass).orElse(false);
        if (nested) {
            return;
        }
        if (server != null) {
            server.close();
            server = null;
        }
        if (folder != null) {
            delete(folder);
            folder = null;
        }
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == GarageServer.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return server();
    }
}
