package isle.test.model;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Makes random operations for {@code ops.py}. The names are few, so that operations meet; which of them exist is not
 * known here, so that many fail, and have to fail alike.
 */
final class Steps {

    private static final List<String> FOLDERS = List.of("d0", "d1", "d0/d2", "d0/d2/d3", "d1/\u00e4 b");
    private static final List<String> NAMES = List.of(
            "f0",
            "f1",
            "f2",
            "f3",
            "space and \u00fc",
            "percent%2F",
            "new\nline",
            "\u00ff\u00fe",
            "x".repeat(255),
            "dot.",
            ".hidden",
            "d2",
            "d3");
    private static final String TOO_LONG = "y".repeat(256);
    private static final List<String> FLAGS = List.of("O_RDONLY", "O_WRONLY", "O_RDWR");
    private static final List<String> MODES = List.of("644", "600", "755", "444", "0", "4755", "640");
    private static final List<String> FOLDER_MODES = List.of("755", "700", "1777", "555", "750");
    private static final int SMALL = 9_000;
    private static final int LARGE = 400_000;
    private static final int OVER_ONE_PART = 20 << 20;
    private static final long FIRST_TIME = 946_684_800L;
    private static final long LAST_TIME = 1_500_000_000L;

    private final Random random;
    private final boolean large;

    /** @param large whether a few files may be so large that they are stored in parts */
    Steps(long seed, boolean large) {
        this.random = new Random(seed);
        this.large = large;
    }

    List<String> make(int count) {
        List<String> steps = new ArrayList<>();
        for (String folder : FOLDERS.subList(0, 3)) {
            steps.add(step("mkdir", hex(folder), "755"));
        }
        while (steps.size() < count) {
            steps.add(next());
        }
        return steps;
    }

    private String next() {
        return switch (random.nextInt(46)) {
            case 0, 1, 2, 3, 4 -> step("create", name(), pick(MODES), seed(), size());
            case 5, 6 -> step("replace", name(), seed(), size());
            case 7, 8, 9 -> step("write", name(), offset(), seed(), size());
            case 10, 11 -> step("append", name(), seed(), size());
            case 12, 13 -> step("truncate", name(), offset());
            case 14, 15, 16, 17 -> step("mkdir", folder(), pick(FOLDER_MODES));
            case 18 -> step("rmdir", folder());
            case 19, 20 -> step("unlink", name());
            case 21, 22, 23 -> step("rename", name(), name());
            case 24 -> step("rename", folder(), folder());
            case 25 -> step("symlink", hex(pick(NAMES)), name());
            case 26 -> step("readlink", name());
            case 27 -> step("mkfifo", name(), pick(MODES));
            case 28 -> step("chmod", name(), pick(MODES));
            case 29 -> step("chmod", folder(), pick(FOLDER_MODES));
            case 30 -> step("times", random.nextBoolean() ? name() : folder(), time(), time());
            case 31 -> step("setxattr", name(), "k" + random.nextInt(3), hex("v".repeat(random.nextInt(60))));
            case 32 -> step(pick(List.of("getxattr", "removexattr")), name(), "k" + random.nextInt(3));
            case 33 -> step(pick(List.of("listxattr", "stat")), name());
            case 34 -> step("list", folder());
            case 35 -> step("read", name(), offset(), size());
            case 36 -> step("punch", name(), offset(), size());
            case 37 -> step("fallocate", name(), Integer.toString(random.nextInt(2)), offset(), atLeastOne());
            case 38 -> step("mapped", name(), offset(), seed(), size());
            case 39, 40, 41 -> step("open", slot(), name(), pick(FLAGS));
            default -> onHandle();
        };
    }

    private String onHandle() {
        return switch (random.nextInt(9)) {
            case 0, 1, 2 -> step("hwrite", slot(), offset(), seed(), size());
            case 3, 4 -> step("hread", slot(), offset(), size());
            case 5 -> step("htruncate", slot(), offset());
            case 6, 7 -> step(pick(List.of("hsync", "hstat")), slot());
            default -> step("close", slot());
        };
    }

    private static String step(String... words) {
        return String.join("\t", words);
    }

    private String pick(List<String> from) {
        return from.get(random.nextInt(from.size()));
    }

    private String folder() {
        return hex(pick(FOLDERS));
    }

    private String name() {
        String last = random.nextInt(100) == 0 ? TOO_LONG : pick(NAMES);
        // Half of all names are four, so that something happens to them.
        String name = random.nextBoolean() ? NAMES.get(random.nextInt(4)) : last;
        return hex(random.nextInt(3) == 0 ? name : pick(FOLDERS) + "/" + name);
    }

    private String slot() {
        return "h" + random.nextInt(3);
    }

    private String seed() {
        return Integer.toString(random.nextInt(1_000_000));
    }

    private String size() {
        if (large && random.nextInt(60) == 0) {
            return Integer.toString(OVER_ONE_PART + random.nextInt(LARGE));
        }
        return Integer.toString(random.nextInt(random.nextInt(8) == 0 ? LARGE : SMALL));
    }

    private String atLeastOne() {
        return Integer.toString(1 + random.nextInt(LARGE));
    }

    private String offset() {
        return Integer.toString(random.nextInt(random.nextInt(6) == 0 ? 3 * LARGE : SMALL));
    }

    private String time() {
        long seconds = FIRST_TIME + (long) (random.nextDouble() * (LAST_TIME - FIRST_TIME));
        return String.format(Locale.ROOT, "%d%09d", seconds, random.nextInt(1_000_000_000));
    }

    private static String hex(String text) {
        // Latin-1 for the name that is no UTF-8, UTF-8 for the others.
        boolean raw = text.startsWith("\u00ff");
        return HexFormat.of().formatHex(text.getBytes(raw ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8));
    }

    /** A step as a person reads it. */
    static String readable(String step) {
        StringBuilder text = new StringBuilder();
        for (String word : List.of(step.split("\t", -1))) {
            boolean hexadecimal = word.matches("([0-9a-f]{2}){2,}") && !word.matches("[0-9]{1,9}");
            text.append(hexadecimal ? quoted(word) : word).append(' ');
        }
        return text.toString().strip();
    }

    private static String quoted(String word) {
        String text = new String(HexFormat.of().parseHex(word), StandardCharsets.UTF_8).replace("\n", "\\n");
        return "'" + (text.length() > 60 ? text.substring(0, 20) + "…(" + text.length() + ")" : text) + "'";
    }
}
