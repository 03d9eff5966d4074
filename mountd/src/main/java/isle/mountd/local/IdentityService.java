package isle.mountd.local;

import isle.mountd.api.DaemonException;
import isle.mountd.api.DeviceReport;
import isle.mountd.api.IdentityAnswer;
import isle.mountd.api.IdentityReport;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What the socket can ask about the identity of the person; as {@code isle.mountd.api.IdentityClient} has it. */
public interface IdentityService {

    IdentityReport show(Consumer<String> progress) throws DaemonException;

    IdentityAnswer recover(String code, Consumer<String> progress) throws DaemonException;

    IdentityAnswer link(Consumer<String> progress) throws DaemonException;

    List<DeviceReport> devices(Consumer<String> progress) throws DaemonException;

    IdentityAnswer revoke(String device, Consumer<String> progress) throws DaemonException;

    IdentityAnswer confirm(String code, Consumer<String> progress) throws DaemonException;

    IdentityAnswer newCode(Consumer<String> progress) throws DaemonException;

    IdentityAnswer passphrase(Optional<String> old, Optional<String> passphrase, Consumer<String> progress)
            throws DaemonException;

    IdentityAnswer unlock(String passphrase, Consumer<String> progress) throws DaemonException;
}
