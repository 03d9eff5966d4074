package isle.crypto.tree;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord.Here;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A random history of a vault with several hosts: what users do, what hosts happen to read, compactions at any time,
 * lost acknowledgements, hosts that die between two requests, hosts that are set back to a backup. A list of seeds, one
 * a step, so that a shorter list is a history, too.
 */
final class History {

    private static final String[] NAMES = {"a", "b", "c", "d.txt"};
    private static final int DEEPEST = 4;
    private static final int CHANGES_IN_PEACE = 3;

    private final Rules rules;
    private final Bucket bucket = new Bucket();
    private final Witness witness = new Witness();
    private final List<Host> hosts = new ArrayList<>();
    private final List<Handle> handles = new ArrayList<>();
    private final Map<Host, Device.Backup> backups = new HashMap<>();
    private long contents;

    /** An open file: its next version supersedes what was opened. */
    private record Handle(Host host, List<Id> group, Shown opened, Map<Id, DotSet> seen) {}

    record Found(List<Id> group, @Nullable Shown entry, String name, String path) {
        boolean isSameAs(Found other) {
            return path.equals(other.path);
        }
    }

    History(int hostCount, Rules rules) {
        this.rules = rules;
        for (int i = 0; i < hostCount; i++) {
            hosts.add(new Host("host" + i, rules, bucket, witness, 1000 + i, i * 3600L * (i % 2 == 0 ? -1 : 1)));
        }
    }

    static List<Long> steps(long seed, int count) {
        Random random = new Random(seed);
        List<Long> steps = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            steps.add(random.nextLong());
        }
        return steps;
    }

    /** Runs it to its end and judges; fails with an {@link AssertionError}. */
    static void run(List<Long> steps, int hosts, Rules rules) {
        History history = new History(hosts, rules);
        for (long step : steps) {
            history.step(new Random(step));
        }
        history.judge();
    }

    private void step(Random random) {
        Host host = hosts.get(random.nextInt(hosts.size()));
        int what = random.nextInt(100);
        if (what < 25) {
            for (Id directory : bucket.directories()) {
                if (random.nextInt(3) > 0) {
                    host.read(bucket.someOf(directory, random));
                }
            }
        } else if (what < 35) {
            compact(host, random);
        } else if (what < 38) {
            setBack(host, random);
        } else if (what < 41) {
            meetHalfway(host, hosts.get(random.nextInt(hosts.size())), random);
        } else if (what < 47) {
            Map<Id, DotSet> seen = host.knowledge();
            Several.draft(host, random, () -> ++contents, new TreeMap<>());
            host.commit(seen, random.nextInt(4) == 0 ? random.nextInt(4) : Integer.MAX_VALUE, random);
        } else {
            act(host, random, what);
        }
    }

    /** Two do the same, or put a folder into each other's, and go on with what came of it: chance seldom makes that. */
    private void meetHalfway(Host one, Host other, Random random) {
        Found mine = find(one, random);
        Found myTarget = find(one, random);
        Found yours = at(other, mine.path());
        Found yourTarget = at(other, myTarget.path());
        if (one == other || mine.entry() == null || yours == null || yourTarget == null) {
            return;
        }
        boolean crossed = mine.entry().isDirectory() && myTarget.entry() != null;
        String name = NAMES[random.nextInt(NAMES.length)];
        String result = crossed ? myTarget.path() + "/" + name : myTarget.path();
        Found myEnd = at(one, result);
        Found yourEnd = at(other, crossed ? mine.path() + "/" + name : result);
        if (myEnd == null || yourEnd == null) {
            return;
        }
        move(one, mine, myEnd);
        one.commit(one.knowledge(), Integer.MAX_VALUE, random);
        move(other, crossed ? yourTarget : yours, yourEnd);
        other.commit(other.knowledge(), Integer.MAX_VALUE, random);
        for (int i = random.nextInt(8); i > 0; i--) {
            Host next = random.nextBoolean() ? one : other;
            Found found = at(next, result);
            if (found == null || found.entry() == null || random.nextBoolean()) {
                bucket.directories().forEach(id -> next.read(bucket.in(id)));
            } else if (crossed && random.nextBoolean()) {
                moveAlone(next, found, find(next, random), random);
            } else {
                next.changeMode(found.group(), found.entry(), 0600 + random.nextInt(0100));
                next.commit(next.knowledge(), Integer.MAX_VALUE, random);
            }
        }
    }

    /** Whatever a host has read: what it moves is all that moves for it. */
    private static void moveAlone(Host host, Found from, Found to, Random random) {
        Map<String, String> before = Picture.of(host.tree());
        Map<String, String> expected = new TreeMap<>(before);
        String what = moveInPeace(host, from, to, expected);
        if (!what.isEmpty()) {
            host.commit(host.knowledge(), Integer.MAX_VALUE, random);
            Map<String, String> found = Picture.of(host.tree());
            check(
                    expected.equals(found),
                    what + from.path() + " moves more",
                    expected,
                    found + "\n  before   " + before);
        }
    }

    /** What a host sees under a path; null if not even the folder is there. */
    private static @Nullable Found at(Host host, String path) {
        List<Id> group = List.of(Host.ROOT);
        String[] names = path.substring(1).split("/", -1);
        for (int i = 0; ; i++) {
            Shown entry = host.tree().list(group).get(names[i]);
            if (i == names.length - 1) {
                return new Found(group, entry, names[i], path);
            }
            if (entry == null || !entry.isDirectory()) {
                return null;
            }
            group = entry.directories();
        }
    }

    private void setBack(Host host, Random random) {
        Device.Backup backup = backups.get(host);
        if (backup == null || random.nextBoolean()) {
            backups.put(host, host.backup());
            return;
        }
        host.restore(backup);
        handles.removeIf(each -> each.host() == host);
    }

    private void compact(Host host, Random random) {
        List<Id> directories = new ArrayList<>(host.directories().keySet());
        if (directories.isEmpty()) {
            return;
        }
        Id directory = directories.get(random.nextInt(directories.size()));
        List<Pack> inputs = inputs(host.packs(directory), random);
        if (inputs.isEmpty()) {
            return;
        }
        int most = 1 + random.nextInt(6);
        List<Pack> written = new Compaction(rules).of(directory, inputs, most, witness::draw);
        int sent = random.nextInt(4) == 0 ? random.nextInt(written.size()) : written.size();
        written.subList(0, sent).forEach(pack -> bucket.put(pack, false));
        host.read(written.subList(0, sent));
        if (sent == written.size() && random.nextBoolean()) {
            List<Pack> replaced = new ArrayList<>(inputs);
            java.util.Collections.shuffle(replaced, random);
            replaced.subList(0, random.nextInt(replaced.size() + 1)).forEach(bucket::delete);
        }
    }

    /** Any packs, but a root only with all its parts, and parts only with their root. */
    private static List<Pack> inputs(Collection<Pack> known, Random random) {
        Map<Id, Pack> chosen = new TreeMap<>();
        Map<Id, Pack> byId = new TreeMap<>();
        known.forEach(pack -> byId.put(pack.id(), pack));
        for (Pack pack : byId.values()) {
            if (random.nextInt(4) == 0 || pack.root() != null) {
                continue;
            }
            Pack.Cover cover = pack.cover();
            if (cover == null) {
                chosen.put(pack.id(), pack);
            } else if (byId.keySet().containsAll(cover.parts())) {
                chosen.put(pack.id(), pack);
                cover.parts().forEach(part -> chosen.put(part, byId.get(part)));
            }
        }
        return List.copyOf(chosen.values());
    }

    private void act(Host host, Random random, int what) {
        Found here = find(host, random);
        Shown entry = here.entry();
        Map<Id, DotSet> seen = host.knowledge();
        int most = random.nextInt(12) == 0 ? random.nextInt(3) : Integer.MAX_VALUE;
        if (what < 55) {
            if (entry == null || !entry.isDirectory()) {
                host.write(here.group(), here.name(), entry, ++contents);
            }
        } else if (what < 60) {
            if (entry != null && !entry.isDirectory()) {
                handles.add(new Handle(host, here.group(), entry, seen));
            }
        } else if (what < 68) {
            seen = writeToHandle(random);
            return;
        } else if (what < 73) {
            if (entry != null) {
                host.changeMode(here.group(), entry, 0600 + random.nextInt(0100));
            }
        } else if (what < 79) {
            removeEntry(host, here);
        } else if (what < 85) {
            if (entry == null) {
                host.makeDirectory(here.group(), here.name(), null);
            }
        } else if (entry != null) {
            move(host, here, find(host, random));
        }
        host.commit(seen, most, random);
    }

    private Map<Id, DotSet> writeToHandle(Random random) {
        if (handles.isEmpty()) {
            return Map.of();
        }
        Handle handle = handles.remove(random.nextInt(handles.size()));
        Shown opened = handle.opened();
        if (!rules.keep(Rule.R3_SUPERSEDE_WHAT_WAS_SEEN)) {
            Shown now = handle.host().tree().list(handle.group()).get(opened.name());
            opened = now == null || now.isDirectory() ? opened : now;
        }
        Host host = handle.host();
        switch (random.nextInt(8)) {
            case 0 -> host.remove(handle.group(), opened);
            case 1 -> host.changeMode(handle.group(), opened, 0600 + random.nextInt(0100));
            case 2 -> {
                Found to = find(host, random);
                if (to.entry() == null) {
                    host.rename(handle.group(), opened, to.group(), to.name(), null);
                }
            }
            default -> host.write(handle.group(), opened.name(), opened, ++contents);
        }
        host.commit(handle.seen(), Integer.MAX_VALUE, random);
        return handle.seen();
    }

    private static void removeEntry(Host host, Found here) {
        Shown entry = here.entry();
        if (entry == null) {
            return;
        }
        if (!entry.isDirectory()) {
            host.remove(here.group(), entry);
        } else if (host.tree().list(entry.directories()).isEmpty()) {
            host.removeDirectory(here.group(), entry);
        }
    }

    /** Whether it may be moved there. */
    private static boolean move(Host host, Found from, Found to) {
        Shown entry = from.entry();
        Shown target = to.entry();
        if (entry == null || (from.group().equals(to.group()) && entry.name().equals(to.name()))) {
            return false;
        }
        if (!entry.isDirectory()) {
            if (target == null || !target.isDirectory()) {
                host.rename(from.group(), entry, to.group(), to.name(), target);
                return true;
            }
        } else if (target == null && host.isRead(entry) && !isInside(host, to.group(), entry.directories())) {
            host.moveDirectory(from.group(), entry, to.group(), to.name(), null);
            return true;
        }
        return false;
    }

    static boolean isInside(Host host, List<Id> group, List<Id> directories) {
        for (Id start : group) {
            Id at = start;
            for (int steps = 0; at != null && steps < 50; steps++) {
                if (directories.contains(at)) {
                    return true;
                }
                EntryRecord.Place place = host.tree().placeOf(at);
                at = place == null ? null : place.parent();
            }
        }
        return false;
    }

    /** Walks down from the root, and ends at some name that is there or not. */
    static Found find(Host host, Random random) {
        List<Id> group = List.of(Host.ROOT);
        String above = "";
        for (int depth = 0; ; depth++) {
            Map<String, Shown> entries = host.tree().list(group);
            List<String> names = new ArrayList<>(entries.keySet());
            String name = !names.isEmpty() && random.nextInt(3) > 0
                    ? names.get(random.nextInt(names.size()))
                    : NAMES[random.nextInt(NAMES.length)];
            Shown entry = entries.get(name);
            if (entry == null || !entry.isDirectory() || depth == DEEPEST || random.nextInt(3) == 0) {
                return new Found(group, entry, name, above + "/" + name);
            }
            group = entry.directories();
            above = above + "/" + name;
        }
    }

    // The judge.

    private void judge() {
        Map<Id, Directory> plain = bucket.withoutCompactions(rules);
        Map<String, String> expected = Picture.of(new Tree(plain, Host.ROOT, rules));
        Map<String, String> stored = Picture.of(new Tree(bucket.read(rules), Host.ROOT, rules));
        check(expected.equals(stored), "compactions changed an answer", expected, stored);
        for (Host host : hosts) {
            for (Id directory : bucket.directories()) {
                host.read(bucket.in(directory));
            }
            Map<String, String> shown = Picture.of(host.tree());
            check(expected.equals(shown), "hosts differ", expected, shown);
        }
        new Judge(plain, witness, rules).judge();
        for (int i = 0; i < CHANGES_IN_PEACE; i++) {
            changeInPeace(new Random(contents * 31 + i));
        }
    }

    /** With everything read, a change changes what was meant, and nothing else. */
    private void changeInPeace(Random random) {
        Host host = hosts.get(random.nextInt(hosts.size()));
        Map<String, String> before = Picture.of(host.tree());
        Map<String, String> expected = new TreeMap<>(before);
        String what = random.nextInt(3) == 0
                ? Several.draft(host, random, () -> ++contents, expected)
                : changeInPeace(host, find(host, random), expected, random);
        if (what.isEmpty()) {
            return;
        }
        host.commit(host.knowledge(), Integer.MAX_VALUE, random);
        for (Host each : hosts) {
            bucket.directories().forEach(id -> each.read(bucket.in(id)));
            check(
                    expected.equals(Picture.of(each.tree())),
                    what + " does more or less",
                    expected,
                    Picture.of(each.tree()) + "\n  before   " + before);
        }
    }

    private String changeInPeace(Host host, Found here, Map<String, String> expected, Random random) {
        String what = here.entry() == null
                ? makeInPeace(host, here, expected, random)
                : changeInPeace(host, here, here.entry(), expected, random);
        return what.isEmpty() ? "" : what + here.path();
    }

    private String makeInPeace(Host host, Found here, Map<String, String> expected, Random random) {
        if (random.nextBoolean()) {
            host.write(here.group(), here.name(), null, ++contents);
            expected.put(here.path(), "644 " + content(contents));
            return "write ";
        }
        host.makeDirectory(here.group(), here.name(), null);
        expected.put(here.path(), "755 folder");
        return "make ";
    }

    /** What was done; empty if nothing could be. */
    private String changeInPeace(Host host, Found here, Shown entry, Map<String, String> expected, Random random) {
        switch (random.nextInt(entry.isDirectory() ? 3 : 4)) {
            case 0 -> {
                if (entry.isDirectory()
                        && !host.tree().list(entry.directories()).isEmpty()) {
                    return "";
                }
                removeEntry(host, here);
                expected.remove(here.path());
                return "remove ";
            }
            case 1 -> {
                host.changeMode(here.group(), entry, 0611);
                expected.computeIfPresent(here.path(), (path, was) -> "611" + was.substring(was.indexOf(' ')));
                return "mode of ";
            }
            case 2 -> {
                return moveInPeace(host, here, find(host, random), expected);
            }
            default -> {
                host.write(here.group(), here.name(), entry, ++contents);
                expected.put(here.path(), "644 " + content(contents));
                return "write ";
            }
        }
    }

    private static String moveInPeace(Host host, Found here, Found to, Map<String, String> expected) {
        Map<String, String> before = new TreeMap<>(expected);
        if (!move(host, here, to)) {
            return "";
        }
        expected.keySet().removeIf(path -> path.equals(here.path()) || path.startsWith(here.path() + "/"));
        before.forEach((path, was) -> {
            if (path.equals(here.path()) || path.startsWith(here.path() + "/")) {
                expected.put(to.path() + path.substring(here.path().length()), was);
            }
        });
        return "move to " + to.path() + " ";
    }

    static Content content(long number) {
        return new Content.Packed(Host.ROOT, new Id(7, number), 1, 0, 1);
    }

    private static void check(boolean holds, String what, Object expected, Object found) {
        if (!holds) {
            throw new AssertionError(what + "\n  expected " + expected + "\n  found    " + found);
        }
    }

    /** A tree as text, path by path, with all that a user can see. */
    static final class Picture {

        private Picture() {}

        static Map<String, String> of(Tree tree) {
            Map<String, String> paths = new TreeMap<>();
            walk(tree, tree.list(), "", paths);
            return paths;
        }

        private static void walk(Tree tree, Map<String, Shown> entries, String above, Map<String, String> paths) {
            entries.forEach((name, entry) -> {
                Here state = entry.state();
                String mode = Integer.toOctalString(state.attributes().permissions());
                paths.put(above + "/" + name, mode + (entry.isDirectory() ? " folder" : " " + state.content()));
                if (entry.isDirectory()) {
                    walk(tree, tree.list(entry.directories()), above + "/" + name, paths);
                }
            });
        }
    }
}
