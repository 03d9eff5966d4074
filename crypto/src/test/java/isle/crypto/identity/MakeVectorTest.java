package isle.crypto.identity;

import isle.crypto.seal.Octets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class MakeVectorTest {
    @Test
    void make() throws Exception {
        java.security.SecureRandom random = new java.security.SecureRandom();
        isle.crypto.seal.Id vault = isle.crypto.seal.Id.random(random);
        UserKeys user = UserKeys.random(isle.crypto.seal.Id.random(random), 1, random);
        DeviceKeys device = DeviceKeys.random("host", random);
        VaultKeys keys = VaultKeys.random(random);
        GenerationId generation = keys.generations().last();
        Member member = new Member(user.user(), 1, user.publicKeys());
        Code code = Code.random(Code.Purpose.RECOVERY, random);
        HeaderRecord record = HeaderRecord.signed(
                vault,
                isle.crypto.seal.Id.random(random),
                1,
                device.device(),
                device,
                List.of(
                        new Statement.VaultMade(user.user(), new Policy(30)),
                        member,
                        new Statement.Device(
                                user.user(), device.device(), device.publicKeys(), 1, Octets.copyOf(new byte[56])),
                        new Statement.KeyGeneration(generation, List.of(keys.sealTo(vault, generation, member))),
                        new Statement.UserKeysSealed(SealedKeys.byCode(user, code, random))));
        HexFormat hex = HexFormat.of();
        Files.writeString(
                Path.of("src/test/resources/isle/crypto/header-record.txt"),
                "# A founding record of format 1, written once by isle with Tink 1.24.0; it is only opened.\n"
                        + "vault " + vault + "\nfounder " + user.user() + "\ncode " + code.show() + "\nkeys "
                        + hex.formatHex(keys.encode())
                        + "\nrecord " + hex.formatHex(HeaderCodec.encode(record)) + "\n");
    }
}
