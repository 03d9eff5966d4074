package isle.test.rig;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/**
 * Which folders of the mount a suite works in: it is written once, in the names of the plain ones, and run on each kind.
 * {@code -Disle.volume=vault} or {@code plain} chooses one.
 */
public enum VolumeKind {
    /** public/ and protected/: one object per file. */
    PLAIN("public", "protected"),

    /** Two folders of private/, which is sealed on this host. */
    VAULT("private/one", "private/two");

    private final String first;
    private final String second;

    VolumeKind(String first, String second) {
        this.first = first;
        this.second = second;
    }

    /** The kinds that shall be tried; a source of parameters. */
    public static List<VolumeKind> tried() {
        String chosen = System.getProperty("isle.volume");
        return chosen == null ? Arrays.asList(values()) : List.of(valueOf(chosen.toUpperCase(Locale.ROOT)));
    }

    /**
     * The kinds, each with who shall work there; a source of parameters. In a vault that is an ordinary user alone, since
     * the rules on users are those of the plain folders: {@code -Disle.volume.long=true} tries all.
     */
    public static Stream<Arguments> withAccounts() {
        return tried().stream().flatMap(kind -> kind.accounts().stream().map(account -> Arguments.of(kind, account)));
    }

    private List<Account> accounts() {
        return this == PLAIN || Boolean.getBoolean("isle.volume.long") ? Account.all() : List.of(Account.ordinary());
    }

    /** How much is tried of something that can be long or short, unless a property says it. */
    public int orShorter(String property, int plain, int vault) {
        return Integer.getInteger(property, this == PLAIN ? plain : vault);
    }

    /** The volume, as the mount and the journal name it. */
    public String volume() {
        return this == PLAIN ? first : "private";
    }

    /** A script that speaks of public/ and protected/, for this kind. */
    public String in(String script) {
        return in(script, "");
    }

    /** The same for a folder in each of both, as {@code /name}. */
    public String in(String script, String folder) {
        return script.replaceAll("\\bpublic\\b", first + folder).replaceAll("\\bprotected\\b", second + folder);
    }

    /** Makes the two folders where they are not those of the mount itself. */
    public void makeFolders(IsleProfile isle) {
        if (this == VAULT) {
            isle.inMount("mkdir -p " + first + " " + second).ok();
        }
    }
}
