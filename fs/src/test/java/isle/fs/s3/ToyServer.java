package isle.fs.s3;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;
import org.jspecify.annotations.Nullable;

/** An HTTP server on loopback that misbehaves as told: each request gets the next answer, the last one for ever. */
final class ToyServer implements AutoCloseable {

    /** What is done with a request. Returning keeps the connection, an exception closes it. */
    interface Answer {
        void to(Request request, Exchange exchange) throws Exception;
    }

    /** A request with all its content. */
    static final class Request {

        private final String method;
        private final String target;
        private final Map<String, String> headers;
        private final byte[] content;

        Request(String method, String target, Map<String, String> headers, byte[] content) {
            this.method = method;
            this.target = target;
            this.headers = headers;
            this.content = content;
        }

        String method() {
            return method;
        }

        String target() {
            return target;
        }

        @Nullable String header(String name) {
            return headers.get(name);
        }

        byte[] content() {
            return content.clone();
        }
    }

    /** The way back to the client. */
    record Exchange(Socket socket, OutputStream out) {

        void send(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        }

        /** Nothing more is said; ends when the client hangs up. */
        void hang() throws IOException {
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            throw new IOException("the client hung up");
        }

        /** Bytes with a pause before each; ends when the client hangs up. */
        void dribble(String text, long pauseMillis) throws Exception {
            for (byte b : text.getBytes(StandardCharsets.ISO_8859_1)) {
                TimeUnit.MILLISECONDS.sleep(pauseMillis);
                out.write(b);
                out.flush();
            }
        }

        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
            throw new IOException("reset");
        }
    }

    private final ServerSocket listener;
    private final String scheme;
    private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "toy-server");
        thread.setDaemon(true);
        return thread;
    });
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private volatile boolean readsContent = true;

    ToyServer() throws IOException {
        this(ServerSocketFactory.getDefault(), "http");
    }

    ToyServer(ServerSocketFactory sockets, String scheme) throws IOException {
        this.listener = sockets.createServerSocket(0, 200, InetAddress.getLoopbackAddress());
        this.scheme = scheme;
        threads.execute(this::accept);
    }

    /** The next requests get these, and the last of them for ever. */
    ToyServer answering(Answer... next) {
        answers.clear();
        answers.addAll(List.of(next));
        return this;
    }

    /** From now on answers come without waiting for the content of a request, which nobody reads. */
    ToyServer withoutReadingContent() throws IOException {
        readsContent = false;
        listener.setReceiveBufferSize(4096);
        return this;
    }

    URI endpoint() {
        return URI.create(scheme + "://127.0.0.1:" + listener.getLocalPort());
    }

    S3Settings settings() {
        return new S3Settings(endpoint(), "garage", "bucket", S3Credentials.of("GKtoy", "secret-of-the-toy"));
    }

    /** How many connections were made so far. */
    int connections() {
        return connections.get();
    }

    /** All requests so far. */
    List<Request> requests() {
        return List.copyOf(requests);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                open.add(socket);
                connections.incrementAndGet();
                threads.execute(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            Exchange exchange = new Exchange(socket, socket.getOutputStream());
            Request request = read(in);
            while (request != null) {
                requests.add(request);
                next().to(request, exchange);
                request = read(in);
            }
        } catch (Exception over) {
            // The end of a connection, whoever wanted it.
            return;
        } finally {
            open.remove(socket);
        }
    }

    private Answer next() throws InterruptedException {
        synchronized (answers) {
            return answers.size() > 1 ? answers.take() : answers.element();
        }
    }

    private @Nullable Request read(InputStream in) throws IOException {
        String first = line(in);
        if (first.isEmpty()) {
            return null;
        }
        Map<String, String> headers = new HashMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        int size = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        List<String> words = List.of(first.split(" ", -1));
        return new Request(words.get(0), words.get(1), headers, readsContent ? in.readNBytes(size) : new byte[0]);
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
        threads.shutdownNow();
    }

    /** The beginning of a good answer to a ranged GET of {@code size} bytes. */
    static String rangeHead(int size) {
        return "HTTP/1.1 206 Partial Content\r\nContent-Length: " + size + "\r\nETag: \"e1\"\r\nContent-Range: bytes 0-"
                + (size - 1) + "/" + size + "\r\nLast-Modified: Thu, 02 Jan 2025 03:04:05 GMT\r\n\r\n";
    }

    /** A good answer to a ranged GET. */
    static Answer range(String content) {
        return (request, exchange) -> exchange.send(rangeHead(content.length()) + content);
    }

    /** A good answer to a HEAD, or to a PUT. */
    static Answer ok() {
        return (request, exchange) -> exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: \"e1\"\r\n\r\n");
    }

    /** An error of S3. */
    static Answer error(int status, String code, String message) {
        String xml =
                "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>" + message + "</Message></Error>";
        return (request, exchange) -> exchange.send("HTTP/1.1 " + status + " Bad\r\nContent-Length: " + xml.length()
                + "\r\nContent-Type: application/xml\r\n\r\n"
                + (request.method().equals("HEAD") ? "" : xml));
    }
}
