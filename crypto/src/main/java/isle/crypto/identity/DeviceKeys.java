package isle.crypto.identity;

import isle.crypto.seal.Id;
import isle.crypto.seal.Octets;
import isle.fs.model.FsException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/** The keys of one host, private halves included. They stay on it. */
public final class DeviceKeys implements SigningKeys {

    private static final String WHAT = "the device's key set";
    private static final String DOMAIN = "isle-dev";
    private static final int FORMAT = 1;

    private final Id device;
    private final String hostName;
    private final KeyPairs pairs;

    private DeviceKeys(Id device, String hostName, KeyPairs pairs) {
        this.device = device;
        this.hostName = hostName;
        this.pairs = pairs;
    }

    /** Keys of a new device, with a new id. */
    public static DeviceKeys random(String hostName, SecureRandom random) {
        return new DeviceKeys(Id.random(random), hostName, KeyPairs.random(random));
    }

    public Id device() {
        return device;
    }

    /** What its people call it. */
    public String hostName() {
        return hostName;
    }

    public PublicKeys publicKeys() {
        return pairs.publicKeys();
    }

    @Override
    public Signer signer() {
        return Signer.device(device);
    }

    @Override
    public Octets sign(byte[] message) {
        return pairs.sign(message);
    }

    /** As {@link KeyPairs#open}. */
    byte[] open(Octets sealed, byte[] context) throws FsException {
        return pairs.open(sealed, context);
    }

    /** Everything, in clear. */
    byte[] encode() {
        FieldWriter sink = new FieldWriter()
                .putDomain(DOMAIN)
                .putShort(FORMAT)
                .putId(device)
                .putBytes(hostName.getBytes(StandardCharsets.UTF_8));
        pairs.write(sink);
        return sink.toBytes();
    }

    static DeviceKeys decode(byte[] bytes) throws FsException {
        FieldReader source = new FieldReader(bytes, WHAT);
        Formats.expect(source, DOMAIN, FORMAT, WHAT);
        Id device = source.getId();
        String hostName = new String(source.getBytes(), StandardCharsets.UTF_8);
        DeviceKeys keys = new DeviceKeys(device, hostName, KeyPairs.read(source));
        source.expectEnd();
        return keys;
    }

    @Override
    public String toString() {
        return "keys of device " + device;
    }
}
