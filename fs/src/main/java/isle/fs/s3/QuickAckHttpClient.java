package isle.fs.s3;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.DefaultSchemePortResolver;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.classic.MinimalHttpClient;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.io.DetachedSocketFactory;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.pool.PoolReusePolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.SdkHttpResponse;

/**
 * The SDK's HTTP client, over httpclient5 and our own sockets ({@link QuickAckSocket}), which no client of the SDK lets
 * anybody set. Each attempt obeys the {@link Deadline} of its call, from waiting for a connection to the last byte of
 * the answer. It does nothing else: no redirects, cookies, retries, proxies or {@code Expect: 100-continue}.
 */
final class QuickAckHttpClient implements SdkHttpClient {

    static final int MAX_CONNECTIONS = 64;

    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration LOOK_UP = Duration.ofSeconds(2);

    /** Waiting for one of the connections to become free. */
    private static final Duration ACQUIRE = Duration.ofSeconds(2);

    private static final Duration MAX_IDLE = Duration.ofSeconds(30);

    /** A connection not used for this long is checked first, which takes 1 ms when it is healthy. */
    private static final Duration CHECK_AFTER = Duration.ofSeconds(1);

    private static final int BUFFER_BYTES = 16 * 1024;

    /** httpclient5 writes these itself, from the entity. */
    private static final Set<String> WRITTEN_BY_CLIENT = Set.of("content-length", "transfer-encoding");

    /** A key that begins with a slash, after the bucket. */
    private static final Pattern LEADING_SLASH = Pattern.compile("^(/[^/]+/)/");

    private final BoundedDnsResolver names = new BoundedDnsResolver(SystemDefaultDnsResolver.INSTANCE, LOOK_UP);
    private final ScheduledExecutorService alarms = AttemptWatch.newAlarms();
    private final PoolingHttpClientConnectionManager connections;
    private final MinimalHttpClient client;

    private QuickAckHttpClient(DetachedSocketFactory sockets, TlsSocketStrategy tls) {
        this.connections = pool(sockets, tls, names);
        this.client = HttpClients.createMinimal(connections);
    }

    /** A client that acknowledges at once and trusts what the JVM trusts. */
    static QuickAckHttpClient create() {
        return new QuickAckHttpClient(proxy -> new QuickAckSocket(), DefaultClientTlsStrategy.createDefault());
    }

    /** As {@link #create}, with other sockets or other trust. */
    static QuickAckHttpClient create(DetachedSocketFactory sockets, SSLContext trust) {
        return new QuickAckHttpClient(sockets, new DefaultClientTlsStrategy(trust));
    }

    private static PoolingHttpClientConnectionManager pool(
            DetachedSocketFactory sockets, TlsSocketStrategy tls, BoundedDnsResolver names) {
        var operator = new DefaultHttpClientConnectionOperator(
                sockets,
                DefaultSchemePortResolver.INSTANCE,
                names,
                RegistryBuilder.<TlsSocketStrategy>create()
                        .register("https", tls)
                        .build());
        var factory = ManagedHttpClientConnectionFactory.builder()
                .http1Config(Http1Config.custom().setBufferSize(BUFFER_BYTES).build())
                .responseParserFactory(new WholeHeads())
                // A store that refuses an upload answers at once and hangs up: see the answer before the hang-up.
                .responseOutOfOrderStrategy((request, connection, input, sent, next) -> input.available() > 0)
                .build();
        var pool = new PoolingHttpClientConnectionManager(
                operator, PoolConcurrencyPolicy.STRICT, PoolReusePolicy.LIFO, TimeValue.NEG_ONE_MILLISECOND, factory);
        pool.setMaxTotal(MAX_CONNECTIONS);
        pool.setDefaultMaxPerRoute(MAX_CONNECTIONS);
        pool.setDefaultConnectionConfig(ConnectionConfig.custom()
                .setConnectTimeout(Timeout.of(CONNECT))
                .setSocketTimeout(Timeout.of(CONNECT))
                .setValidateAfterInactivity(TimeValue.of(CHECK_AFTER))
                .setIdleTimeout(Timeout.of(MAX_IDLE))
                .build());
        pool.setDefaultSocketConfig(
                SocketConfig.custom().setTcpNoDelay(true).setSoKeepAlive(true).build());
        return pool;
    }

    @Override
    public String clientName() {
        return "isle";
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        HttpUriRequestBase http = translate(request);
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                return execute(http);
            }

            @Override
            public void abort() {
                http.abort();
            }
        };
    }

    private HttpExecuteResponse execute(HttpUriRequestBase http) throws IOException {
        Deadline deadline = Deadline.current();
        Duration limit = deadline.nextAttempt();
        if (limit.isNegative() || limit.isZero()) {
            throw new DeadlineExceeded(deadline.limits().total());
        }
        http.setConfig(config(limit, deadline.limits().quiet()));
        AttemptWatch watch = AttemptWatch.start(alarms, limit, http::abort);
        boolean handedOver = false;
        try {
            HttpHost host = new HttpHost(
                    http.getScheme(),
                    http.getAuthority().getHostName(),
                    http.getAuthority().getPort());
            ClassicHttpResponse answer = client.executeOpen(host, http, HttpClientContext.create());
            HttpExecuteResponse response = translate(answer, http, watch);
            handedOver = true;
            return response;
        } catch (IOException e) {
            dropIdle();
            throw watch.reasonOf(e);
        } catch (IllegalStateException e) {
            // Cut off while it waited for a connection, or the pool was closed.
            throw watch.reasonOf(new IOException("given up", e));
        } finally {
            if (!handedOver) {
                watch.stop();
            }
        }
    }

    /**
     * One failed attempt makes all idle connections suspect: after a restart of the server or a change of networks they
     * are all dead, some of them silently, and each further attempt would meet another one.
     */
    private void dropIdle() {
        connections.closeIdle(TimeValue.ZERO_MILLISECONDS);
    }

    private static RequestConfig config(Duration attempt, Duration quiet) {
        return RequestConfig.custom()
                .setConnectionRequestTimeout(Timeout.of(shorter(ACQUIRE, attempt)))
                .setResponseTimeout(Timeout.of(shorter(quiet, attempt)))
                .build();
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private static HttpUriRequestBase translate(HttpExecuteRequest execute) {
        SdkHttpRequest request = execute.httpRequest();
        HttpUriRequestBase http = new HttpUriRequestBase(request.method().name(), wireUri(request.getUri()));
        for (Map.Entry<String, List<String>> header : request.headers().entrySet()) {
            if (!WRITTEN_BY_CLIENT.contains(header.getKey().toLowerCase(Locale.ROOT))) {
                for (String value : header.getValue()) {
                    http.addHeader(header.getKey(), value);
                }
            }
        }
        ContentStreamProvider content = execute.contentStreamProvider().orElse(null);
        if (content != null) {
            long size = request.firstMatchingHeader("Content-Length")
                    .map(Long::parseLong)
                    .orElseThrow(() -> new IllegalStateException("a request with content of unknown size"));
            http.setEntity(new RequestEntity(content, size));
        }
        return http;
    }

    /**
     * Garage drops slashes at the start of a key, unless the first is escaped; the signature covers the unescaped form.
     * So {@code /bucket//key} is signed and {@code /bucket/%2Fkey} is sent, which every store takes for the same.
     */
    static URI wireUri(URI signed) {
        String text = signed.toString();
        String path = signed.getRawPath();
        Matcher leading = LEADING_SLASH.matcher(path);
        if (!leading.find()) {
            return signed;
        }
        int at = text.indexOf(path, text.indexOf("//") + 2) + leading.end(1);
        return URI.create(text.substring(0, at) + "%2F" + text.substring(at + 1));
    }

    private HttpExecuteResponse translate(ClassicHttpResponse answer, HttpUriRequestBase http, AttemptWatch watch)
            throws IOException {
        SdkHttpResponse.Builder response =
                SdkHttpResponse.builder().statusCode(answer.getCode()).statusText(answer.getReasonPhrase());
        for (Header header : answer.getHeaders()) {
            response.appendHeader(sdkName(header.getName()), header.getValue());
        }
        HttpExecuteResponse.Builder executed = HttpExecuteResponse.builder().response(response.build());
        HttpEntity entity = answer.getEntity();
        InputStream content = entity == null ? null : entity.getContent();
        if (entity == null || content == null) {
            watch.stop();
            answer.close();
        } else {
            AnswerStream stream =
                    new AnswerStream(content, answer, entity.getContentLength(), http::abort, this::dropIdle, watch);
            executed.responseBody(AbortableInputStream.create(stream, stream));
        }
        return executed.build();
    }

    /** The SDK tries to parse this header and logs a page for each foreign object where it is no date. */
    private static String sdkName(String header) {
        return header.equalsIgnoreCase("Expires") ? "ExpiresString" : header;
    }

    @Override
    public void close() {
        connections.close(CloseMode.IMMEDIATE);
        alarms.shutdownNow();
        names.close();
    }
}
