package isle.crypto.identity;

import isle.crypto.seal.Draws;
import isle.crypto.seal.Id;
import isle.crypto.seal.Octets;
import isle.fs.model.FsException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** People who write header records of one vault. */
final class TestVault {

    final SecureRandom random;
    final Id vault;
    final List<HeaderRecord> records = new ArrayList<>();
    private long lamport;

    /** A user with one generation of keys and one device. */
    record Person(Id user, UserKeys keys, DeviceKeys device) {
        Member member() {
            return new Member(user, keys.generation(), keys.publicKeys());
        }
    }

    TestVault(long seed) {
        random = Draws.of(seed);
        vault = Id.random(random);
    }

    Person person() {
        Id user = Id.random(random);
        return new Person(user, UserKeys.random(user, 1, random), DeviceKeys.random("host", random));
    }

    Statement.Device device(Id user, DeviceKeys device) {
        return new Statement.Device(user, device.device(), device.publicKeys(), 1, Octets.copyOf(new byte[56]));
    }

    /** Signs a record and keeps it. */
    HeaderRecord write(SigningKeys keys, DeviceKeys author, Statement... statements) {
        HeaderRecord record = record(keys, author.device(), ++lamport, statements);
        records.add(record);
        return record;
    }

    HeaderRecord write(DeviceKeys author, Statement... statements) {
        return write(author, author, statements);
    }

    HeaderRecord record(SigningKeys keys, Id author, long time, Statement... statements) {
        return HeaderRecord.signed(vault, Id.random(random), time, author, keys, List.of(statements));
    }

    Statement.KeyGeneration generation(int number, Person... people) throws FsException {
        VaultKeys keys = VaultKeys.random(random);
        if (number > 1) {
            keys = keys.withNext(number, random);
        }
        GenerationId id = keys.generations().last();
        List<KeyCopy> copies = new ArrayList<>();
        for (Person person : people) {
            copies.add(keys.sealTo(vault, id, person.member()));
        }
        return new Statement.KeyGeneration(id, copies);
    }

    HeaderRecord found(Person founder) throws FsException {
        return write(
                founder.device(),
                new Statement.VaultMade(founder.user(), new Policy(30)),
                founder.member(),
                device(founder.user(), founder.device()),
                generation(1, founder));
    }

    /** Takes a person in, who then introduces the own device with the own keys. */
    void invite(Person by, Person who) {
        write(by.device(), who.member());
        write(who.keys(), who.device(), device(who.user(), who.device()));
    }

    VaultHeader join() throws FsException {
        return join(null);
    }

    VaultHeader join(@Nullable Id founding) throws FsException {
        return HeaderJoin.join(vault, records, founding);
    }

    /** Ids of all records so far. */
    List<Id> seen() {
        return records.stream().map(HeaderRecord::record).toList();
    }
}
