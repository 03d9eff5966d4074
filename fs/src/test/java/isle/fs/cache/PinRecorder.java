package isle.fs.cache;

import isle.fs.model.FsException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Keeps what a pin told, and waits for its end. */
final class PinRecorder implements PinListener {

    private final List<Long> progress = new ArrayList<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    @Override
    public synchronized void progress(long doneBytes, long totalBytes) {
        progress.add(doneBytes);
    }

    @Override
    public void complete() {
        end.complete(null);
    }

    @Override
    public void failed(FsException reason) {
        end.completeExceptionally(reason);
    }

    /** Throws an ExecutionException with the reason when it failed. */
    void await() throws Exception {
        end.get(20, TimeUnit.SECONDS);
    }

    synchronized List<Long> seen() {
        return List.copyOf(progress);
    }
}
