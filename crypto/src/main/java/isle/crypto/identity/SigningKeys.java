package isle.crypto.identity;

import isle.crypto.seal.Octets;

/** Private keys that can sign a header record. */
public sealed interface SigningKeys permits UserKeys, DeviceKeys {

    /** Whose keys they are, as a record names it. */
    Signer signer();

    /** 64 bytes of Ed25519. */
    Octets sign(byte[] message);
}
