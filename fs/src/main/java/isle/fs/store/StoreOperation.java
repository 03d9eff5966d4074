package isle.fs.store;

/** The requests of an object store, to count them by and to break them by. */
public enum StoreOperation {
    HEAD(false),
    GET(false),
    PUT(true),
    COPY(true),
    DELETE(true),
    DELETE_MANY(true),
    LIST(false),
    START_UPLOAD(true),
    UPLOAD_PART(true),
    COPY_PART(true),
    COMPLETE_UPLOAD(true),
    ABORT_UPLOAD(true),
    PENDING_UPLOADS(false),
    STATISTICS(false);

    private final boolean write;

    StoreOperation(boolean write) {
        this.write = write;
    }

    /** True when it changes what is stored. */
    public boolean isWrite() {
        return write;
    }
}
