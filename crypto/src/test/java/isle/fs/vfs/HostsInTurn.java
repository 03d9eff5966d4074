package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import isle.fs.model.FsException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;

/**
 * Hosts that take turns: each waits until all has been stored, and looks, before it does something. Then a map of paths
 * says what is there: no conflict comes from it, nothing comes back, and conflict copies are ordinary files.
 */
final class HostsInTurn {
    private final List<SimulatedHost> hosts;
    private final Random random;
    private final List<String> past;
    private NavigableMap<String, String> model = new TreeMap<>();
    private int drawn;

    interface Settling {
        void settle(SimulatedHost host) throws FsException;
    }

    HostsInTurn(List<SimulatedHost> hosts, Random random, List<String> past) {
        this.hosts = hosts;
        this.random = random;
        this.past = past;
    }

    void play(int turns, Settling settling) throws FsException {
        model = hosts.get(0).look();
        for (int i = 0; i < turns; i++) {
            SimulatedHost host = hosts.get(random.nextInt(hosts.size()));
            HostsSimulation.refresh(host);
            for (int n = random.nextInt(3); n >= 0; n--) {
                act(host);
            }
            assertEquals(text(model), text(host.look()), host::toString);
            settling.settle(host);
            for (SimulatedHost each : hosts) {
                HostsSimulation.refresh(each);
                assertEquals(text(model), text(each.look()), each::toString);
            }
        }
    }

    private static String text(NavigableMap<String, String> tree) {
        StringBuilder text = new StringBuilder();
        tree.forEach((path, content) ->
                text.append(path).append(" = ").append(content).append('\n'));
        return text.toString();
    }

    private void act(SimulatedHost host) throws FsException {
        switch (random.nextInt(6)) {
            case 0 -> put(host, newPath());
            case 1 -> put(host, any(false));
            case 2 -> remove(host, any(random.nextInt(3) == 0));
            case 3 -> {
                String path = newPath();
                if (!model.containsKey(path)) {
                    past.add(host + " in turn: mkdir " + path);
                    host.rig.mkdir(path);
                    model.put(path, SimulatedHost.DIRECTORY);
                }
            }
            default ->
                rename(host, any(random.nextInt(2) == 0), random.nextBoolean() ? newPath() : any(random.nextBoolean()));
        }
    }

    private boolean isDirectory(String path) {
        return path.isEmpty() || SimulatedHost.DIRECTORY.equals(model.get(path));
    }

    private boolean hasChildren(String path) {
        String first = model.ceilingKey(path + "/");
        return first != null && first.startsWith(path + "/");
    }

    private String any(boolean directory) {
        List<String> paths = new ArrayList<>(model.keySet().stream()
                .filter(each -> isDirectory(each) == directory)
                .toList());
        if (directory) {
            paths.add("");
        }
        return paths.isEmpty() ? "" : paths.get(random.nextInt(paths.size()));
    }

    private String newPath() {
        String parent = any(true);
        return (parent.isEmpty() ? "" : parent + "/") + "n" + random.nextInt(5);
    }

    private void put(SimulatedHost host, String path) throws FsException {
        if (isDirectory(path)) {
            return;
        }
        String mark = String.format("%-" + SimulatedHost.MARK + "s", "turn" + ++drawn);
        past.add(host + " in turn: put " + path);
        host.rig.put(path, mark.getBytes(StandardCharsets.UTF_8));
        model.put(path, mark);
    }

    private void remove(SimulatedHost host, String path) throws FsException {
        if (path.isEmpty() || hasChildren(path)) {
            return;
        }
        past.add(host + " in turn: remove " + path);
        if (isDirectory(path)) {
            host.rig.rmdir(path);
        } else {
            host.rig.unlink(path);
        }
        model.remove(path);
    }

    private void rename(SimulatedHost host, String from, String to) throws FsException {
        boolean over = model.containsKey(to);
        if (from.isEmpty()
                || to.isEmpty()
                || from.equals(to)
                || to.startsWith(from + "/")
                || (over && (isDirectory(from) != isDirectory(to) || hasChildren(to)))) {
            return;
        }
        past.add(host + " in turn: rename " + from + " to " + to);
        host.rig.rename(from, to);
        model.remove(to);
        for (String path : List.copyOf(model.keySet())) {
            if (path.equals(from) || path.startsWith(from + "/")) {
                String content = model.remove(path);
                model.put(to + path.substring(from.length()), content == null ? "" : content);
            }
        }
    }
}
