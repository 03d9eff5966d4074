package isle.fs.s3;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Looks names up with a time limit, which {@link InetAddress} does not have: with a dead name server it waits for tens
 * of seconds. When a name cannot be looked up, its last known addresses serve, so that a store stays reachable while
 * only its name service is down.
 */
final class BoundedDnsResolver implements DnsResolver, AutoCloseable {

    private final DnsResolver names;
    private final Duration limit;
    private final Map<String, InetAddress[]> lastKnown = new ConcurrentHashMap<>();
    private final Map<String, Future<InetAddress[]>> running = new ConcurrentHashMap<>();
    private final ExecutorService lookups = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "isle-s3-names");
        thread.setDaemon(true);
        return thread;
    });

    BoundedDnsResolver(DnsResolver names, Duration limit) {
        this.names = names;
        this.limit = limit;
    }

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        // One lookup per name at a time, however many callers wait for it.
        try {
            Future<InetAddress[]> lookup = running.computeIfAbsent(host, this::start);
            return lookup.get(limit.toMillis(), TimeUnit.MILLISECONDS).clone();
        } catch (TimeoutException slow) {
            return knownOr(host, "no answer from the name service for " + host + " within " + limit.toMillis() + " ms");
        } catch (ExecutionException failed) {
            return knownOr(host, "the name " + host + " is not known");
        } catch (CancellationException | RejectedExecutionException closed) {
            throw new UnknownHostException("the client is closed");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new UnknownHostException("interrupted while looking up " + host);
        }
    }

    private Future<InetAddress[]> start(String host) {
        return lookups.submit(() -> {
            try {
                InetAddress[] found = names.resolve(host);
                lastKnown.put(host, found);
                return found;
            } finally {
                running.remove(host);
            }
        });
    }

    private InetAddress[] knownOr(String host, String problem) throws UnknownHostException {
        InetAddress[] known = lastKnown.get(host);
        if (known == null) {
            throw new UnknownHostException(problem);
        }
        return known.clone();
    }

    @Override
    public String resolveCanonicalHostname(String host) {
        return host;
    }

    @Override
    public void close() {
        lookups.shutdownNow();
    }
}
