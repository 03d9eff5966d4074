package isle.crypto.identity;

import isle.crypto.seal.Id;
import isle.crypto.seal.Octets;
import isle.fs.model.FsException;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of a header record, format 1. There is one way to write each record, so the signature is checked over what is
 * written again.
 */
public final class HeaderCodec {

    private static final String WHAT = "a header record";
    private static final String DOMAIN = "isle-hdr";
    private static final int FORMAT = 1;

    /** What precedes the record where it is signed, so that the signature is good for nothing else. */
    private static final String SIGNED_DOMAIN = "isle/header-record/1:";

    private HeaderCodec() {}

    /** The bytes of the object. */
    public static byte[] encode(HeaderRecord record) {
        FieldWriter sink = new FieldWriter();
        writeBody(record, sink);
        return sink.putRaw(record.signature().toBytes()).toBytes();
    }

    /** What the signature covers: a domain, and the object up to the signature. */
    static byte[] signedBytes(HeaderRecord record) {
        FieldWriter sink = new FieldWriter().putDomain(SIGNED_DOMAIN);
        writeBody(record, sink);
        return sink.toBytes();
    }

    private static void writeBody(HeaderRecord record, FieldWriter sink) {
        sink.putDomain(DOMAIN)
                .putShort(FORMAT)
                .putId(record.vault())
                .putId(record.record())
                .putLong(record.lamport())
                .putId(record.author())
                .putByte(record.signer().kind().code())
                .putId(record.signer().id())
                .putInt(record.signer().generation())
                .putInt(record.statements().size());
        for (Statement statement : record.statements()) {
            FieldWriter part = new FieldWriter();
            sink.putByte(write(statement, part)).putBytes(part.toBytes());
        }
    }

    /**
     * Reads the bytes of an object. The signature is not checked here: that needs the others ({@link HeaderJoin}).
     *
     * @throws FsException.Unsupported if a newer isle wrote it
     * @throws FsException.Corrupt if nobody can have written it
     * @throws FsException.Invalid if a passphrase lock in it asks for too much memory or time
     */
    public static HeaderRecord decode(byte[] bytes) throws FsException {
        FieldReader source = new FieldReader(bytes, WHAT);
        Formats.expect(source, DOMAIN, FORMAT, WHAT);
        try {
            Id vault = source.getId();
            Id record = source.getId();
            long lamport = source.getLong();
            Id author = source.getId();
            Signer signer = signer(source);
            int count = source.getCount(1 + Integer.BYTES);
            List<Statement> statements = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int kind = source.getByte();
                FieldReader part = source.getPart();
                statements.add(read(kind, part));
                part.expectEnd();
            }
            Octets signature = Octets.copyOf(source.getRaw(HeaderRecord.SIGNATURE_BYTES));
            source.expectEnd();
            return new HeaderRecord(vault, record, lamport, author, signer, statements, signature);
        } catch (IllegalArgumentException e) {
            throw source.damaged("a value is out of its range");
        }
    }

    private static Signer signer(FieldReader source) throws FsException {
        int code = source.getByte();
        for (Signer.Kind kind : Signer.Kind.values()) {
            if (kind.code() == code) {
                return new Signer(kind, source.getId(), source.getInt());
            }
        }
        throw source.damaged("it is signed by something unknown");
    }

    /** Writes the fields and gives the kind's number. */
    private static int write(Statement statement, FieldWriter sink) {
        if (statement instanceof Statement.VaultMade made) {
            sink.putId(made.founder()).putInt(made.policy().retentionDays());
            return 1;
        }
        if (statement instanceof Statement.KeyGeneration made) {
            made.generation().write(sink);
            sink.putInt(made.copies().size());
            made.copies().forEach(copy -> copy.write(sink));
            return 2;
        }
        if (statement instanceof Member member) {
            sink.putId(member.user()).putInt(member.generation());
            member.keys().write(sink);
            return 3;
        }
        if (statement instanceof Statement.MemberRemoved removed) {
            sink.putId(removed.user());
            writeIds(removed.seen(), sink);
            return 4;
        }
        if (statement instanceof Statement.Device device) {
            sink.putId(device.user()).putId(device.device());
            device.keys().write(sink);
            sink.putInt(device.keyGeneration()).putBytes(device.hostName());
            return 5;
        }
        if (statement instanceof Statement.DeviceRevoked revoked) {
            sink.putId(revoked.user()).putId(revoked.device()).putInt(revoked.retired());
            writeIds(revoked.seen(), sink);
            return 6;
        }
        if (statement instanceof Statement.UserKeysSealed sealed) {
            sealed.keys().write(sink);
            return 7;
        }
        if (statement instanceof Policy policy) {
            sink.putInt(policy.retentionDays());
            return 8;
        }
        throw new IllegalStateException("a statement that has no number");
    }

    private static Statement read(int kind, FieldReader source) throws FsException {
        return switch (kind) {
            case 1 -> new Statement.VaultMade(source.getId(), new Policy(source.getInt()));
            case 2 -> new Statement.KeyGeneration(GenerationId.read(source), readCopies(source));
            case 3 -> new Member(source.getId(), source.getInt(), PublicKeys.read(source));
            case 4 -> new Statement.MemberRemoved(source.getId(), readIds(source));
            case 5 ->
                new Statement.Device(
                        source.getId(), source.getId(), PublicKeys.read(source), source.getInt(), source.getOctets());
            case 6 -> new Statement.DeviceRevoked(source.getId(), source.getId(), source.getInt(), readIds(source));
            case 7 -> new Statement.UserKeysSealed(SealedKeys.read(source));
            case 8 -> new Policy(source.getInt());
            default -> throw source.damaged("it has a statement of unknown kind " + kind);
        };
    }

    private static void writeIds(List<Id> ids, FieldWriter sink) {
        sink.putInt(ids.size());
        ids.forEach(sink::putId);
    }

    private static List<Id> readIds(FieldReader source) throws FsException {
        int count = source.getCount(Id.BYTES);
        List<Id> ids = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            ids.add(source.getId());
        }
        return ids;
    }

    private static List<KeyCopy> readCopies(FieldReader source) throws FsException {
        int count = source.getCount(Id.BYTES + 2 * Integer.BYTES);
        List<KeyCopy> copies = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            copies.add(KeyCopy.read(source));
        }
        return copies;
    }
}
