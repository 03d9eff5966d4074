/*
 * A folder shown through the kernel's FUSE and back, and nothing more: what a file system in user space cannot be
 * faster than. Beside it test/bench times isle. Built on the spot against libfuse 2:
 *
 *     gcc -O2 -o passthrough passthrough.c $(pkg-config --cflags --libs fuse)
 *     passthrough MOUNT -f -o OPTIONS,root=FOLDER
 */
#define FUSE_USE_VERSION 26
#define _GNU_SOURCE

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

static struct {
    char *root;
} settings;

static const char *at(const char *path, char *buffer)
{
    snprintf(buffer, PATH_MAX, "%s%s", settings.root, path);
    return buffer;
}

#define AT(path) at(path, (char[PATH_MAX]){0})

static int answer(long result)
{
    return result < 0 ? -errno : (int) result;
}

static int pass_getattr(const char *path, struct stat *st)
{
    return answer(lstat(AT(path), st));
}

static int pass_fgetattr(const char *path, struct stat *st, struct fuse_file_info *fi)
{
    (void) path;
    return answer(fstat(fi->fh, st));
}

static int pass_readlink(const char *path, char *target, size_t size)
{
    ssize_t length = readlink(AT(path), target, size - 1);
    if (length < 0)
        return -errno;
    target[length] = 0;
    return 0;
}

static int pass_mknod(const char *path, mode_t mode, dev_t device)
{
    return answer(mknod(AT(path), mode, device));
}

static int pass_mkdir(const char *path, mode_t mode)
{
    return answer(mkdir(AT(path), mode));
}

static int pass_unlink(const char *path)
{
    return answer(unlink(AT(path)));
}

static int pass_rmdir(const char *path)
{
    return answer(rmdir(AT(path)));
}

static int pass_symlink(const char *target, const char *path)
{
    return answer(symlink(target, AT(path)));
}

static int pass_rename(const char *from, const char *to)
{
    return answer(rename(AT(from), AT(to)));
}

static int pass_chmod(const char *path, mode_t mode)
{
    return answer(chmod(AT(path), mode));
}

static int pass_chown(const char *path, uid_t uid, gid_t gid)
{
    return answer(lchown(AT(path), uid, gid));
}

static int pass_truncate(const char *path, off_t size)
{
    return answer(truncate(AT(path), size));
}

static int pass_ftruncate(const char *path, off_t size, struct fuse_file_info *fi)
{
    (void) path;
    return answer(ftruncate(fi->fh, size));
}

static int pass_utimens(const char *path, const struct timespec times[2])
{
    return answer(utimensat(AT_FDCWD, AT(path), times, AT_SYMLINK_NOFOLLOW));
}

static int pass_open(const char *path, struct fuse_file_info *fi)
{
    int file = open(AT(path), fi->flags);
    if (file < 0)
        return -errno;
    fi->fh = file;
    return 0;
}

static int pass_create(const char *path, mode_t mode, struct fuse_file_info *fi)
{
    int file = open(AT(path), fi->flags, mode);
    if (file < 0)
        return -errno;
    fi->fh = file;
    return 0;
}

static int pass_read(const char *path, char *into, size_t size, off_t offset, struct fuse_file_info *fi)
{
    (void) path;
    return answer(pread(fi->fh, into, size, offset));
}

static int pass_write(const char *path, const char *bytes, size_t size, off_t offset, struct fuse_file_info *fi)
{
    (void) path;
    return answer(pwrite(fi->fh, bytes, size, offset));
}

static int pass_fsync(const char *path, int data_only, struct fuse_file_info *fi)
{
    (void) path;
    return answer(data_only ? fdatasync(fi->fh) : fsync(fi->fh));
}

static int pass_release(const char *path, struct fuse_file_info *fi)
{
    (void) path;
    return answer(close(fi->fh));
}

static int pass_readdir(const char *path, void *into, fuse_fill_dir_t fill, off_t offset, struct fuse_file_info *fi)
{
    (void) offset;
    (void) fi;
    DIR *directory = opendir(AT(path));
    if (!directory)
        return -errno;
    struct dirent *entry;
    while ((entry = readdir(directory))) {
        struct stat st = {.st_ino = entry->d_ino, .st_mode = entry->d_type << 12};
        if (fill(into, entry->d_name, &st, 0))
            break;
    }
    closedir(directory);
    return 0;
}

static int pass_statfs(const char *path, struct statvfs *st)
{
    return answer(statvfs(AT(path), st));
}

static int pass_setxattr(const char *path, const char *name, const char *value, size_t size, int flags)
{
    return answer(lsetxattr(AT(path), name, value, size, flags));
}

static int pass_getxattr(const char *path, const char *name, char *value, size_t size)
{
    return answer(lgetxattr(AT(path), name, value, size));
}

static int pass_listxattr(const char *path, char *names, size_t size)
{
    return answer(llistxattr(AT(path), names, size));
}

static int pass_removexattr(const char *path, const char *name)
{
    return answer(lremovexattr(AT(path), name));
}

static const struct fuse_operations operations = {
    .getattr = pass_getattr,
    .fgetattr = pass_fgetattr,
    .readlink = pass_readlink,
    .mknod = pass_mknod,
    .mkdir = pass_mkdir,
    .unlink = pass_unlink,
    .rmdir = pass_rmdir,
    .symlink = pass_symlink,
    .rename = pass_rename,
    .chmod = pass_chmod,
    .chown = pass_chown,
    .truncate = pass_truncate,
    .ftruncate = pass_ftruncate,
    .utimens = pass_utimens,
    .open = pass_open,
    .create = pass_create,
    .read = pass_read,
    .write = pass_write,
    .fsync = pass_fsync,
    .release = pass_release,
    .readdir = pass_readdir,
    .statfs = pass_statfs,
    .setxattr = pass_setxattr,
    .getxattr = pass_getxattr,
    .listxattr = pass_listxattr,
    .removexattr = pass_removexattr,
};

int main(int count, char **arguments)
{
    static const struct fuse_opt options[] = {{"root=%s", offsetof(typeof(settings), root), 0}, FUSE_OPT_END};
    struct fuse_args args = FUSE_ARGS_INIT(count, arguments);
    if (fuse_opt_parse(&args, &settings, options, NULL) == -1 || !settings.root) {
        fprintf(stderr, "passthrough MOUNT -f -o root=FOLDER[,OPTIONS]\n");
        return 2;
    }
    umask(0);
    return fuse_main(args.argc, args.argv, &operations, NULL);
}
