package isle.crypto.access;

import isle.crypto.seal.Id;

/**
 * A host that may open a vault.
 *
 * @param hostName as its people call it; empty if it cannot be read
 * @param own whether it is this one
 */
public record VaultDevice(Id device, String hostName, boolean own) {}
