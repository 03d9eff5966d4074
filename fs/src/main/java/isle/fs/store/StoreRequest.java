package isle.fs.store;

/**
 * One request to a store, as the decorators see it.
 *
 * @param key key of the object that is read or written; the prefix for lists; empty where there is not one key
 * @param bytes content bytes that are sent, or asked for; 0 where there is no content
 */
public record StoreRequest(StoreOperation operation, String key, long bytes) {}
