package isle.crypto.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class DotSetTest {

    /** Beside a set that keeps each dot by itself. */
    @Test
    void isASetOfDots() {
        for (long seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            DotSet set = new DotSet();
            TreeSet<Dot> plain = new TreeSet<>();
            for (int i = 0; i < 60; i++) {
                long first = 1L + random.nextInt(30);
                DotSet.Run run = new DotSet.Run(random.nextInt(2), first, first + random.nextInt(6));
                boolean adds = random.nextInt(3) > 0;
                for (long counter = run.first(); counter <= run.last(); counter++) {
                    Dot dot = new Dot(run.incarnation(), counter);
                    if (adds) {
                        plain.add(dot);
                    } else {
                        plain.remove(dot);
                    }
                }
                if (adds) {
                    set.add(run);
                } else {
                    set.remove(run);
                }
                check(set, plain, seed);
            }
        }
    }

    private static void check(DotSet set, Set<Dot> plain, long seed) {
        TreeSet<Dot> found = new TreeSet<>();
        long before = 0;
        long incarnation = -1;
        for (DotSet.Run run : set.runs()) {
            boolean touches = run.incarnation() == incarnation && run.first() <= before + 1;
            assertEquals(false, touches, "seed " + seed);
            incarnation = run.incarnation();
            before = run.last();
            for (long counter = run.first(); counter <= run.last(); counter++) {
                found.add(new Dot(run.incarnation(), counter));
            }
        }
        assertEquals(plain, found, "seed " + seed);
        assertEquals(DotSet.of(plain), set, "seed " + seed);
    }

    @Test
    void theLastDotOfAllIsOneLikeAnyOther() {
        DotSet set = new DotSet();
        set.add(new DotSet.Run(1, 5, 7));
        set.add(new DotSet.Run(1, 3, Long.MAX_VALUE));
        assertEquals(List.of(new DotSet.Run(1, 3, Long.MAX_VALUE)), set.runs());
        DotSet turned = new DotSet();
        turned.add(new DotSet.Run(1, 3, Long.MAX_VALUE));
        turned.add(new DotSet.Run(1, 5, 7));
        assertEquals(set, turned);
    }
}
