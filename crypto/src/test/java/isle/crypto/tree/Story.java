package isle.crypto.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;

import isle.crypto.seal.Id;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A story of several people who work in one vault, each on a host of its own: {@code alice.writes("/a/b", "text")}. */
final class Story {

    private final Bucket bucket = new Bucket();
    private final Witness witness = new Witness();
    private final List<Person> people = new ArrayList<>();
    private final Map<String, Long> contents = new HashMap<>();
    private final Random random = new Random(0) {
        @Override
        public int nextInt(int bound) {
            // No acknowledgement is lost.
            return bound - 1;
        }
    };

    Person person(String name) {
        Person person = new Person(name, people.size());
        people.add(person);
        return person;
    }

    /** Everybody is online and reads what there is. */
    void allMeet() {
        people.forEach(Person::reads);
    }

    /** Everybody sees exactly this: {@code "/folder/"} and {@code "/file=text"}. */
    void allSee(String... paths) {
        for (Person each : people) {
            assertEquals(new TreeSet<>(Arrays.asList(paths)), each.picture(), each.name);
        }
    }

    private long content(String text) {
        return contents.computeIfAbsent(text, t -> (long) contents.size() + 1);
    }

    private String text(Content content) {
        for (Map.Entry<String, Long> each : contents.entrySet()) {
            if (content.equals(new Content.Packed(Host.ROOT, new Id(7, each.getValue()), 1, 0, 1))) {
                return each.getKey();
            }
        }
        return "?";
    }

    private record Found(
            List<Id> group, String name, @Nullable Shown entry) {
        Shown there() {
            if (entry == null) {
                throw new AssertionError("there is no " + name);
            }
            return entry;
        }
    }

    /** A file that somebody has open. */
    record Opened(Found found, Map<Id, DotSet> seen) {}

    final class Person {
        private final String name;
        private final Host host;

        Person(String name, int number) {
            this.name = name;
            this.host = new Host(name, Rules.ALL, bucket, witness, 100 + number, 0);
        }

        void reads() {
            bucket.directories().forEach(id -> host.read(bucket.in(id)));
        }

        void writes(String path, String text) {
            Found found = find(path);
            host.write(found.group(), found.name(), found.entry(), content(text));
            commit();
        }

        Opened opens(String path) {
            return new Opened(find(path), host.knowledge());
        }

        void saves(Opened opened, String text) {
            host.write(
                    opened.found().group(),
                    opened.found().name(),
                    opened.found().there(),
                    content(text));
            host.commit(opened.seen(), Integer.MAX_VALUE, random);
        }

        void changesMode(String path, int mode) {
            Found found = find(path);
            host.changeMode(found.group(), found.there(), mode);
            commit();
        }

        void removes(String path) {
            Found found = find(path);
            if (found.there().isDirectory()) {
                host.removeDirectory(found.group(), found.there());
            } else {
                host.remove(found.group(), found.there());
            }
            commit();
        }

        void makes(String path) {
            Found found = find(path);
            host.makeDirectory(found.group(), found.name(), null);
            commit();
        }

        void moves(String from, String to) {
            moves(from, to, Integer.MAX_VALUE);
        }

        /** Or dies after so many requests. */
        void moves(String from, String to, int requests) {
            Found what = find(from);
            Found where = find(to);
            if (what.there().isDirectory()) {
                host.moveDirectory(what.group(), what.there(), where.group(), where.name(), null);
            } else {
                host.rename(what.group(), what.there(), where.group(), where.name(), where.entry());
            }
            host.commit(host.knowledge(), requests, random);
        }

        /** Compacts all that it knows of a folder, and takes the inputs away. */
        void compacts(String path) {
            List<Id> group =
                    path.equals("/") ? List.of(Host.ROOT) : find(path).there().directories();
            for (Id id : group) {
                List<Pack> inputs = List.copyOf(host.packs(id));
                List<Pack> written = new Compaction(Rules.ALL).of(id, inputs, 2, witness::draw);
                written.forEach(pack -> bucket.put(pack, false));
                host.read(written);
                inputs.forEach(bucket::delete);
            }
        }

        private void commit() {
            host.commit(host.knowledge(), Integer.MAX_VALUE, random);
        }

        private Found find(String path) {
            String[] names = path.substring(1).split("/", -1);
            List<Id> group = List.of(Host.ROOT);
            for (int i = 0; i + 1 < names.length; i++) {
                Shown above = host.tree().list(group).get(names[i]);
                if (above == null) {
                    throw new AssertionError(name + " sees no " + names[i] + " of " + path);
                }
                group = above.directories();
            }
            String last = names[names.length - 1];
            return new Found(group, last, host.tree().list(group).get(last));
        }

        private Set<String> picture() {
            TreeSet<String> paths = new TreeSet<>();
            walk(host.tree().list(), "", paths);
            return paths;
        }

        private void walk(Map<String, Shown> entries, String above, Set<String> paths) {
            entries.forEach((shown, entry) -> {
                String path = above + "/" + shown;
                if (entry.isDirectory()) {
                    paths.add(path + "/");
                    walk(host.tree().list(entry.directories()), path, paths);
                } else {
                    paths.add(path + "=" + text(entry.state().content()));
                }
            });
        }

        int mode(String path) {
            return find(path).there().state().attributes().permissions();
        }
    }
}
