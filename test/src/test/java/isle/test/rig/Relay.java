package isle.test.rig;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.net.ExtendedSocketOptions;

/** Stands between isle and a store, passes everything on, and misbehaves when told. */
public final class Relay implements AutoCloseable {

    /** What it does with a request. */
    public enum Fault {
        /** Nothing bad. */
        NONE,
        /** The store's answers 500, 503 and 429, without asking it. */
        ERROR,
        UNAVAILABLE,
        TOO_MANY,
        /** The connection is reset when the request has come. */
        RESET,
        /** The answer ends in the middle. */
        TRUNCATED,
        /** The answer comes with one byte a second. */
        DRIBBLE,
        /** The request is read with one byte a second. */
        SLOW_READER,
        /** The request is carried out later, when the fault is over and nobody waits for the answer any more. */
        HELD
    }

    /** A held request is passed on so long after the fault has ended, at most: others come first. */
    private static final int LATE_MILLIS = 300;

    private static final int STEP = 16 * 1024;

    private final ServerSocket listener;
    private final URI store;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "relay");
        thread.setDaemon(true);
        return thread;
    });
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Queue<byte[]> held = new ConcurrentLinkedQueue<>();
    private final AtomicInteger met = new AtomicInteger();
    private volatile Fault fault = Fault.NONE;
    private volatile Duration delay = Duration.ZERO;

    public Relay(URI store) {
        this.store = store;
        try {
            this.listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.execute(this::accept);
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    /** From now on every connection has this fault, also those that are open. */
    public void misbehave(Fault next) {
        met.set(0);
        fault = next;
        open.forEach(Relay::reset);
        for (byte[] request = held.poll(); request != null; request = held.poll()) {
            byte[] late = request;
            threads.execute(() -> carryOut(late));
        }
    }

    /** From now on each piece of an answer, 16 KiB at most, comes so much later. */
    public void delay(Duration time) {
        delay = time;
    }

    public boolean isBad() {
        return fault != Fault.NONE;
    }

    /** How many requests have met the fault. */
    public int met() {
        return met.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                open.add(client);
                threads.execute(() -> serve(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        Fault now = fault;
        try (client) {
            switch (now) {
                case NONE, TRUNCATED, DRIBBLE -> relay(client, now);
                case RESET -> {
                    head(client.getInputStream());
                    met.incrementAndGet();
                    reset(client);
                }
                case SLOW_READER -> {
                    met.incrementAndGet();
                    while (client.getInputStream().read() >= 0) {
                        TimeUnit.SECONDS.sleep(1);
                    }
                }
                case HELD -> hold(client.getInputStream());
                case ERROR -> refuse(client, "500 Internal Server Error", "InternalError");
                case UNAVAILABLE -> refuse(client, "503 Service Unavailable", "ServiceUnavailable");
                case TOO_MANY -> refuse(client, "429 Too Many Requests", "SlowDown");
            }
        } catch (IOException over) {
            // One side has hung up, or was made to.
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(client);
        }
    }

    private void relay(Socket client, Fault how) throws IOException, InterruptedException {
        try (Socket server = new Socket(store.getHost(), store.getPort())) {
            server.setTcpNoDelay(true);
            client.setTcpNoDelay(true);
            threads.execute(() -> passRequests(client, server));
            byte[] bytes = new byte[STEP];
            InputStream in = server.getInputStream();
            OutputStream out = client.getOutputStream();
            int count = readNow(server, in, bytes);
            while (count >= 0) {
                switch (how) {
                    case TRUNCATED -> {
                        met.incrementAndGet();
                        out.write(bytes, 0, count / 2);
                        return;
                    }
                    case DRIBBLE -> {
                        met.incrementAndGet();
                        for (int i = 0; i < count; i++) {
                            out.write(bytes[i]);
                            out.flush();
                            TimeUnit.SECONDS.sleep(1);
                        }
                    }
                    default -> {
                        TimeUnit.NANOSECONDS.sleep(delay.toNanos());
                        out.write(bytes, 0, count);
                    }
                }
                count = readNow(server, in, bytes);
            }
        }
    }

    /** Garage waits for the acknowledgement of an answer's head, which would come 40 ms late. */
    private static int readNow(Socket server, InputStream in, byte[] bytes) throws IOException {
        server.setOption(ExtendedSocketOptions.TCP_QUICKACK, true);
        return in.read(bytes);
    }

    private static void passRequests(Socket client, Socket server) {
        try {
            client.getInputStream().transferTo(server.getOutputStream());
            server.shutdownOutput();
        } catch (IOException over) {
            reset(server);
        }
    }

    /** Answers each request itself, once all of it has come. */
    private void refuse(Socket client, String status, String code) throws IOException {
        InputStream in = new BufferedInputStream(client.getInputStream());
        OutputStream out = client.getOutputStream();
        String request = head(in);
        while (!request.isEmpty()) {
            in.skipNBytes(contentLength(request));
            met.incrementAndGet();
            String xml = "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>told to</Message></Error>";
            String answer = "HTTP/1.1 " + status + "\r\nContent-Type: application/xml\r\nContent-Length: "
                    + xml.length() + "\r\n\r\n" + (request.startsWith("HEAD ") ? "" : xml);
            out.write(answer.getBytes(StandardCharsets.US_ASCII));
            request = head(in);
        }
    }

    private void hold(InputStream in) throws IOException {
        String head = head(in);
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.write(head.getBytes(StandardCharsets.ISO_8859_1));
        request.write(in.readNBytes((int) contentLength(head)));
        held.add(request.toByteArray());
        met.incrementAndGet();
        // Until the client gives up.
        in.transferTo(OutputStream.nullOutputStream());
    }

    private void carryOut(byte[] request) {
        try (Socket server = new Socket(store.getHost(), store.getPort())) {
            TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextInt(LATE_MILLIS));
            server.getOutputStream().write(request);
            // A client that hangs up would take the request back.
            server.setSoTimeout(LATE_MILLIS * 10);
            server.getInputStream().readAllBytes();
        } catch (IOException over) {
            // Nobody hears of it.
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The lines before the content; empty at the end of the connection. */
    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        int matched = 0;
        while (matched < 4) {
            int next = in.read();
            if (next < 0) {
                return "";
            }
            lines.write(next);
            matched = next == "\r\n\r\n".charAt(matched) ? matched + 1 : next == '\r' ? 1 : 0;
        }
        return lines.toString(StandardCharsets.ISO_8859_1);
    }

    private static long contentLength(String head) {
        return head.lines()
                .map(line -> line.toLowerCase(Locale.ROOT))
                .filter(line -> line.startsWith("content-length:"))
                .mapToLong(line ->
                        Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
                .findFirst()
                .orElse(0);
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // Closed by its own thread meanwhile.
            return;
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            open.forEach(Relay::reset);
            threads.shutdownNow();
        }
    }
}
