package isle.fs.fuse;

import java.nio.ByteBuffer;

/** A loop thread's two buffers: requests of the kernel come in through one, content and listings go out of the other. */
final class TransferBuffers {

    /** libfuse's own size: 128 KiB of content and a page for what stands before it. */
    static final int REQUEST_BYTES = 0x21000;

    /** The largest read that the kernel asks for. */
    static final int CONTENT_BYTES = 0x20000;

    private final ByteBuffer request = ByteBuffer.allocateDirect(REQUEST_BYTES);
    private final ByteBuffer content = ByteBuffer.allocateDirect(CONTENT_BYTES);
    private final long requestAddress = Native.address(request);
    private final long contentAddress = Native.address(content);

    long requestAddress() {
        return requestAddress;
    }

    long contentAddress() {
        return contentAddress;
    }

    /** Bytes of the request that lie at an address in it. */
    ByteBuffer requestBytes(long address, int size) {
        return request.slice((int) (address - requestAddress), size);
    }

    /** Room for so many bytes at {@link #contentAddress}, at most {@link #CONTENT_BYTES}. */
    ByteBuffer room(long size) {
        return content.slice(0, (int) Math.min(size, CONTENT_BYTES));
    }
}
