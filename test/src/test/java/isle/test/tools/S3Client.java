package isle.test.tools;

import isle.fs.s3.GarageKey;
import isle.fs.s3.GarageServer;
import isle.test.rig.Command;
import isle.test.rig.Scripts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Another program on the same bucket: none of our code, and no key is too odd for it. */
public final class S3Client {

    private final Path script;
    private final Map<String, String> environment;
    private final String bucket;

    public S3Client(GarageServer garage, String bucket, Path folder) {
        this.script = Scripts.copy("s3.py", folder);
        this.bucket = bucket;
        GarageKey key = garage.key();
        this.environment = Map.of(
                "S3_ENDPOINT", garage.endpoint().toString(),
                "S3_REGION", GarageServer.REGION,
                "AWS_ACCESS_KEY_ID", key.id(),
                "AWS_SECRET_ACCESS_KEY", key.secret(),
                "LC_ALL", "C.UTF-8");
    }

    /** @param headers such as {@code x-amz-meta-mode=33188} */
    public void put(String key, String content, String... headers) {
        List<String> arguments = new ArrayList<>(List.of(key));
        arguments.addAll(List.of(headers));
        command("put", arguments).input(content).run().ok();
    }

    /** So many folders, numbered from 0, with a file each. */
    public void fill(String folder, int count) {
        command("fill", List.of(folder, Integer.toString(count))).run().ok();
    }

    public String get(String key) {
        return command("get", List.of(key)).run().ok().out();
    }

    /** Headers, one a line. */
    public String head(String key) {
        return command("head", List.of(key)).run().ok().out();
    }

    public void delete(String key) {
        command("delete", List.of(key)).run().ok();
    }

    /** Writes every object with its key and its headers into a file of its own. */
    public void dump(Path folder) {
        command("dump", List.of(folder.toString())).run().ok();
    }

    /** All keys of the bucket. */
    public List<String> keys() {
        return command("list", List.of())
                .run()
                .ok()
                .out()
                .lines()
                .map(line -> line.substring(0, line.lastIndexOf('\t')))
                .toList();
    }

    private Command command(String what, List<String> arguments) {
        List<String> words = new ArrayList<>(List.of("python3", script.toString(), what, bucket));
        words.addAll(arguments);
        return Command.of(words).with(environment);
    }
}
