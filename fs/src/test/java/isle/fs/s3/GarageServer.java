package isle.fs.s3;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A real Garage of one node on loopback, in a folder of its own: started, killed, paused and started again by tests.
 * Thread safe but for its life cycle.
 */
public final class GarageServer implements AutoCloseable {

    public static final String REGION = "garage";

    private static final String LOOPBACK = "127.0.0.1";
    private static final Duration START = Duration.ofSeconds(30);
    private static final int START_ATTEMPTS = 5;

    /** Below the ports that the kernel gives to clients, so that a restart finds its ports free. */
    private static final int FIRST_PORT = 20_000;

    private static final int LAST_PORT = 32_000;
    private static final Pattern COUNTER =
            Pattern.compile("(?m)^api_s3_request_counter\\{api_endpoint=\"(\\w+)\"\\} (\\d+)$");

    private final HttpClient admin = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final Path program = GarageBinary.find(System.getenv());
    private final Path folder;
    private final boolean fsync;
    private final Map<String, String> environment;
    private final GarageKey key = new GarageKey("GK" + hex(12), hex(32));
    private final String token = hex(16);
    private final String rpcSecret = hex(32);
    private int s3Port;
    private int adminPort;
    private GarageProcess process;

    private GarageServer(Path folder, boolean fsync, Map<String, String> environment) {
        this.folder = folder;
        this.fsync = fsync;
        this.environment = Map.copyOf(environment);
        this.process = startFirst();
    }

    /** A server that forces its writes to the disk, as isle configures it. */
    public static GarageServer start(Path folder) {
        return new GarageServer(folder, true, Map.of());
    }

    /** A server that leaves its writes to the operating system: for tests that need many of them. */
    public static GarageServer startWithoutFsync(Path folder) {
        return new GarageServer(folder, false, Map.of());
    }

    /** As {@link #startWithoutFsync(Path)}, by a clock that the test may set. */
    public static GarageServer startWithoutFsync(Path folder, ShiftedClock clock) {
        return new GarageServer(folder, false, clock.environment());
    }

    private GarageProcess startFirst() {
        AssertionError failure = new AssertionError("garage does not start");
        for (int attempt = 0; attempt < START_ATTEMPTS; attempt++) {
            s3Port = freePort();
            adminPort = freePort();
            writeConfiguration(freePort());
            try {
                return launch();
            } catch (AssertionError e) {
                // Somebody else may have taken a port in between.
                failure.addSuppressed(e);
            }
        }
        throw failure;
    }

    private static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return port;
            } catch (IOException e) {
                // Taken: another one.
            }
        }
    }

    private void writeConfiguration(int rpcPort) {
        String text = """
                metadata_dir = "%1$s/meta"
                data_dir = "%1$s/data"
                db_engine = "lmdb"
                replication_factor = 1
                metadata_fsync = %2$s
                data_fsync = %2$s
                rpc_bind_addr = "127.0.0.1:%3$d"
                rpc_public_addr = "127.0.0.1:%3$d"
                rpc_secret = "%4$s"
                [s3_api]
                s3_region = "%5$s"
                api_bind_addr = "127.0.0.1:%6$d"
                [admin]
                api_bind_addr = "127.0.0.1:%7$d"
                admin_token = "%8$s"
                """.formatted(folder, fsync, rpcPort, rpcSecret, REGION, s3Port, adminPort, token);
        Path file = configuration();
        try {
            Files.deleteIfExists(file);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Path configuration() {
        return folder.resolve("garage.toml");
    }

    private GarageProcess launch() {
        Map<String, String> variables = new TreeMap<>(environment);
        variables.put("GARAGE_DEFAULT_ACCESS_KEY", key.id());
        variables.put("GARAGE_DEFAULT_SECRET_KEY", key.secret());
        variables.put("GARAGE_DEFAULT_BUCKET", defaultBucket());
        GarageProcess started = GarageProcess.start(
                List.of(
                        program.toString(),
                        "-c",
                        configuration().toString(),
                        "server",
                        "--single-node",
                        "--default-bucket"),
                variables,
                log());
        long end = System.nanoTime() + START.toNanos();
        while (!isHealthy()) {
            if (!started.isAlive() || System.nanoTime() > end) {
                started.kill();
                throw new AssertionError("garage does not become healthy; its log ends with:\n" + endOfLog());
            }
            pause();
        }
        return started;
    }

    private boolean isHealthy() {
        try {
            HttpRequest request = HttpRequest.newBuilder(adminUri("/health"))
                    .timeout(Duration.ofSeconds(2))
                    .build();
            return admin.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private String endOfLog() {
        try {
            List<String> lines = Files.readAllLines(log());
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
        } catch (IOException e) {
            return "(no log: " + e + ")";
        }
    }

    /** What the server writes about itself. */
    public Path log() {
        return folder.resolve("garage.log");
    }

    public URI endpoint() {
        return URI.create("http://" + LOOPBACK + ":" + s3Port);
    }

    public URI adminEndpoint() {
        return URI.create("http://" + LOOPBACK + ":" + adminPort);
    }

    public String adminToken() {
        return token;
    }

    /** Keys that may do everything with {@link #defaultBucket} and {@link #createBucket}s, and create buckets. */
    public GarageKey key() {
        return key;
    }

    /** A bucket that is there from the start. */
    public String defaultBucket() {
        return "isle-test";
    }

    public S3Settings settings(String bucket) {
        return settings(bucket, key);
    }

    public S3Settings settings(String bucket, GarageKey other) {
        return new S3Settings(endpoint(), REGION, bucket, other.credentials());
    }

    /** Makes a new bucket for {@link #key} and returns its name. */
    public String createBucket() {
        String name = "test-" + hex(6);
        String id = field(call("CreateBucket", "{\"globalAlias\":\"" + name + "\"}"), "id");
        allow(id, key, "{\"read\":true,\"write\":true,\"owner\":true}");
        return name;
    }

    /** New keys without any rights. */
    public GarageKey createKey() {
        String answer = call("CreateKey", "{\"name\":\"test\"}");
        return new GarageKey(field(answer, "accessKeyId"), field(answer, "secretAccessKey"));
    }

    /** New keys that may only read {@code bucket}. */
    public GarageKey createReadOnlyKey(String bucket) {
        GarageKey reader = createKey();
        allow(idOf(bucket), reader, "{\"read\":true,\"write\":false,\"owner\":false}");
        return reader;
    }

    /** New keys that may read and write {@code bucket}, not own it. */
    public GarageKey createMemberKey(String bucket) {
        GarageKey member = createKey();
        allow(idOf(bucket), member, "{\"read\":true,\"write\":true,\"owner\":false}");
        return member;
    }

    private void allow(String bucketId, GarageKey whom, String permissions) {
        call(
                "AllowBucketKey",
                "{\"bucketId\":\"" + bucketId + "\",\"accessKeyId\":\"" + whom.id() + "\",\"permissions\":"
                        + permissions + "}");
    }

    /** Takes the right to write from {@code whom}. */
    public void denyWrites(String bucket, GarageKey whom) {
        call(
                "DenyBucketKey",
                "{\"bucketId\":\"" + idOf(bucket) + "\",\"accessKeyId\":\"" + whom.id()
                        + "\",\"permissions\":{\"read\":false,\"write\":true,\"owner\":false}}");
    }

    /** Limits a bucket; empty takes a limit away. */
    public void setQuota(String bucket, OptionalLong maxBytes, OptionalLong maxObjects) {
        String size = maxBytes.isPresent() ? Long.toString(maxBytes.getAsLong()) : "null";
        String objects = maxObjects.isPresent() ? Long.toString(maxObjects.getAsLong()) : "null";
        call(
                "UpdateBucket?id=" + idOf(bucket),
                "{\"quotas\":{\"maxSize\":" + size + ",\"maxObjects\":" + objects + "}}");
    }

    private String idOf(String bucket) {
        return field(get("/v2/GetBucketInfo?globalAlias=" + bucket), "id");
    }

    /** S3 requests that this process has served so far, by operation ("PutObject", "ListObjectsV2" ...). */
    public Map<String, Long> requests() {
        Map<String, Long> counts = new TreeMap<>();
        Matcher counter = COUNTER.matcher(get("/metrics"));
        while (counter.find()) {
            counts.put(counter.group(1), Long.parseLong(counter.group(2)));
        }
        return counts;
    }

    /** S3 requests of one operation that this process has served so far. */
    public long requests(String operation) {
        return requests().getOrDefault(operation, 0L);
    }

    /** All S3 requests that this process has served so far. */
    public long allRequests() {
        return requests().values().stream().mapToLong(Long::longValue).sum();
    }

    /** Any call of the admin API, version 2, as in "CreateBucket"; returns its JSON. */
    public String call(String call, String json) {
        return send(HttpRequest.newBuilder(adminUri("/v2/" + call)).POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    private String get(String path) {
        return send(HttpRequest.newBuilder(adminUri(path)));
    }

    private String send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = admin.send(
                    request.header("Authorization", "Bearer " + token)
                            .timeout(Duration.ofSeconds(30))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() / 100 != 2) {
                throw new AssertionError(
                        response.uri() + " answered " + response.statusCode() + ": " + response.body());
            }
            return response.body();
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private URI adminUri(String path) {
        return URI.create(adminEndpoint() + path);
    }

    private static String field(String json, String name) {
        Matcher field = Pattern.compile("\"" + name + "\"\\s*:\\s*\"([^\"]*)\"").matcher(json);
        if (!field.find()) {
            throw new AssertionError("no " + name + " in the answer of garage");
        }
        return field.group(1);
    }

    private static String hex(int bytes) {
        byte[] random = new byte[bytes];
        ThreadLocalRandom.current().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    public long pid() {
        return process.pid();
    }

    /** kill -9: connections are reset, what was not forced to the disk may be lost. */
    public void kill() {
        process.kill();
    }

    /** Ends it in order. */
    public void stop() {
        process.stop();
    }

    /** Starts it again after {@link #kill} or {@link #stop}, on the same ports and data. */
    public void restart() {
        if (process.isAlive()) {
            throw new IllegalStateException("garage runs");
        }
        process = launch();
    }

    /** SIGSTOP: it keeps its connections and answers nothing. */
    public void suspend() {
        process.signal("STOP");
    }

    /** SIGCONT. */
    public void resume() {
        process.signal("CONT");
    }

    @Override
    public void close() {
        process.kill();
    }
}
