package isle.fs.store;

import java.util.List;

/** Content that is on its way to become an object or a part: bytes for its header file, or content files on the disk. */
final class Content {

    private static final byte[] NONE = new byte[0];

    private final byte[] inline;
    private final long serial;
    private final int files;
    private final List<Extent> extents;
    private final boolean fresh;

    private Content(byte[] inline, long serial, int files, List<Extent> extents, boolean fresh) {
        this.inline = inline;
        this.serial = serial;
        this.files = files;
        this.extents = List.copyOf(extents);
        this.fresh = fresh;
    }

    /** Bytes that go into the header file. */
    static Content inline(byte[] bytes) {
        return new Content(bytes, 0, 0, List.of(), true);
    }

    /** Content files that were just made, and whose names are not durable yet. */
    static Content files(long serial, int files, List<Extent> extents) {
        return new Content(NONE, serial, files, extents, true);
    }

    /** The content files that an object at the same place has. */
    static Content sameAs(Header header) {
        return new Content(NONE, header.entry().content(), header.entry().files(), header.extents(), false);
    }

    /** What goes into the header file; empty when there are content files. */
    byte[] inline() {
        return inline;
    }

    long serial() {
        return serial;
    }

    int files() {
        return files;
    }

    List<Extent> extents() {
        return extents;
    }

    /** True when nothing on the disk refers to these files yet. */
    boolean isFresh() {
        return fresh;
    }

    long size() {
        return files == 0
                ? inline.length
                : extents.stream().mapToLong(Extent::length).sum();
    }
}
