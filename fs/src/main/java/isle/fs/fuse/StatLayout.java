package isle.fs.fuse;

import isle.fs.model.Timestamp;
import isle.fs.vfs.FileSystem.Stat;
import jnr.ffi.Runtime;
import jnr.ffi.TypeAlias;
import ru.serce.jnrfuse.struct.FileStat;

/**
 * Where the members of {@code struct stat} lie on this machine. The order differs between processors; jnr-fuse knows
 * it, but its members box every number, so it is asked for the places only.
 *
 * @param size of the whole struct
 * @param linksWidth bytes of {@code nlink_t}
 * @param blockSizeWidth bytes of {@code blksize_t}
 */
record StatLayout(
        int size,
        int inode,
        int links,
        int linksWidth,
        int mode,
        int uid,
        int gid,
        int device,
        int length,
        int blockSize,
        int blockSizeWidth,
        int blocks,
        int atime,
        int mtime,
        int ctime) {

    /**
     * {@code st_blksize}. The C library and most languages write through buffers of this size, and without them each
     * small write is one request: 128 KiB is the largest write that libfuse 2 passes on.
     */
    static final int PREFERRED_BLOCK = 128 * 1024;

    static StatLayout of(Runtime runtime) {
        FileStat stat = new FileStat(runtime);
        return new StatLayout(
                jnr.ffi.Struct.size(stat),
                (int) stat.st_ino.offset(),
                (int) stat.st_nlink.offset(),
                runtime.findType(TypeAlias.nlink_t).size(),
                (int) stat.st_mode.offset(),
                (int) stat.st_uid.offset(),
                (int) stat.st_gid.offset(),
                (int) stat.st_rdev.offset(),
                (int) stat.st_size.offset(),
                (int) stat.st_blksize.offset(),
                runtime.findType(TypeAlias.blksize_t).size(),
                (int) stat.st_blocks.offset(),
                (int) stat.st_atim.tv_sec.offset(),
                (int) stat.st_mtim.tv_sec.offset(),
                (int) stat.st_ctim.tv_sec.offset());
    }

    /** Fills a zeroed {@code struct stat}. */
    void write(long address, Stat stat) {
        Native.putLong(address + inode, stat.inode());
        Native.putInteger(address + links, linksWidth, stat.links());
        Native.putInt(address + mode, stat.mode());
        Native.putInt(address + uid, stat.uid());
        Native.putInt(address + gid, stat.gid());
        Native.putLong(address + device, stat.device());
        Native.putLong(address + length, stat.size());
        Native.putInteger(address + blockSize, blockSizeWidth, PREFERRED_BLOCK);
        Native.putLong(address + blocks, stat.blocks());
        writeTime(address + atime, stat.atime());
        writeTime(address + mtime, stat.mtime());
        writeTime(address + ctime, stat.ctime());
    }

    private static void writeTime(long address, Timestamp time) {
        Native.putLong(address, time.seconds());
        Native.putLong(address + Long.BYTES, time.nanos());
    }

    int readMode(long address) {
        return Native.getInt(address + mode);
    }

    int readUid(long address) {
        return Native.getInt(address + uid);
    }

    int readGid(long address) {
        return Native.getInt(address + gid);
    }

    long readLength(long address) {
        return Native.getLong(address + length);
    }

    Timestamp readAtime(long address) {
        return readTime(address + atime);
    }

    Timestamp readMtime(long address) {
        return readTime(address + mtime);
    }

    private static Timestamp readTime(long address) {
        return new Timestamp(Native.getLong(address), (int) Native.getLong(address + Long.BYTES));
    }
}
