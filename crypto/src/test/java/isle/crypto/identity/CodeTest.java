package isle.crypto.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.identity.Code.Purpose;
import isle.crypto.seal.Draws;
import isle.crypto.seal.Octets;
import isle.crypto.seal.Vectors;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class CodeTest {

    private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    @Test
    void theVectorsHold() throws Exception {
        int count = 0;
        for (String[] line : Vectors.lines("code.txt")) {
            Purpose purpose = Purpose.valueOf(line[0]);
            Code code = Code.ofSecret(purpose, HexFormat.of().parseHex(line[1]));
            assertEquals(line[2], code.show());
            assertEquals(code, Code.parse(purpose, line[2]));
            Octets salt = Octets.copyOf(HexFormat.of().parseHex(line[3]));
            assertEquals(line[4], HexFormat.of().formatHex(code.key(salt)));
            count++;
        }
        assertTrue(count >= 6);
    }

    @Test
    void whatIsShownIsReadHoweverItIsTyped() throws Exception {
        SecureRandom random = Draws.of(3);
        for (int i = 0; i < 200; i++) {
            Code code = Code.random(Purpose.RECOVERY, random);
            String shown = code.show();
            assertTrue(shown.matches("([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}"), shown);
            assertEquals(code, Code.parse(Purpose.RECOVERY, shown));
            assertEquals(code, Code.parse(Purpose.RECOVERY, shown.toLowerCase(Locale.ROOT)));
            assertEquals(code, Code.parse(Purpose.RECOVERY, " " + shown.replace("-", " \u2013\t") + "\n"));
            assertEquals(code, Code.parse(Purpose.RECOVERY, shown.replace("-", "")));
            assertEquals(
                    code, Code.parse(Purpose.RECOVERY, shown.replace('0', 'O').replace('1', 'l')));
            assertEquals(
                    code, Code.parse(Purpose.RECOVERY, shown.replace('0', 'o').replace('1', 'I')));
        }
    }

    /** 12 check bits: one mistake of 4096 passes. */
    @Test
    void aMistypedCharacterIsNoticed() throws Exception {
        long seed = 4;
        SecureRandom random = Draws.of(seed);
        int tried = 0;
        int passed = 0;
        for (int i = 0; i < 20; i++) {
            String shown = Code.random(Purpose.RECOVERY, random).show();
            for (int at = 0; at < shown.length(); at++) {
                for (int letter = 0; letter < ALPHABET.length(); letter++) {
                    char other = ALPHABET.charAt(letter);
                    if (shown.charAt(at) != '-' && shown.charAt(at) != other) {
                        tried++;
                        String typed = shown.substring(0, at) + other + shown.substring(at + 1);
                        passed += fails(typed) ? 0 : 1;
                    }
                }
            }
        }
        assertEquals(20 * 28 * 31, tried);
        assertTrue(passed <= 15, passed + " of " + tried + " passed, seed " + seed);
    }

    @Test
    void swappedCharactersAreNoticed() throws Exception {
        long seed = 5;
        SecureRandom random = Draws.of(seed);
        int passed = 0;
        for (int i = 0; i < 50; i++) {
            String shown = Code.random(Purpose.LINK, random).show().replace("-", "");
            for (int at = 0; at + 1 < shown.length(); at++) {
                char a = shown.charAt(at);
                char b = shown.charAt(at + 1);
                String typed = shown.substring(0, at) + b + a + shown.substring(at + 2);
                if (a != b) {
                    try {
                        Code.parse(Purpose.LINK, typed);
                        passed++;
                    } catch (CodeProblem.CheckFails e) {
                        // noticed
                    }
                }
            }
        }
        assertTrue(passed <= 4, passed + " passed, seed " + seed);
    }

    private static boolean fails(String typed) throws CodeProblem {
        try {
            Code.parse(Purpose.RECOVERY, typed);
            return false;
        } catch (CodeProblem.CheckFails e) {
            return true;
        }
    }

    @Test
    void whatIsNoCodeIsSaidWhy() {
        Code code = Code.random(Purpose.RECOVERY, Draws.of(6));
        String shown = code.show();
        assertThrows(CodeProblem.WrongLength.class, () -> Code.parse(Purpose.RECOVERY, ""));
        assertThrows(CodeProblem.WrongLength.class, () -> Code.parse(Purpose.RECOVERY, shown + "0"));
        assertThrows(CodeProblem.WrongLength.class, () -> Code.parse(Purpose.RECOVERY, shown.substring(1)));
        CodeProblem.WrongCharacter wrong = assertThrows(
                CodeProblem.WrongCharacter.class, () -> Code.parse(Purpose.RECOVERY, shown.substring(0, 33) + "u"));
        assertEquals(28, wrong.position());
        assertThrows(
                CodeProblem.WrongCharacter.class, () -> Code.parse(Purpose.RECOVERY, "\u00e4" + shown.substring(1)));
        CodeProblem problem = assertThrows(CodeProblem.CheckFails.class, () -> Code.parse(Purpose.LINK, shown));
        assertFalse(String.valueOf(problem.getMessage()).contains(shown.substring(0, 4)));
    }

    @Test
    void purposesAndSaltsGiveOtherKeys() {
        byte[] secret = new byte[16];
        Code recovery = Code.ofSecret(Purpose.RECOVERY, secret);
        Code link = Code.ofSecret(Purpose.LINK, secret);
        Octets salt = Octets.copyOf(new byte[32]);
        assertNotEquals(Octets.copyOf(recovery.key(salt)), Octets.copyOf(link.key(salt)));
        assertNotEquals(
                Octets.copyOf(recovery.key(salt)),
                Octets.copyOf(recovery.key(Octets.copyOf(Draws.bytes(Draws.of(7), 32)))));
    }

    @Test
    void itNeverShowsInALog() {
        Code code = Code.random(Purpose.RECOVERY, Draws.of(8));
        assertEquals("recovery code", code.toString());
    }
}
