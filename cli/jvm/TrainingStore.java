import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;

/**
 * Answers like an S3 store, from memory and without looking at keys: make-archives lets a daemon work with it, to learn
 * which classes that takes. Run as {@code java TrainingStore.java FILE}; writes its port into the file.
 */
final class TrainingStore {

    private static final String XML = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    private static final String TIME = "2026-01-01T00:00:00.000Z";

    /** Size of the large file that make-archives puts. */
    private static final int LARGE = 20_000_000;

    private record Stored(byte[] content, Map<String, String> fields) {}

    private final TreeMap<String, Stored> objects = new TreeMap<>();
    private int counter;

    private TrainingStore() {}

    public static void main(String[] arguments) throws IOException {
        TrainingStore store = new TrainingStore();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", exchange -> {
            try (exchange) {
                store.answer(exchange, exchange.getRequestBody().readAllBytes());
            }
        });
        server.start();
        Files.writeString(Path.of(arguments[0]), server.getAddress().getPort() + "\n");
    }

    private synchronized void answer(HttpExchange exchange, byte[] body) throws IOException {
        String path = exchange.getRequestURI().getPath().substring(1);
        String query = exchange.getRequestURI().getRawQuery();
        query = query == null ? "" : query;
        boolean ofBucket = path.indexOf('/') < 0 || path.endsWith("/") && path.indexOf('/') == path.length() - 1;
        switch (exchange.getRequestMethod()) {
            case "PUT" -> send(exchange, 200, ofBucket ? "" : put(exchange, path, query, body));
            case "POST" -> send(exchange, 200, posted(path, query));
            case "DELETE" -> {
                objects.remove(path);
                send(exchange, 204, "");
            }
            default -> {
                if (ofBucket) {
                    send(exchange, 200, list(path.replace("/", ""), query));
                } else {
                    get(exchange, path);
                }
            }
        }
    }

    private String put(HttpExchange exchange, String path, String query, byte[] body) {
        Map<String, String> fields = new TreeMap<>();
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (name.toLowerCase().startsWith("x-amz-meta-") || name.equalsIgnoreCase("Content-Type")) {
                fields.put(name, values.get(0));
            }
        });
        String etag = "\"" + String.format("%032x", ++counter) + "\"";
        fields.put("ETag", etag);
        String source = exchange.getRequestHeaders().getFirst("x-amz-copy-source");
        boolean part = query.contains("partNumber");
        if (source == null) {
            if (!part) {
                objects.put(path, new Stored(body, fields));
            }
            exchange.getResponseHeaders().set("ETag", etag);
            return "";
        }
        if (!part) {
            objects.put(path, new Stored(objects.get(source).content(), fields));
        }
        String result = part ? "CopyPartResult" : "CopyObjectResult";
        return XML + "<" + result + "><ETag>" + etag.replace("\"", "&quot;") + "</ETag></" + result + ">";
    }

    private String posted(String path, String query) {
        if (query.startsWith("delete")) {
            return XML + "<DeleteResult></DeleteResult>";
        }
        if (query.startsWith("uploads")) {
            return XML + "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>";
        }
        String etag = "\"" + ++counter + "-1\"";
        // What it is made of does not matter here.
        objects.put(path, new Stored(new byte[LARGE], Map.of("ETag", etag)));
        return XML + "<CompleteMultipartUploadResult><ETag>" + etag + "</ETag></CompleteMultipartUploadResult>";
    }

    private void get(HttpExchange exchange, String path) throws IOException {
        Stored found = objects.get(path);
        if (found == null) {
            send(exchange, 404, XML + "<Error><Code>NoSuchKey</Code><Message>none</Message></Error>");
            return;
        }
        found.fields().forEach(exchange.getResponseHeaders()::set);
        exchange.getResponseHeaders().set("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT");
        byte[] content = found.content();
        String range = exchange.getRequestHeaders().getFirst("Range");
        if (range == null || exchange.getRequestMethod().equals("HEAD")) {
            send(exchange, 200, content);
            return;
        }
        String[] ends = range.substring("bytes=".length()).split("-", -1);
        int first = Integer.parseInt(ends[0]);
        int last = Math.min(content.length - 1, ends[1].isEmpty() ? content.length : Integer.parseInt(ends[1]));
        exchange.getResponseHeaders().set("Content-Range", "bytes " + first + "-" + last + "/" + content.length);
        send(exchange, 206, Arrays.copyOfRange(content, first, last + 1));
    }

    private String list(String bucket, String query) {
        StringBuilder text = new StringBuilder(XML + "<ListBucketResult><Name>" + bucket
                + "</Name><Prefix></Prefix><KeyCount>" + objects.size() + "</KeyCount><MaxKeys>1000</MaxKeys>"
                + "<IsTruncated>false</IsTruncated>");
        if (query.contains("list-type")) {
            objects.forEach((path, stored) -> {
                if (path.startsWith(bucket + "/")) {
                    text.append("<Contents><Key>" + path.substring(bucket.length() + 1) + "</Key><LastModified>" + TIME
                            + "</LastModified><ETag>" + stored.fields().get("ETag").replace("\"", "&quot;")
                            + "</ETag><Size>" + stored.content().length + "</Size></Contents>");
                }
            });
        }
        return text.append("</ListBucketResult>").toString();
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        send(exchange, status, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void send(HttpExchange exchange, int status, byte[] content) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(content.length));
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        if (content.length == 0) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, content.length);
        exchange.getResponseBody().write(content);
    }
}
