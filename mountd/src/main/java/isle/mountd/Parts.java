package isle.mountd;

import isle.crypto.vault.VaultCare;
import isle.fs.cache.BlockCache;
import isle.fs.index.Index;
import isle.fs.spi.ObjectStore;
import isle.fs.store.GuardedObjectStore;
import isle.fs.vfs.Vfs;
import isle.mountd.store.StoreExamination;
import isle.mountd.vault.PrivateVault;
import isle.mountd.vault.VaultHealth;
import isle.mountd.vault.VaultRefresh;
import isle.mountd.vault.VaultWatch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What was opened so far, so that all of it can be closed, in the reverse order. */
final class Parts {

    final Map<String, ObjectStore> stores = new LinkedHashMap<>();

    @Nullable StoreExamination examination;

    @Nullable Index index;

    @Nullable BlockCache cache;

    @Nullable Vfs vfs;

    @Nullable PrivateVault vault;

    @Nullable VaultRefresh refresh;

    @Nullable VaultCare care;

    @Nullable VaultHealth vaultHealth;

    @Nullable VaultWatch watch;

    boolean areVaultsShown;

    boolean isVaultShown;

    PrivateVault vault() {
        return Objects.requireNonNull(vault);
    }

    ObjectStore store(String volume) {
        return Objects.requireNonNull(stores.get(volume));
    }

    Vfs vfs() {
        return Objects.requireNonNull(vfs);
    }

    /** Whether the store of a volume does not answer. */
    boolean isDown(String volume) {
        return stores.get(volume) instanceof GuardedObjectStore guarded && guarded.isDown();
    }

    /** Asks all stores at the same time, and waits for them. */
    void askStores() {
        List<Thread> asking = new ArrayList<>();
        for (ObjectStore store : stores.values()) {
            if (store instanceof GuardedObjectStore guarded) {
                Thread thread = new Thread(guarded::ask, "store-ask");
                thread.setDaemon(true);
                thread.start();
                asking.add(thread);
            }
        }
        try {
            for (Thread thread : asking) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The VFS first: it forces the journals and ends all use of the rest. */
    void close() {
        if (examination != null) {
            examination.close();
        }
        if (refresh != null) {
            refresh.close();
        }
        if (watch != null) {
            watch.close();
        }
        if (vfs != null) {
            vfs.close();
        }
        if (cache != null) {
            cache.close();
        }
        if (index != null) {
            index.close();
        }
        stores.values().forEach(ObjectStore::close);
    }
}
