package isle.fs.s3;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hc.client5.http.DnsResolver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("alone")
class BoundedDnsResolverTest {

    /** A name service that can be slow or gone. */
    private static final class Names implements DnsResolver {

        private final AtomicInteger lookups = new AtomicInteger();
        private final CountDownLatch released = new CountDownLatch(1);
        private volatile boolean slow;
        private volatile boolean gone;
        private volatile byte last = 1;

        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
            lookups.incrementAndGet();
            if (slow) {
                try {
                    released.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            if (gone) {
                throw new UnknownHostException(host);
            }
            return new InetAddress[] {InetAddress.getByAddress(new byte[] {10, 0, 0, last})};
        }

        @Override
        public String resolveCanonicalHostname(String host) {
            return host;
        }
    }

    private final Names names = new Names();
    private final BoundedDnsResolver resolver = new BoundedDnsResolver(names, Duration.ofMillis(200));

    @AfterEach
    void close() {
        names.released.countDown();
        resolver.close();
    }

    @Test
    void namesAreLookedUpEachTime() throws Exception {
        assertEquals("10.0.0.1", resolver.resolve("store")[0].getHostAddress());
        names.last = 2;
        assertEquals("10.0.0.2", resolver.resolve("store")[0].getHostAddress());
    }

    @Test
    void aSlowNameServiceIsNotWaitedForAndNotAskedTwice() {
        names.slow = true;

        long start = System.nanoTime();
        assertThrows(UnknownHostException.class, () -> resolver.resolve("store"));
        assertThrows(UnknownHostException.class, () -> resolver.resolve("store"));
        long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();

        assertTrue(millis < 1500, "took " + millis + " ms");
        assertEquals(1, names.lookups.get());
    }

    @Test
    void theLastKnownAddressServesWhileTheNameServiceIsGoneOrSlow() throws Exception {
        InetAddress[] known = resolver.resolve("store");
        names.gone = true;
        assertArrayEquals(known, resolver.resolve("store"));
        names.gone = false;
        names.slow = true;
        assertArrayEquals(known, resolver.resolve("store"));

        assertThrows(UnknownHostException.class, () -> resolver.resolve("another"));
    }

    @Test
    void aClosedResolverSaysSo() {
        resolver.close();

        assertThrows(UnknownHostException.class, () -> resolver.resolve("store"));
    }
}
