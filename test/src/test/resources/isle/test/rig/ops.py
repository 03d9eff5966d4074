"""Carries out file operations below one folder, one a line, and answers each with one line.

A request is a name and arguments, separated by tabs; names of files are hexadecimal. The answer is "ok" and results, or
"err" and the name of the error. "tree" answers a line for each file, and then "end".
"""

import ctypes
import errno
import hashlib
import mmap
import os
import random
import stat
import sys

ROOT = os.fsencode(sys.argv[1])
LIBC = ctypes.CDLL(None, use_errno=True)
PUNCH_HOLE_KEEP_SIZE = 3
# Times before it were set by a test; later ones are those of the clock, which no two folders share.
CLOCK = 1_600_000_000 * 10**9
handles = {}


def path(hexadecimal):
    return os.path.join(ROOT, bytes.fromhex(hexadecimal))


def data(seed, length):
    return random.Random(int(seed)).randbytes(int(length))


def write_all(fd, content, offset=None):
    done = 0
    while done < len(content):
        if offset is None:
            done += os.write(fd, content[done:])
        else:
            done += os.pwrite(fd, content[done:], offset + done)
    return done


# Every open has O_NONBLOCK, so that a fifo answers at once.
def with_file(name, flags, action):
    fd = os.open(path(name), flags | os.O_NONBLOCK)
    try:
        return action(fd)
    finally:
        os.close(fd)


def digest(content):
    return hashlib.sha1(content).hexdigest()[:16]


def create(name, mode, seed, length):
    fd = os.open(path(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NONBLOCK, int(mode, 8))
    try:
        return write_all(fd, data(seed, length))
    finally:
        os.close(fd)


def replace(name, seed, length):
    fd = os.open(path(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NONBLOCK, 0o644)
    try:
        return write_all(fd, data(seed, length))
    finally:
        os.close(fd)


def write(name, offset, seed, length):
    return with_file(name, os.O_RDWR, lambda fd: write_all(fd, data(seed, length), int(offset)))


def append(name, seed, length):
    return with_file(name, os.O_WRONLY | os.O_APPEND, lambda fd: write_all(fd, data(seed, length)))


def mapped(name, offset, seed, length):
    def change(fd):
        size = os.fstat(fd).st_size
        if size == 0:
            return 0
        with mmap.mmap(fd, size) as view:
            start = int(offset) % size
            end = min(size, start + int(length))
            view[start:end] = data(seed, end - start)
            view.flush()
            return end - start

    return with_file(name, os.O_RDWR, change)


def read(name, offset, length):
    content = with_file(name, os.O_RDONLY, lambda fd: os.pread(fd, int(length), int(offset)))
    return "%d\t%s" % (len(content), digest(content))


def fallocate(name, mode, offset, length):
    def call(fd):
        result = LIBC.fallocate(fd, int(mode), ctypes.c_long(int(offset)), ctypes.c_long(int(length)))
        if result != 0:
            raise OSError(ctypes.get_errno(), "fallocate")
        return 0

    return with_file(name, os.O_RDWR, call)


def punch(name, offset, length):
    return fallocate(name, PUNCH_HOLE_KEEP_SIZE, offset, length)


def times(name, access, modification):
    return os.utime(path(name), ns=(int(access), int(modification)), follow_symlinks=False)


def list_names(name):
    return " ".join(sorted(entry.hex() for entry in os.listdir(path(name))))


def list_attributes(name):
    return " ".join(sorted(os.listxattr(path(name), follow_symlinks=False)))


def set_attribute(name, key, value):
    return os.setxattr(path(name), "user." + key, bytes.fromhex(value), follow_symlinks=False)


def describe(status):
    kind = stat.S_IFMT(status.st_mode)
    size = status.st_size if kind in (stat.S_IFREG, stat.S_IFLNK) else 0
    links = status.st_nlink if kind == stat.S_IFREG else 0
    time = status.st_mtime_ns if status.st_mtime_ns < CLOCK else "now"
    return "%o %d %d %s" % (status.st_mode, size, links, time)


def open_handle(slot, name, flags):
    close_handle(slot)
    handles[slot] = os.open(path(name), getattr(os, flags) | os.O_NONBLOCK)


def close_handle(slot):
    if slot in handles:
        os.close(handles.pop(slot))


def handle(slot):
    if slot not in handles:
        raise OSError(errno.EBADF, "not open")
    return handles[slot]


def read_handle(slot, offset, length):
    content = os.pread(handle(slot), int(length), int(offset))
    return "%d\t%s" % (len(content), digest(content))


def content_of(name):
    total = hashlib.sha1()
    with open(name, "rb") as file:
        while True:
            part = file.read(1 << 20)
            if not part:
                return total.hexdigest()[:16]
            total.update(part)


def tree_line(name):
    status = os.lstat(name)
    line = "%s %s" % (os.path.relpath(name, ROOT).hex(), describe(status))
    for key in sorted(os.listxattr(name, follow_symlinks=False)):
        if key.startswith("user."):
            line += " %s=%s" % (key, os.getxattr(name, key, follow_symlinks=False).hex())
    if stat.S_ISLNK(status.st_mode):
        line += " -> " + os.readlink(name).hex()
    if stat.S_ISREG(status.st_mode):
        try:
            line += " " + content_of(name)
        except OSError as e:
            line += " " + errno.errorcode[e.errno]
    return line


def tree():
    lines = []
    pending = [ROOT]
    while pending:
        folder = pending.pop()
        try:
            entries = os.listdir(folder)
        except OSError as e:
            lines.append("%s %s" % (os.path.relpath(folder, ROOT).hex(), errno.errorcode[e.errno]))
            continue
        for entry in entries:
            name = os.path.join(folder, entry)
            try:
                lines.append(tree_line(name))
                if stat.S_ISDIR(os.lstat(name).st_mode):
                    pending.append(name)
            except OSError as e:
                lines.append("%s %s" % (os.path.relpath(name, ROOT).hex(), errno.errorcode[e.errno]))
    return lines


OPERATIONS = {
    "create": create,
    "replace": replace,
    "write": write,
    "append": append,
    "mapped": mapped,
    "read": read,
    "truncate": lambda name, size: os.truncate(path(name), int(size)),
    "mkdir": lambda name, mode: os.mkdir(path(name), int(mode, 8)),
    "rmdir": lambda name: os.rmdir(path(name)),
    "unlink": lambda name: os.unlink(path(name)),
    "rename": lambda name, other: os.rename(path(name), path(other)),
    "symlink": lambda target, name: os.symlink(bytes.fromhex(target), path(name)),
    "readlink": lambda name: os.readlink(path(name)).hex(),
    "mkfifo": lambda name, mode: os.mkfifo(path(name), int(mode, 8)),
    "chmod": lambda name, mode: os.chmod(path(name), int(mode, 8)),
    "times": times,
    "setxattr": set_attribute,
    "getxattr": lambda name, key: os.getxattr(path(name), "user." + key, follow_symlinks=False).hex(),
    "removexattr": lambda name, key: os.removexattr(path(name), "user." + key, follow_symlinks=False),
    "listxattr": list_attributes,
    "stat": lambda name: describe(os.lstat(path(name))),
    "list": list_names,
    "punch": punch,
    "fallocate": fallocate,
    "open": open_handle,
    "hwrite": lambda slot, offset, seed, length: write_all(handle(slot), data(seed, length), int(offset)),
    "hread": read_handle,
    "htruncate": lambda slot, size: os.ftruncate(handle(slot), int(size)),
    "hsync": lambda slot: os.fsync(handle(slot)),
    "hstat": lambda slot: describe(os.fstat(handle(slot))),
    "close": close_handle,
}


def main():
    os.umask(0o022)
    for line in sys.stdin:
        name, *arguments = line.rstrip("\n").split("\t")
        if name == "tree":
            for entry in sorted(tree()):
                print(entry)
            print("end", flush=True)
            continue
        try:
            result = OPERATIONS[name](*arguments)
            print("ok" if result is None else "ok\t%s" % result, flush=True)
        except OSError as e:
            print("err\t%s" % errno.errorcode.get(e.errno, e.errno), flush=True)


main()
