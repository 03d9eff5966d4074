package isle.fs.store;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A store that fails as told: at random at a given rate, by script, or altogether. What it does wrong is decided by the
 * generator it was given, so that a seed repeats a run.
 */
public final class FaultyObjectStore extends DecoratedObjectStore {

    private final RandomGenerator random;
    private final Map<Fault, Double> rates = new EnumMap<>(Fault.class);
    private final Map<Fault, Long> injected = new EnumMap<>(Fault.class);
    private final List<Script> scripts = new ArrayList<>();
    private volatile boolean down;
    private volatile Optional<Fault> refusal = Optional.empty();

    /** What may go wrong with one request. */
    public enum Fault {
        /** {@link FsException.Unavailable}; nothing was done. */
        UNAVAILABLE,
        /** {@link FsException.Unavailable}, but it was done: the reply got lost. */
        LOST_REPLY,
        /** {@link FsException.TimedOut}; nothing was done. */
        TIMED_OUT,
        /** {@link FsException.TimedOut}, but it was done. */
        TIMED_OUT_AFTER,
        /** The connection breaks in the middle of the content: {@link FsException.Unavailable}, half of it went over. */
        TRUNCATED,
        /** A get delivers less than there is and says nothing: a store that breaks its promise. */
        SHORT_READ,
        /** A get delivers one wrong bit and says nothing: a bad disk, or somebody who tampers. */
        FLIPPED_BIT,
        /** {@link FsException.Corrupt} from a get: the store found out itself. */
        CORRUPT,
        /** A write is refused with {@link FsException.AccessDenied}. */
        ACCESS_DENIED,
        /** A write is refused with {@link FsException.QuotaExceeded}. */
        QUOTA_EXCEEDED,
        /** A write is refused with {@link FsException.NoSpace}. */
        NO_SPACE,
        /** A write is refused with {@link FsException.ReadOnly}. */
        READ_ONLY;

        private boolean fits(StoreRequest request) {
            return switch (this) {
                case UNAVAILABLE, LOST_REPLY, TIMED_OUT, TIMED_OUT_AFTER -> true;
                case TRUNCATED -> request.bytes() > 0;
                case SHORT_READ, FLIPPED_BIT, CORRUPT -> request.operation() == StoreOperation.GET;
                case ACCESS_DENIED, QUOTA_EXCEEDED, NO_SPACE, READ_ONLY ->
                    request.operation().isWrite();
            };
        }
    }

    private static final class Script {
        private final Fault fault;
        private final Predicate<StoreRequest> when;
        private int left;

        Script(Fault fault, Predicate<StoreRequest> when, int left) {
            this.fault = fault;
            this.when = when;
            this.left = left;
        }
    }

    /**
     * A store that has no fault yet.
     *
     * @param random decides which requests fail and which bytes are wrong; used under a lock
     */
    public FaultyObjectStore(ObjectStore inner, RandomGenerator random) {
        super(inner);
        this.random = random;
    }

    /** While down, every request is {@link FsException.Unavailable}. */
    public void setDown(boolean down) {
        this.down = down;
    }

    /** Refuses every write from now on with this fault; empty accepts them again. */
    public void refuseWrites(Optional<Fault> fault) {
        this.refusal = fault;
    }

    /** From now on, this part (0 to 1) of the requests that can have the fault has it. */
    public synchronized void setRate(Fault fault, double rate) {
        rates.put(fault, rate);
    }

    /** The next {@code times} requests that match and can have the fault have it. Scripts come before rates. */
    public synchronized void failNext(Fault fault, int times, Predicate<StoreRequest> when) {
        scripts.add(new Script(fault, when, times));
    }

    /** As {@link #failNext(Fault, int, Predicate)}, for one kind of request. */
    public void failNext(Fault fault, int times, StoreOperation operation) {
        failNext(fault, times, request -> request.operation() == operation);
    }

    /** No fault of any kind any more. Counts stay. */
    public synchronized void calm() {
        down = false;
        refusal = Optional.empty();
        rates.clear();
        scripts.clear();
    }

    /** How often each fault happened, down-time not counted; faults that never did are left out. */
    public synchronized Map<Fault, Long> injected() {
        return Map.copyOf(injected);
    }

    @Override
    <T> T around(StoreRequest request, Call<T> call) throws FsException {
        Optional<Fault> fault = faultFor(request);
        return fault.isPresent() ? fail(fault.get(), request, call) : call.run();
    }

    /** What a fault does that has nothing to do with the content. */
    private static <T> T fail(Fault fault, StoreRequest request, Call<T> call) throws FsException {
        String what = request.operation() + " " + request.key();
        if (fault == Fault.LOST_REPLY || fault == Fault.TIMED_OUT_AFTER) {
            call.run();
        }
        throw switch (fault) {
            case UNAVAILABLE -> new FsException.Unavailable("injected: no connection for " + what);
            case LOST_REPLY -> new FsException.Unavailable("injected: reply lost to " + what);
            case TIMED_OUT -> new FsException.TimedOut("injected: no answer to " + what);
            case TIMED_OUT_AFTER -> new FsException.TimedOut("injected: late answer to " + what);
            case TRUNCATED, SHORT_READ, FLIPPED_BIT ->
                new FsException.Unavailable("injected: connection lost in " + what);
            case CORRUPT -> new FsException.Corrupt("injected: bad bytes at " + what);
            case ACCESS_DENIED -> new FsException.AccessDenied("injected: no right to " + what);
            case QUOTA_EXCEEDED -> new FsException.QuotaExceeded("injected: over quota at " + what);
            case NO_SPACE -> new FsException.NoSpace("injected: store full at " + what);
            case READ_ONLY -> new FsException.ReadOnly("injected: read-only at " + what);
        };
    }

    @Override
    public ObjectHead get(ObjectKey key, long offset, ByteBuffer into, @Nullable String ifMatch) throws FsException {
        StoreRequest request = new StoreRequest(StoreOperation.GET, key.value(), into.remaining());
        Call<ObjectHead> call = () -> inner.get(key, offset, into, ifMatch);
        Optional<Fault> fault = faultFor(request);
        if (fault.isEmpty()) {
            return call.run();
        }
        int start = into.position();
        switch (fault.get()) {
            case FLIPPED_BIT -> {
                ObjectHead head = call.run();
                flipOneBit(into, start);
                return head;
            }
            case SHORT_READ -> {
                ObjectHead head = call.run();
                cutShort(into, start);
                return head;
            }
            case TRUNCATED -> {
                call.run();
                cutShort(into, start);
                return fail(fault.get(), request, call);
            }
            default -> {
                return fail(fault.get(), request, call);
            }
        }
    }

    private void flipOneBit(ByteBuffer into, int start) {
        if (into.position() > start) {
            int at = start + below(into.position() - start);
            into.put(at, (byte) (into.get(at) ^ (1 << below(Byte.SIZE))));
        }
    }

    private void cutShort(ByteBuffer into, int start) {
        if (into.position() > start) {
            into.position(start + below(into.position() - start));
        }
    }

    @Override
    public PutResult put(ObjectKey key, Body body, ObjectMetadata metadata) throws FsException {
        StoreRequest request = new StoreRequest(StoreOperation.PUT, key.value(), body.size());
        return send(request, body, () -> inner.put(key, body, metadata));
    }

    @Override
    public String uploadPart(ObjectKey key, String uploadId, int part, Body body) throws FsException {
        StoreRequest request = new StoreRequest(StoreOperation.UPLOAD_PART, key.value(), body.size());
        return send(request, body, () -> inner.uploadPart(key, uploadId, part, body));
    }

    private <T> T send(StoreRequest request, Body body, Call<T> call) throws FsException {
        Optional<Fault> fault = faultFor(request);
        if (fault.isEmpty()) {
            return call.run();
        }
        if (fault.get() == Fault.TRUNCATED) {
            readHalf(body);
        }
        return fail(fault.get(), request, call);
    }

    /** Reads some of the body, as a connection would that breaks: a retry has to open it again. */
    private static void readHalf(Body body) throws FsException {
        try (InputStream in = body.open()) {
            in.skipNBytes(body.size() / 2);
        } catch (IOException e) {
            throw new FsException.Failed("the content to be stored cannot be read: " + e.getMessage(), e);
        }
    }

    private synchronized int below(int bound) {
        return random.nextInt(bound);
    }

    private synchronized Optional<Fault> faultFor(StoreRequest request) throws FsException {
        if (down) {
            throw new FsException.Unavailable("injected: the store is down");
        }
        Optional<Fault> fault = refusal.filter(refused -> refused.fits(request));
        if (fault.isEmpty()) {
            fault = scripted(request).or(() -> atRandom(request));
        }
        fault.ifPresent(happens -> injected.merge(happens, 1L, Long::sum));
        return fault;
    }

    private Optional<Fault> scripted(StoreRequest request) {
        for (Iterator<Script> all = scripts.iterator(); all.hasNext(); ) {
            Script script = all.next();
            if (script.fault.fits(request) && script.when.test(request)) {
                script.left--;
                if (script.left <= 0) {
                    all.remove();
                }
                return Optional.of(script.fault);
            }
        }
        return Optional.empty();
    }

    private Optional<Fault> atRandom(StoreRequest request) {
        for (Map.Entry<Fault, Double> rate : rates.entrySet()) {
            if (rate.getKey().fits(request) && random.nextDouble() < rate.getValue()) {
                return Optional.of(rate.getKey());
            }
        }
        return Optional.empty();
    }
}
