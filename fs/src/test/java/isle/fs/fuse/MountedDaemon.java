package isle.fs.fuse;

import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.vfs.FileSystem;
import isle.fs.vfs.FileSystem.AttributeChange;
import isle.fs.vfs.FileSystem.Caller;
import isle.fs.vfs.FileSystem.OpenFlags;
import isle.fs.vfs.FileSystem.Stat;
import isle.fs.vfs.FileSystem.TimeChange;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * The process behind a mount in tests. It is a process of its own, because no thread of a daemon may use its own mount.
 * It takes commands from standard input, one a line, answers each with a line, and unmounts at the end of its input, so
 * that it cannot outlive a test that breaks.
 */
final class MountedDaemon {

    private static final Caller OTHER_HOST = new Caller(0, 0, 0);

    private final FaultyFileSystem fs;
    private final FuseMount mount;

    private MountedDaemon(FaultyFileSystem fs, FuseMount mount) {
        this.fs = fs;
        this.mount = mount;
    }

    /** Arguments: profile, folder, then "read-only", "allow-other", "long" in any order. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        List<String> flags = List.of(arguments).subList(2, arguments.length);
        MountOptions options = MountOptions.of(arguments[0])
                .withReadOnly(flags.contains("read-only"))
                .withAllowOther(flags.contains("allow-other"))
                .withTimeouts(flags.contains("long") ? CacheTimeouts.LONG : CacheTimeouts.SHORT);
        int uid = MountChecks.uid();
        FaultyFileSystem fs = new FaultyFileSystem(uid, uid);
        try {
            FuseMount mount = FuseMount.mount(fs, Path.of(arguments[1]), options);
            System.out.println("mounted " + mount.point());
            new MountedDaemon(fs, mount).serve();
        } catch (MountProblem e) {
            System.out.println("problem " + e.kind() + " " + e.getMessage() + " | " + e.action());
        }
        // An orderly end runs into the loop threads, if any are left: it must not hang there.
        System.exit(0);
    }

    private void serve() throws IOException, InterruptedException {
        try (BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                String answer;
                try {
                    answer = command(line.split(" ", 3));
                } catch (MountProblem e) {
                    answer = "problem " + e.kind() + " " + e.getMessage() + " | " + e.action();
                }
                System.out.println(answer);
            }
        }
        if (!mount.ended().isDone()) {
            mount.detach();
        }
    }

    private String command(String[] words) throws IOException, InterruptedException {
        switch (words[0]) {
            case "unmount" -> mount.unmount(Duration.ofMillis(Long.parseLong(words[1])));
            case "detach" -> mount.detach();
            case "await-end" -> mount.ended().join();
            case "threads" -> {
                return Integer.toString(mount.threads());
            }
            case "go" -> fs.go();
            case "short" -> mount.setTimeouts(CacheTimeouts.SHORT);
            case "everything" -> mount.invalidation().everything();
            case "released" -> {
                // The kernel does not wait for the release of a file.
                while (fs.hasOpenFiles()) {
                    LockSupport.parkNanos(1_000_000);
                }
            }
            case "settle" -> mount.invalidation().settled().join();
            case "tell-content" -> mount.invalidation().content(find(words[1]).inode());
            case "tell-name" -> mount.invalidation().name(parent(words[1]), name(words[1]));
            case "foreign-content" -> foreignContent(words[1], words[2]);
            case "foreign-mkdir" -> fs.mkdir(parent(words[1]), name(words[1]), 0755, OTHER_HOST);
            case "foreign-unlink" -> fs.unlink(parent(words[1]), name(words[1]), OTHER_HOST);
            case "foreign-unlink-dir" -> fs.rmdir(parent(words[1]), name(words[1]), OTHER_HOST);
            case "foreign-rename" ->
                fs.rename(parent(words[1]), name(words[1]), parent(words[2]), name(words[2]), OTHER_HOST);
            default -> throw new IllegalArgumentException(words[0]);
        }
        return "ok";
    }

    /** Other bytes of the same length, and the same time: nothing that a stat could tell. */
    private void foreignContent(String path, String text) throws FsException {
        Stat before = find(path);
        long handle = fs.open(before.inode(), new OpenFlags(true, true, false, false), OTHER_HOST);
        fs.write(handle, 0, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        fs.release(handle);
        TimeChange mtime = new TimeChange(Optional.of(before.mtime()));
        fs.setattr(before.inode(), AttributeChange.times(Optional.empty(), Optional.of(mtime)), OTHER_HOST);
    }

    private Stat find(String path) throws FsException {
        Stat found = fs.getattr(FileSystem.ROOT);
        for (String part : path.split("/", -1)) {
            found = fs.lookup(found.inode(), FileName.of(part));
        }
        return found;
    }

    private long parent(String path) throws FsException {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? FileSystem.ROOT : find(path.substring(0, slash)).inode();
    }

    private static FileName name(String path) {
        return FileName.of(path.substring(path.lastIndexOf('/') + 1));
    }
}
