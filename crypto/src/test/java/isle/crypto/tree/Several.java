package isle.crypto.tree;

import isle.crypto.seal.Id;
import isle.crypto.tree.History.Found;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/** Changes of one commit that have to do with each other: what is moved and what takes its place, a folder and what is in it. */
final class Several {

    private final Host host;
    private final Random random;
    private final LongSupplier contents;

    /** What the host shows, and what it has to show after the commit. */
    private final Map<String, String> before;

    private final Map<String, String> expected;

    private Several(Host host, Random random, LongSupplier contents, Map<String, String> expected) {
        this.host = host;
        this.random = random;
        this.contents = contents;
        this.before = new TreeMap<>(expected);
        this.expected = expected;
    }

    /**
     * Drafts some.
     *
     * @param contents numbers of new contents
     * @param expected what the host shows, by path; becomes what it shows afterwards if nobody else does anything
     * @return what they are; empty if nothing could be done
     */
    static String draft(Host host, Random random, LongSupplier contents, Map<String, String> expected) {
        return new Several(host, random, contents, expected).draft();
    }

    private String draft() {
        Found one = History.find(host, random);
        Found other = History.find(host, random);
        Found third = History.find(host, random);
        if (one.isSameAs(other) || one.isSameAs(third) || other.isSameAs(third)) {
            return "";
        }
        Shown entry = one.entry();
        if (entry == null) {
            return makeWithSomething(one);
        }
        return entry.isDirectory() ? changeFolder(one, entry, other) : changeFile(one, entry, other, third);
    }

    private String makeWithSomething(Found there) {
        List<Id> made = host.makeDirectory(there.group(), there.name(), null);
        List<Id> inner = host.makeDirectory(made, "a", null);
        expected.put(there.path(), "755 folder");
        expected.put(there.path() + "/a", "755 folder");
        write(made, there.path(), "b");
        write(inner, there.path() + "/a", "b");
        return "make with something in it " + there.path();
    }

    private void write(List<Id> group, String above, String name) {
        long content = contents.getAsLong();
        host.write(group, name, null, content);
        expected.put(above + "/" + name, "644 " + History.content(content));
    }

    private String changeFile(Found one, Shown file, Found other, Found third) {
        Shown target = other.entry();
        if (target != null && target.isDirectory()) {
            return "";
        }
        switch (random.nextInt(4)) {
            case 0 -> {
                host.makeDirectory(one.group(), one.name(), file);
                expected.put(one.path(), "755 folder");
                return "folder in place of " + one.path();
            }
            case 1 -> {
                if (target == null) {
                    return "";
                }
                host.swap(one.group(), file, other.group(), target);
                expected.put(one.path(), before.getOrDefault(other.path(), ""));
                expected.put(other.path(), before.getOrDefault(one.path(), ""));
                return "swap " + one.path() + " " + other.path();
            }
            case 2 -> {
                if (target == null || (third.entry() != null && third.entry().isDirectory())) {
                    return "";
                }
                host.rename(other.group(), target, third.group(), third.name(), third.entry());
                host.rename(one.group(), file, other.group(), other.name(), target);
                moved(other, third);
                moved(one, other);
                return "move on " + one.path() + " " + other.path() + " " + third.path();
            }
            default -> {
                host.rename(one.group(), file, other.group(), other.name(), target);
                long content = contents.getAsLong();
                host.replace(one.group(), file, content);
                moved(one, other);
                expected.put(one.path(), "644 " + History.content(content));
                return "move and write anew " + one.path() + " to " + other.path();
            }
        }
    }

    private String changeFolder(Found one, Shown folder, Found other) {
        Shown target = other.entry();
        boolean isFixed = !host.isRead(folder) || History.isInside(host, other.group(), folder.directories());
        switch (random.nextInt(4)) {
            case 0 -> {
                removeAll(one.group(), folder);
                expected.keySet().removeIf(path -> isIn(path, one));
                return "remove with all that is in it " + one.path();
            }
            case 1 -> {
                if (target != null || isFixed) {
                    return "";
                }
                long content = contents.getAsLong();
                host.moveDirectory(one.group(), folder, other.group(), other.name(), null);
                host.replace(one.group(), folder, content);
                moved(one, other);
                expected.put(one.path(), "644 " + History.content(content));
                return "move and put a file there " + one.path() + " to " + other.path();
            }
            case 2 -> {
                if (target == null || !target.isDirectory() || isFixed || !isEmpty(target)) {
                    return "";
                }
                host.removeDirectory(other.group(), target);
                host.moveDirectory(one.group(), folder, other.group(), other.name(), target);
                moved(one, other);
                return "move over " + one.path() + " to " + other.path();
            }
            default -> {
                if (target != null || isFixed) {
                    return "";
                }
                host.moveDirectory(one.group(), folder, other.group(), other.name(), null);
                moved(one, other);
                if (!host.tree().list(folder.directories()).containsKey("new")) {
                    write(folder.directories(), other.path(), "new");
                }
                return "move and write into it " + one.path() + " to " + other.path();
            }
        }
    }

    private void removeAll(List<Id> group, Shown folder) {
        for (Shown each : host.tree().list(folder.directories()).values()) {
            if (each.isDirectory()) {
                removeAll(folder.directories(), each);
            } else {
                host.remove(folder.directories(), each);
            }
        }
        host.removeDirectory(group, folder);
    }

    private boolean isEmpty(Shown folder) {
        return host.tree().list(folder.directories()).isEmpty();
    }

    private static boolean isIn(String path, Found folder) {
        return path.equals(folder.path()) || path.startsWith(folder.path() + "/");
    }

    /** With all that is in it. What else comes to the old name is said afterwards. */
    private void moved(Found from, Found to) {
        expected.keySet().removeIf(path -> isIn(path, from));
        before.forEach((path, was) -> {
            if (isIn(path, from)) {
                expected.put(to.path() + path.substring(from.path().length()), was);
            }
        });
    }
}
