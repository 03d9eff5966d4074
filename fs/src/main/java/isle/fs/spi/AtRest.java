package isle.fs.spi;

import org.jspecify.annotations.Nullable;

/**
 * How what a volume keeps on this host's disk lies there.
 *
 * @param blocks blocks of the cache
 * @param journal the journal; null if it lies there as it is
 */
public record AtRest(BlockCodec blocks, @Nullable JournalSeal journal) {

    /** Of plain volumes: everything lies there as it is. */
    public static final AtRest PLAIN = new AtRest(BlockCodec.PLAIN, null);
}
