package isle.fs.store;

import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.SplittableRandom;

/** A process that has a store open: says "open", then writes objects and names each one when it is stored. */
final class LocalStoreProcess {

    private LocalStoreProcess() {}

    /** Content of the object with this number: sizes on both sides of what lies in the header file. */
    static byte[] content(int number) {
        byte[] bytes = new byte[number % 3 == 0 ? 70_000 : 500 + number];
        new SplittableRandom(number).nextBytes(bytes);
        return bytes;
    }

    /** Of every ten objects one name is used again and again. */
    static String key(int number) {
        return number % 10 == 0 ? "again" : "object " + number;
    }

    public static void main(String[] arguments) throws Exception {
        try (LocalObjectStore store =
                LocalObjectStore.open(Path.of(arguments[0]), InstantSource.system(), new SplittableRandom())) {
            say("open");
            int count = Integer.parseInt(arguments[1]);
            for (int i = 1; i <= count; i++) {
                store.put(new ObjectKey(key(i)), Body.of(content(i)), ObjectMetadata.NONE);
                say(Integer.toString(i));
            }
            // Until it is killed, or the test ends.
            int end = System.in.read();
            say("end " + end);
        }
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
