package isle.test.tools;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.s3.GarageExtension;
import isle.fs.s3.GarageServer;
import isle.test.rig.Account;
import isle.test.rig.Eventually;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import isle.test.rig.Scripts;
import isle.test.rig.VolumeKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Programs save with locks, backups, temporary files and renames: what they leave is right here and after a restart, and
 * nothing else is in the store. What is saved while the store is away never sends it a temporary file at all.
 */
@Tag("fuse")
@Tag("garage")
@Tag("tools")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
@ParameterizedClass
@MethodSource("isle.test.rig.VolumeKind#withAccounts")
class SavingTest {

    private static final Duration LIMIT = Duration.ofMinutes(2);

    /** Where it is saved with the store there, and with the store away. */
    private static final List<String> FOLDERS = List.of("there", "away");

    /** A vault sends what waits as few packs, whatever is in them. */
    private static final int MOST_PACKS = 40;

    @RegisterExtension
    static final GarageExtension GARAGE = GarageExtension.withoutFsync();

    @RegisterExtension
    final Isles isles = new Isles();

    private final VolumeKind kind;
    private final Account account;

    SavingTest(VolumeKind kind, Account account) {
        this.kind = kind;
        this.account = account;
    }

    /** What a program does to save, as scripts of bash that are run in a folder of its own. */
    private record Save(String program, String before, String save, String after) {}

    @Test
    void whatTheyLeaveIsRightAndNothingElseIsInTheStore() {
        GarageServer garage = GARAGE.server();
        String bucket = garage.createBucket();
        IsleProfile isle = isles.plan()
                .of(account)
                .on(garage, bucket, garage.createBucket(), garage.key())
                .make()
                .start();
        for (String script : List.of("replay.py", "mail.py", "emacs.el")) {
            Scripts.copy(script, isle.person());
        }
        List<Save> saves = saves();
        for (String folder : FOLDERS) {
            for (Save save : saves) {
                isle.inMount("mkdir -p " + path(folder, save)).ok();
                run(isle, folder, save, save.before());
            }
        }
        isle.awaitStored();
        saveAll(isle, "there", saves);
        isle.awaitStored();
        Set<String> sent = sentAfterSavingAlone(isle, garage, bucket, saves);
        checkAll(isle, saves);
        isle.restartWithoutCache();
        checkAll(isle, saves);
        if (kind == VolumeKind.PLAIN) {
            Set<String> names = names(isle);
            assertEquals(names, new TreeSet<>(new S3Client(garage, bucket, isles.folder()).keys()));
            sent.removeAll(names);
            // Isle's own, for what changes places in the store; that they are gone is checked above.
            sent.removeIf(key -> key.startsWith(".isle-keep."));
            assertEquals(new TreeSet<>(), sent, "what was only temporary reached the store");
        } else {
            assertTrue(sent.size() <= MOST_PACKS, () -> sent.size() + " objects for what was saved at once");
        }
        isle.unmount().ok();
    }

    private static List<Save> saves() {
        return List.of(
                vim(),
                emacs(),
                replay("libreoffice"),
                replay("browser"),
                replay("npm"),
                mailInAMaildir(),
                mailInAnMbox());
    }

    private String path(String folder, Save save) {
        return kind.volume() + "/" + folder + "/" + save.program();
    }

    private void saveAll(IsleProfile isle, String folder, List<Save> saves) {
        assertAll(saves.stream().map(save -> () -> {
            run(isle, folder, save, save.save());
            run(isle, folder, save, save.after());
        }));
    }

    private void checkAll(IsleProfile isle, List<Save> saves) {
        assertAll(FOLDERS.stream()
                .flatMap(folder -> saves.stream().map(save -> () -> run(isle, folder, save, save.after()))));
    }

    private void run(IsleProfile isle, String folder, Save save, String script) {
        isle.shell("cd " + path(folder, save) + "\n" + script)
                .within(LIMIT)
                .run()
                .ok();
    }

    /** Saves while the store is away; returns all keys that were put when it was back. */
    private Set<String> sentAfterSavingAlone(IsleProfile isle, GarageServer garage, String bucket, List<Save> saves) {
        garage.kill();
        long logged = log(garage).length();
        try {
            // Until it knows, it may be asking the store what is there when the store comes back, and go on from that.
            isle.inMount("echo away >" + kind.volume() + "/noticed").ok();
            Eventually.holds(
                    "isle status says that the store is away",
                    LIMIT,
                    () -> isle.isle("status", "--json").ok().text().contains("\"offline\""));
            saveAll(isle, "away", saves);
        } finally {
            garage.restart();
        }
        isle.awaitStored();
        String written = kind == VolumeKind.PLAIN ? bucket : "private-" + bucket;
        Matcher puts = Pattern.compile(" PUT /" + written + "(/[^?\\s]*)")
                .matcher(log(garage).substring((int) logged));
        Set<String> sent = new TreeSet<>();
        while (puts.find()) {
            sent.add(URI.create(puts.group(1)).getPath().substring(1));
        }
        assertFalse(sent.isEmpty(), "Garage logged no object");
        if (kind == VolumeKind.PLAIN) {
            saves.forEach(save -> assertTrue(
                    sent.stream().anyMatch(key -> key.startsWith("away/" + save.program() + "/")),
                    () -> "nothing of " + save.program() + " in what Garage logged: " + sent));
        }
        return sent;
    }

    private static String log(GarageServer garage) {
        try {
            return Files.readString(garage.log(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The keys that what the mount shows should have. */
    private static Set<String> names(IsleProfile isle) {
        return new TreeSet<>(
                isle.inMount("find public -mindepth 1 -type d -printf '%P/\\n' -o -mindepth 1 -printf '%P\\n'")
                        .ok()
                        .text()
                        .lines()
                        .toList());
    }

    private static Save vim() {
        return new Save("vim", "printf 'one\\n' >text; chmod 640 text", """
                for copy in no yes auto; do
                    vim -Nu NONE -es -c "set backup backupdir=. backupskip= writebackup backupcopy=$copy" -c '%s/one/one one/' -c wq text
                done
                """, """
                [ "$(cat text)" = 'one one one one' ]; [ "$(cat text~)" = 'one one one' ]
                [ "$(stat -c %a text)" = 640 ]; [ "$(ls -A)" = $'text\\ntext~' ]
                """);
    }

    private static Save emacs() {
        return new Save("emacs", "echo one >text; chmod 640 text", """
                emacs -Q --batch -l "$HOME/emacs.el" text
                """, """
                [ "$(cat text)" = $'one\\nrenamed\\ncopied\\nprecious\\nnumbered' ]
                [ "$(cat text~)" = $'one\\nrenamed\\ncopied' ]; [ "$(cat text.~1~)" = $'one\\nrenamed\\ncopied\\nprecious' ]
                [ "$(stat -c %a text)" = 640 ]; [ "$(LC_ALL=C ls -A)" = $'text\\ntext.~1~\\ntext~' ]
                """);
    }

    private static Save replay(String program) {
        String script = "python3 \"$HOME/replay.py\" %s " + program;
        return new Save(program, script.formatted("before"), script.formatted("save"), script.formatted("after"));
    }

    private static Save mailInAMaildir() {
        return new Save(
                "maildir",
                "mkdir -p box/tmp box/new box/cur",
                """
                python3 "$HOME/mail.py" read-maildir box 120 & pids=$!
                for who in ann ben cem; do python3 "$HOME/mail.py" deliver-maildir box $who 40 & pids="$pids $!"; done
                for pid in $pids; do wait $pid; done
                """,
                "python3 \"$HOME/mail.py\" check-maildir box 40 ann ben cem");
    }

    private static Save mailInAnMbox() {
        return new Save(
                "mbox",
                ": >mbox",
                """
                pids=
                for who in ann ben cem; do python3 "$HOME/mail.py" append-mbox mbox $who 40 & pids="$pids $!"; done
                for pid in $pids; do wait $pid; done
                python3 "$HOME/mail.py" expunge-mbox mbox
                """,
                "python3 \"$HOME/mail.py\" check-mbox mbox 40 ann ben cem; [ \"$(ls -A)\" = mbox ]");
    }
}
