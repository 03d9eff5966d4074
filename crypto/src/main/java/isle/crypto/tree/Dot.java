package isle.crypto.tree;

/**
 * One event in one directory. Dots of two directories have nothing to do with each other.
 *
 * @param incarnation of the device that made it: a random number of one uninterrupted life of its local state
 * @param counter how many dots this incarnation has drawn in this directory, from 1 on
 */
public record Dot(long incarnation, long counter) implements Comparable<Dot> {

    public Dot {
        if (counter < 1) {
            throw new IllegalArgumentException("counter " + counter);
        }
    }

    @Override
    public int compareTo(Dot other) {
        int byIncarnation = Long.compareUnsigned(incarnation, other.incarnation);
        return byIncarnation != 0 ? byIncarnation : Long.compare(counter, other.counter);
    }

    @Override
    public String toString() {
        return Long.toHexString(incarnation) + ":" + counter;
    }
}
