"""Cells of files and folders that are open, or that somebody is in, when their names go."""

import fcntl
import mmap
import os
import stat
import time

from trial import OLD, TICK_SECONDS, Other, add, call, content, file, moved, outcome, stamps

ACCESS = {
    "RDONLY": os.O_RDONLY, "WRONLY": os.O_WRONLY, "RDWR": os.O_RDWR, "APPEND": os.O_RDWR | os.O_APPEND,
    "PATH": os.O_PATH,
}  # fmt: skip

# AT_FDCWD and AT_SYMLINK_FOLLOW.
HERE, FOLLOW = -100, 0x400


def again(handle, flags):
    return os.open(f"/proc/self/fd/{handle}", flags)


def attributes(handle):
    return sorted(name for name in os.listxattr(handle) if name.startswith("user."))


def reopened(handle):
    other = again(handle, os.O_RDWR)
    os.pwrite(other, b"new", 2)
    return os.pread(other, 10, 0).decode()


def mapped(handle):
    with mmap.mmap(handle, 7) as view:
        view[0:3] = b"new"
        view.flush()
        return view[:].decode()


def copied(handle):
    source = again(handle, os.O_RDONLY)
    return os.copy_file_range(source, handle, 2, 0, 5)


def through_a_child(handle):
    return Other(lambda: os.pwrite(handle, b"new", 0)).step()


CALLS = {
    "fstat": lambda handle: None,
    "fchmod": lambda handle: os.fchmod(handle, 0o6640),
    "fchown to nobody": lambda handle: os.fchown(handle, -1, -1),
    "fchown to oneself": lambda handle: os.fchown(handle, os.getuid(), os.getgid()),
    "futimens": lambda handle: os.utime(handle, ns=(5_000_000_001, 6_000_000_002)),
    "futimens now": lambda handle: os.utime(handle),
    "ftruncate 0": lambda handle: os.ftruncate(handle, 0),
    "ftruncate 7": lambda handle: os.ftruncate(handle, 7),
    "ftruncate 100": lambda handle: os.ftruncate(handle, 100),
    "write": lambda handle: os.write(handle, b"new"),
    "pwrite behind the end": lambda handle: os.pwrite(handle, b"new", 50),
    "read": lambda handle: os.read(handle, 10).decode(),
    "write in a child": through_a_child,
    "fsync": os.fsync,
    "fallocate": lambda handle: call("fallocate", handle, 0, 0, 50) and None,
    "punch": lambda handle: call("fallocate", handle, 3, 2, 2) and None,
    "fsetxattr": lambda handle: os.setxattr(handle, "user.new", b"value"),
    "fgetxattr": lambda handle: os.getxattr(handle, "user.some").decode(),
    "fremovexattr": lambda handle: os.removexattr(handle, "user.some"),
    "flistxattr": attributes,
    "flock": lambda handle: fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB),
    "open anew": reopened,
    "open anew truncating": lambda handle: os.close(again(handle, os.O_WRONLY | os.O_TRUNC)),
    "open anew exclusively": lambda handle: os.close(again(handle, os.O_RDWR | os.O_CREAT | os.O_EXCL)),
    "truncate by /proc": lambda handle: os.truncate(f"/proc/self/fd/{handle}", 3),
    "chmod by /proc": lambda handle: os.chmod(f"/proc/self/fd/{handle}", 0o600),
    "map": mapped,
    "copy_file_range": copied,
    "statvfs": lambda handle: os.fstatvfs(handle) and None,
}
STATES = ("open", "renamed", "removed", "replaced", "removed in a removed folder")


def lose(path, state):
    """Takes the name from a file."""
    if state == "renamed":
        os.rename(path, path + ".new")
    elif state.startswith("removed"):
        os.unlink(path)
        if state == "removed in a removed folder":
            os.rmdir(os.path.dirname(path))
    elif state == "replaced":
        os.rename(file(os.path.dirname(path), b"another", "another"), path)


def on_file(name, state, access):
    def do(folder):
        below = os.path.join(folder, "below")
        os.mkdir(below)
        path = file(below)
        os.setxattr(path, "user.some", b"before")
        own = os.open(path, os.O_RDONLY)
        handle = os.open(path, ACCESS[access])
        os.utime(path, ns=OLD)
        lose(path, state)
        before = stamps(os.fstat(own))
        time.sleep(TICK_SECONDS)
        result = outcome(lambda: CALLS[name](handle))
        found = os.fstat(own)
        after = f"{stat.filemode(found.st_mode)} {found.st_nlink} {found.st_size} {moved(before, stamps(found))}"
        return f"{result}, {after}, {os.pread(own, 200, 0)!r} {attributes(own)}"

    return do


def losing(state):
    """Which times of an open file move with its name."""

    def do(folder):
        below = os.path.join(folder, "below")
        os.mkdir(below)
        path = file(below)
        handle = os.open(path, os.O_RDWR)
        os.utime(path, ns=OLD)
        before = stamps(os.fstat(handle))
        time.sleep(TICK_SECONDS)
        lose(path, state)
        return f"{os.fstat(handle).st_nlink} links, {moved(before, stamps(os.fstat(handle)))}"

    return do


def linking(state):
    def do(folder):
        path = file(folder)
        handle = os.open(path, os.O_RDWR)
        if state == "removed":
            os.unlink(path)
        call("linkat", HERE, f"/proc/self/fd/{handle}".encode(), HERE, (path + ".link").encode(), FOLLOW)
        return f"{os.fstat(handle).st_nlink} links"

    return do


def long_lived(how):
    """A removed file keeps its content while its name is used anew, again and again."""

    def do(folder):
        path = os.path.join(folder, "file")
        handles = []
        for number in range(20):
            if how == "unlink":
                if number:
                    os.unlink(path)
                file(folder, b"content %d" % number)
            else:
                os.rename(file(folder, b"content %d" % number, "new"), path)
            handles.append(os.open(path, os.O_RDWR))
            os.pwrite(handles[-1], b"CON", 0)
        wrong = [n for n, handle in enumerate(handles) if os.pread(handle, 50, 0) != b"CONtent %d" % n]
        numbers = {os.fstat(handle).st_ino for handle in handles}
        return f"wrong {wrong}, {len(numbers)} files, {content(path).decode()}"

    return do


# --- folders --------------------------------------------------------------------------------------------------------


def made(path):
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY))


IN_FOLDER = {
    "list": lambda handle: os.listdir("."),
    "list the handle": os.listdir,
    "stat": lambda handle: "gone" if os.stat(".").st_nlink == 0 else "there",
    "fstat": lambda handle: "gone" if os.fstat(handle).st_nlink == 0 else "there",
    "stat above": lambda handle: stat.filemode(os.stat("..").st_mode),
    "stat a name": lambda handle: os.stat("inner"),
    "getcwd": lambda handle: os.getcwd()[:0],
    "create": lambda handle: made("new"),
    "mkdir": lambda handle: os.mkdir("new"),
    "mkfifo": lambda handle: os.mkfifo("new"),
    "symlink": lambda handle: os.symlink("nowhere", "new"),
    "unlink": lambda handle: os.unlink("inner"),
    "rmdir": lambda handle: os.rmdir("inner"),
    "rename into": lambda handle: os.rename("../another", "another"),
    "rename a folder into": lambda handle: os.rename("../folder", "folder"),
    "rename out of": lambda handle: os.rename("inner", "../inner"),
    "create by the handle": lambda handle: os.close(os.open("new", os.O_CREAT | os.O_WRONLY, dir_fd=handle)),
    "mkdir by the handle": lambda handle: os.mkdir("new", dir_fd=handle),
    "rmdir of oneself": lambda handle: os.rmdir("."),
    "rename of oneself": lambda handle: os.rename(".", "../new"),
    "chmod": lambda handle: os.chmod(".", 0o750),
    "fchmod": lambda handle: os.fchmod(handle, 0o750),
    "chown": lambda handle: os.chown(".", -1, -1),
    "utimens": lambda handle: os.utime(".", ns=(5_000_000_001, 6_000_000_002)),
    "futimens": lambda handle: os.utime(handle, ns=(5_000_000_001, 6_000_000_002)),
    "setxattr": lambda handle: os.setxattr(".", "user.new", b"value"),
    "getxattr": lambda handle: os.getxattr(".", "user.some").decode(),
    "listxattr": attributes,
    "access": lambda handle: os.access(".", os.W_OK),
    "fsync": os.fsync,
    "open anew": lambda handle: os.close(os.open(".", os.O_RDONLY)),
    "open anew by /proc": lambda handle: os.close(again(handle, os.O_RDONLY)),
    "open above": lambda handle: sorted(os.listdir(os.open("..", os.O_RDONLY))),
    "go out": lambda handle: os.chdir(".."),
    "statvfs": lambda handle: os.statvfs(".") and None,
    "flock": lambda handle: fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB),
}


def in_folder(name, state):
    def do(folder):
        path = os.path.join(folder, "below")
        os.mkdir(path)
        os.setxattr(path, "user.some", b"before")
        file(folder, name="another")
        os.mkdir(os.path.join(folder, "folder"))
        os.utime(path, ns=OLD)
        handle = os.open(path, os.O_RDONLY)
        os.chdir(path)
        if state == "renamed":
            os.rename(path, path + ".new")
        elif state == "removed":
            os.rmdir(path)
        elif state == "replaced":
            os.mkdir(path + ".new")
            os.rename(path + ".new", path)
        elif state == "removed with what is above":
            os.unlink(os.path.join(folder, "another"))
            for gone in (os.path.join(folder, "folder"), path, folder):
                os.rmdir(gone)
        before = stamps(os.fstat(handle))
        time.sleep(TICK_SECONDS)
        result = outcome(lambda: IN_FOLDER[name](handle))
        found = os.fstat(handle)
        return f"{result}, {stat.filemode(found.st_mode)} {moved(before, stamps(found))} {attributes(handle)}"

    return do


def add_cells():
    for name in CALLS:
        for state in STATES:
            for access in ACCESS:
                add(name, f"{state} file", access, on_file(name, state, access))
    for state in STATES:
        add("fstat", f"{state} file, before and after", "RDWR", losing(state))
    for state in ("open", "removed"):
        add("link by /proc", f"{state} file", "RDWR", linking(state))
    for how in ("unlink", "rename"):
        add(how, "a name used again and again", "RDWR", long_lived(how))
    for name in IN_FOLDER:
        for state in ("living", "renamed", "removed", "replaced", "removed with what is above"):
            add(name, f"{state} folder", "in it", in_folder(name, state))
