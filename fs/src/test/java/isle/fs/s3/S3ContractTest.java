package isle.fs.s3;

import isle.fs.spi.ObjectStore;
import isle.fs.store.ObjectStoreContract;
import java.time.Clock;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract of all stores, on a real Garage. */
@Tag("garage")
class S3ContractTest extends ObjectStoreContract {

    @RegisterExtension
    static final GarageExtension GARAGE = GarageExtension.withoutFsync();

    @Override
    protected ObjectStore openEmpty() {
        GarageServer server = GARAGE.server();
        return S3ObjectStore.open(server.settings(server.createBucket()), Clock.systemUTC());
    }
}
