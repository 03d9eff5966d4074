package isle.mountd.api;

import java.io.IOException;

/** Takes the entries of a listing as they come. */
public interface EntrySink {
    void accept(EntryReport entry) throws IOException;
}
