package isle.test.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
@Timeout(value = 5, unit = TimeUnit.MINUTES)
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

    /** What a program does to save, as scripts of bash that are run in the folder. */
    private record Save(String before, String save, String after) {}

    private void saves(Save program) {
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
        FOLDERS.forEach(folder -> run(
                isle,
                "mkdir " + kind.volume() + "/" + folder + "; cd " + kind.volume() + "/" + folder,
                program.before()));
        isle.awaitStored();
        run(isle, in("there"), program.save());
        run(isle, in("there"), program.after());
        isle.awaitStored();
        Set<String> sent = sentAfterSavingAlone(isle, garage, bucket, program);
        isle.keeps(in("there") + "\n" + program.after() + "\ncd ../away;" + program.after(), LIMIT);
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

    private String in(String folder) {
        return "cd " + kind.volume() + "/" + folder;
    }

    /** Saves while the store is away; returns all keys that were put when it was back. */
    private Set<String> sentAfterSavingAlone(IsleProfile isle, GarageServer garage, String bucket, Save program) {
        garage.kill();
        long logged = log(garage).length();
        try {
            // Until it knows, it may be asking the store what is there when the store comes back, and go on from that.
            run(isle, "cd " + kind.volume(), "echo away >noticed");
            Eventually.holds(
                    "isle status says that the store is away",
                    LIMIT,
                    () -> isle.isle("status", "--json").ok().text().contains("\"offline\""));
            run(isle, in("away"), program.save());
            run(isle, in("away"), program.after());
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
        assertTrue(
                sent.stream().anyMatch(key -> kind == VolumeKind.VAULT || key.startsWith("away/")),
                () -> "what Garage logged: " + sent);
        return sent;
    }

    private static String log(GarageServer garage) {
        try {
            return Files.readString(garage.log(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void run(IsleProfile isle, String place, String script) {
        isle.shell(place + "\n" + script).within(LIMIT).run().ok();
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

    @Test
    void vimSaves() {
        saves(new Save("printf 'one\\n' >text; chmod 640 text", """
                for copy in no yes auto; do
                    vim -Nu NONE -es -c "set backup backupdir=. backupskip= writebackup backupcopy=$copy" -c '%s/one/one one/' -c wq text
                done
                """, """
                [ "$(cat text)" = 'one one one one' ]; [ "$(cat text~)" = 'one one one' ]
                [ "$(stat -c %a text)" = 640 ]; [ "$(ls -A)" = $'text\\ntext~' ]
                """));
    }

    @Test
    void emacsSaves() {
        saves(new Save("echo one >text; chmod 640 text", """
                emacs -Q --batch -l "$HOME/emacs.el" text
                """, """
                [ "$(cat text)" = $'one\\nrenamed\\ncopied\\nprecious\\nnumbered' ]
                [ "$(cat text~)" = $'one\\nrenamed\\ncopied' ]; [ "$(cat text.~1~)" = $'one\\nrenamed\\ncopied\\nprecious' ]
                [ "$(stat -c %a text)" = 640 ]; [ "$(LC_ALL=C ls -A)" = $'text\\ntext.~1~\\ntext~' ]
                """));
    }

    @Test
    void libreOfficeLocksSavesAndSavesAs() {
        saves(replay("libreoffice"));
    }

    @Test
    void browsersDownload() {
        saves(replay("browser"));
    }

    @Test
    void npmInstallsUpdatesAndRemoves() {
        saves(replay("npm"));
    }

    private static Save replay(String program) {
        String script = "python3 \"$HOME/replay.py\" %s " + program;
        return new Save(script.formatted("before"), script.formatted("save"), script.formatted("after"));
    }

    @Test
    void mailIsDeliveredIntoAMaildir() {
        saves(new Save(
                "mkdir -p box/tmp box/new box/cur", """
                python3 "$HOME/mail.py" read-maildir box 120 & pids=$!
                for who in ann ben cem; do python3 "$HOME/mail.py" deliver-maildir box $who 40 & pids="$pids $!"; done
                for pid in $pids; do wait $pid; done
                """, "python3 \"$HOME/mail.py\" check-maildir box 40 ann ben cem"));
    }

    @Test
    void mailIsAppendedToAnMbox() {
        saves(new Save(
                ": >mbox", """
                pids=
                for who in ann ben cem; do python3 "$HOME/mail.py" append-mbox mbox $who 40 & pids="$pids $!"; done
                for pid in $pids; do wait $pid; done
                python3 "$HOME/mail.py" expunge-mbox mbox
                """, "python3 \"$HOME/mail.py\" check-mbox mbox 40 ann ben cem; [ \"$(ls -A)\" = mbox ]"));
    }
}
