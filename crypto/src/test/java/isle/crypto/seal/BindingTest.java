package isle.crypto.seal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BindingTest {

    private static final Id VAULT = Id.ofHex("000102030405060708090a0b0c0d0e0f");
    private static final Id OWNER = Id.ofHex("101112131415161718191a1b1c1d1e1f");
    private static final Id OBJECT = Id.ofHex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");

    private static String hex(Binding binding) {
        return HexFormat.of().formatHex(binding.encode());
    }

    @Test
    void theVectorsHold() throws Exception {
        int count = 0;
        for (String[] line : Vectors.lines("binding.txt")) {
            Binding binding = new Binding(
                    Id.ofHex(line[0]),
                    Integer.parseInt(line[1]),
                    Id.ofHex(line[2]),
                    Id.ofHex(line[3]),
                    Role.valueOf(line[4]));
            assertEquals(line[5], hex(binding));
            assertEquals(Binding.BYTES * 2, line[5].length());
            count++;
        }
        assertEquals(Role.values().length, count);
    }

    @Test
    void everyFieldChangesTheBytes() {
        Set<String> all = new HashSet<>();
        for (Role role : Role.values()) {
            all.add(hex(new Binding(VAULT, 1, OWNER, OBJECT, role)));
        }
        all.add(hex(new Binding(OWNER, 1, VAULT, OBJECT, Role.INDEX)));
        all.add(hex(new Binding(VAULT, 2, OWNER, OBJECT, Role.INDEX)));
        all.add(hex(new Binding(VAULT, 1, OBJECT, OWNER, Role.INDEX)));
        assertEquals(Role.values().length + 3, all.size());
    }

    @Test
    void generationsBeginWithOne() {
        assertThrows(IllegalArgumentException.class, () -> new Binding(VAULT, 0, OWNER, OBJECT, Role.INDEX));
    }

    @Test
    void anIdIsItsHexAndIsOrderedByItsBytes() {
        assertEquals("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", OBJECT.toString());
        assertEquals(1, Integer.signum(OBJECT.compareTo(OWNER)));
        assertEquals(-1, Integer.signum(new Id(0, 1).compareTo(new Id(0, -1))));
        assertThrows(IllegalArgumentException.class, () -> Id.ofHex("00"));
    }
}
