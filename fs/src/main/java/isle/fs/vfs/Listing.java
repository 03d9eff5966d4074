package isle.fs.vfs;

/**
 * When the store was listed: in ms since 1970, which is what the index keeps, 0 for never; and by the monotonic clock,
 * because the other one may be set back an hour, and what others change must not stay hidden for that long.
 */
record Listing(long millis, long nanos) {
    static final Listing NEVER = new Listing(0, 0);

    private static final long LONG_AGO_MILLIS = 86_400_000;

    static Listing now(VfsClock clock) {
        return new Listing(clock.millis(), clock.nanos());
    }

    /** What the index says. A time to come says that the clock was set since: then nobody knows. */
    static Listing told(long millis, VfsClock clock) {
        long now = clock.millis();
        long age = now < millis ? LONG_AGO_MILLIS : now - millis;
        return new Listing(millis, clock.nanos() - age * 1_000_000);
    }

    boolean isOlderThan(long ageMillis, VfsClock clock) {
        return millis == 0 || clock.nanos() - nanos > ageMillis * 1_000_000;
    }
}
