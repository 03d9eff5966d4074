package isle.fs.model;

/**
 * One committed state of one name, as the store tells it apart.
 *
 * @param token what makes this version different from every other one of the same name; compared by equality only
 * @param contentId identity of the content: equal ids mean equal bytes, also under another name ({@link BlockId})
 * @param size bytes of content
 */
public record EntryVersion(String token, String contentId, long size) {
    public EntryVersion {
        if (token.isEmpty() || contentId.isEmpty() || size < 0) {
            throw new IllegalArgumentException("entry version");
        }
    }
}
