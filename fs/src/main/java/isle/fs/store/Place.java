package isle.fs.store;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the files of one object or part lie: a directory and the first part of their names. Header files are called
 * {@code STEM.SERIAL}, content files {@code STEM.SERIAL.NUMBER}; serials are in hexadecimal.
 */
record Place(Path directory, String stem) {

    Path header(long serial) {
        return directory.resolve(stem + "." + Long.toHexString(serial));
    }

    Path content(long serial, int number) {
        return directory.resolve(stem + "." + Long.toHexString(serial) + "." + number);
    }

    /**
     * The name of a file, taken apart.
     *
     * @param number of a content file; -1 for a header file
     */
    record Name(String stem, long serial, int number) {

        boolean isHeader() {
            return number < 0;
        }

        /** Empty for a file that is none of ours. */
        static Optional<Name> parse(String fileName) {
            int first = fileName.indexOf('.');
            if (first <= 0) {
                return Optional.empty();
            }
            int second = fileName.indexOf('.', first + 1);
            try {
                int end = second < 0 ? fileName.length() : second;
                long serial = Long.parseLong(fileName, first + 1, end, 16);
                int number = second < 0 ? -1 : Integer.parseInt(fileName, second + 1, fileName.length(), 10);
                boolean sane = serial > 0 && (second < 0 || number >= 0);
                return sane ? Optional.of(new Name(fileName.substring(0, first), serial, number)) : Optional.empty();
            } catch (NumberFormatException e) {
                return Optional.empty();
            }
        }
    }
}
