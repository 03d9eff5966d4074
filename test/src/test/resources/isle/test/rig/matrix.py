"""What operations on names and attributes do: one line for each operation, state of its target, and caller.

    matrix.py FOLDER        as root, with several users; as anybody else, alone

A line has the operation, the state, the caller, the error, and what is different afterwards: which of mtime and ctime
have moved, of the target and of the directory that it is in, and what the target is then. Two file systems that do the
same print the same lines.
"""

import errno
import os
import socket
import stat
import sys
import time

OLD = (1_000_000_000_123_456_789, 1_000_000_000_987_654_321)
LONG = "n" * 256

# Numbers of nobody on any machine. The group is the owner's and the friend's.
OWNER, FRIEND, OTHER, GROUP, ANOTHER = 42001, 42002, 42003, 42100, 42200
CALLERS = {"root": (0, 0), "owner": (OWNER, GROUP), "friend": (FRIEND, GROUP), "other": (OTHER, ANOTHER)}


def root():
    return os.geteuid() == 0


class Cell:
    """A folder of its own for one operation on one target."""

    def __init__(self, base, number):
        self.base = os.path.join(base, f"c{number}")
        os.mkdir(self.base)
        self.parent = os.path.join(self.base, "parent")
        os.mkdir(self.parent)
        self.target = os.path.join(self.parent, "target")
        self.other = os.path.join(self.parent, "other")
        self.watched = []

    def make(self, kind, path=None, mode=None):
        path = path or self.target
        if kind == "file":
            with open(path, "wb") as file:
                file.write(b"content")
            os.chmod(path, 0o644 if mode is None else mode)
        elif kind == "directory":
            os.mkdir(path)
            os.chmod(path, 0o755 if mode is None else mode)
        elif kind == "full":
            self.make("directory", path, mode)
            self.make("file", os.path.join(path, "inner"))
        elif kind == "fifo":
            os.mkfifo(path)
            os.chmod(path, 0o644 if mode is None else mode)
        elif kind == "socket":
            here = os.getcwd()
            os.chdir(os.path.dirname(path))
            made = socket.socket(socket.AF_UNIX)
            made.bind(os.path.basename(path))
            made.close()
            os.chdir(here)
            os.chmod(path, 0o644 if mode is None else mode)
        elif kind.startswith("link"):
            os.symlink({"link": "pointed", "linkdir": "pointed", "dangling": "nowhere", "linkloop": "target"}[kind], path)
        else:
            raise ValueError(kind)
        if root():
            kept = os.lstat(path).st_mode
            os.chown(path, OWNER, GROUP, follow_symlinks=False)
            if not stat.S_ISLNK(kept):
                # chown takes the bits away that let a program run as its owner.
                os.chmod(path, stat.S_IMODE(kept))


def missing(cell):
    pass


def file(cell):
    cell.make("file")


def private(cell):
    cell.make("file", mode=0o600)


def groups(cell):
    cell.make("file", mode=0o060)


def unwritable(cell):
    cell.make("file", mode=0o444)


def nothing(cell):
    cell.make("file", mode=0o000)


def setuid(cell):
    cell.make("file", mode=0o6775)


def directory(cell):
    cell.make("directory")


def closed(cell):
    cell.make("directory", mode=0o700)


def full(cell):
    cell.make("full")


def fifo(cell):
    cell.make("fifo")


def unix(cell):
    cell.make("socket")


def link(cell):
    cell.make("file", os.path.join(cell.parent, "pointed"))
    cell.make("link")


def linkdir(cell):
    cell.make("directory", os.path.join(cell.parent, "pointed"))
    cell.make("linkdir")


def dangling(cell):
    os.symlink("nowhere", cell.target)


def loop(cell):
    os.symlink("target", cell.target)


def no_parent(cell):
    cell.target = os.path.join(cell.parent, "gone", "target")


def below_file(cell):
    cell.make("file", os.path.join(cell.parent, "plain"))
    cell.target = os.path.join(cell.parent, "plain", "target")


def below_loop(cell):
    os.symlink("round", os.path.join(cell.parent, "round"))
    cell.target = os.path.join(cell.parent, "round", "target")


def too_long(cell):
    cell.target = os.path.join(cell.parent, LONG)


def slash(cell):
    cell.make("file")
    cell.target += "/"


def slash_missing(cell):
    cell.target += "/"


def slash_directory(cell):
    cell.make("directory")
    cell.target += "/"


def unsearchable(cell):
    cell.make("file")
    cell.parent_mode = 0o600


def unlisted(cell):
    cell.make("file")
    cell.parent_mode = 0o555


def sticky(cell):
    cell.make("file")
    cell.parent_mode = 0o1777


def sticky_directory(cell):
    cell.make("directory")
    cell.parent_mode = 0o1777


def shared(cell):
    """In a directory that hands its group on, and in which everybody may write."""
    cell.parent_mode = 0o2777


STATES = [
    missing, file, private, groups, unwritable, nothing, setuid, directory, closed, full, fifo, unix, link, linkdir,
    dangling, loop, no_parent, below_file, below_loop, too_long, slash, slash_missing, slash_directory, unsearchable,
    unlisted, sticky, sticky_directory, shared,
]  # fmt: skip


def flags(names):
    value = 0
    for name in names.split("|"):
        value |= getattr(os, "O_" + name)
    return value


def opening(names):
    def do(cell):
        descriptor = os.open(cell.target, flags(names) | os.O_NONBLOCK, 0o666)
        os.close(descriptor)

    return do


def mode_to(value):
    return lambda cell: os.chmod(cell.target, value)


def owner_to(uid, gid, follow=True):
    return lambda cell: os.chown(cell.target, uid, gid, follow_symlinks=follow)


def sizing(size):
    return lambda cell: os.truncate(cell.target, size)


def times(value, follow=True):
    def do(cell):
        if value is None:
            os.utime(cell.target)
        else:
            os.utime(cell.target, ns=value, follow_symlinks=follow)

    return do


def may(mode):
    def do(cell):
        if not os.access(cell.target, mode, effective_ids=True):
            raise OSError(errno.EACCES, "")

    return do


def writing(cell):
    descriptor = os.open(cell.target, os.O_WRONLY | os.O_NONBLOCK)
    try:
        os.write(descriptor, b"more")
    finally:
        os.close(descriptor)


def extended(cell):
    os.setxattr(cell.target, "user.some", b"value")


def listing(cell):
    os.listdir(cell.target)


OPERATIONS = {
    **{
        "open " + names: opening(names)
        for names in (
            "RDONLY", "WRONLY", "RDWR", "RDONLY|DIRECTORY", "RDONLY|NOFOLLOW", "WRONLY|TRUNC", "RDONLY|TRUNC",
            "WRONLY|APPEND", "WRONLY|CREAT", "RDONLY|CREAT", "RDWR|CREAT|TRUNC", "WRONLY|CREAT|EXCL",
            "WRONLY|CREAT|NOFOLLOW", "RDONLY|CREAT|DIRECTORY", "WRONLY|CREAT|APPEND|EXCL",
        )
    },
    "write": writing,
    "mkdir": lambda cell: os.mkdir(cell.target, 0o777),
    "mkfifo": lambda cell: os.mkfifo(cell.target, 0o666),
    "mknod file": lambda cell: os.mknod(cell.target, 0o666 | stat.S_IFREG),
    "mknod device": lambda cell: os.mknod(cell.target, 0o666 | stat.S_IFCHR, os.makedev(1, 3)),
    "symlink": lambda cell: os.symlink("pointed", cell.target),
    "unlink": lambda cell: os.unlink(cell.target),
    "rmdir": lambda cell: os.rmdir(cell.target),
    "readlink": lambda cell: os.readlink(cell.target),
    "list": listing,
    "stat": lambda cell: os.stat(cell.target),
    "lstat": lambda cell: os.lstat(cell.target),
    "chmod 0600": mode_to(0o600),
    "chmod 7777": mode_to(0o7777),
    "chown nobody": owner_to(-1, -1),
    "chown owner": owner_to(OWNER, -1),
    "chown other": owner_to(OTHER, -1),
    "chown group": owner_to(-1, GROUP),
    "chown another group": owner_to(-1, ANOTHER),
    "lchown other": owner_to(OTHER, ANOTHER, False),
    "truncate 0": sizing(0),
    "truncate 3": sizing(3),
    "truncate 7": sizing(7),
    "truncate 100": sizing(100),
    "truncate -1": sizing(-1),
    "utimens set": times((5_000_000_001, 6_000_000_002)),
    "utimens before 1970": times((-5_000_000_001, -6_000_000_002)),
    "utimens now": times(None),
    "utimens of the link": times((5_000_000_001, 6_000_000_002), False),
    "access R": may(os.R_OK),
    "access W": may(os.W_OK),
    "access X": may(os.X_OK),
    "setxattr": extended,
    "link": lambda cell: os.link(cell.target, cell.other, follow_symlinks=False),
    "rename to a new name": lambda cell: os.rename(cell.target, cell.other),
    "rename over a file": lambda cell: os.rename(cell.target, cell.other),
    "rename over a directory": lambda cell: os.rename(cell.target, cell.other),
    "rename over a full directory": lambda cell: os.rename(cell.target, cell.other),
    "rename over a link": lambda cell: os.rename(cell.target, cell.other),
    "rename to itself": lambda cell: os.rename(cell.target, cell.target),
    "rename below itself": lambda cell: os.rename(cell.target, os.path.join(cell.target, "inner")),
    "rename to a long name": lambda cell: os.rename(cell.target, os.path.join(cell.parent, LONG)),
    "rename where nothing is": lambda cell: os.rename(cell.target, os.path.join(cell.parent, "no", "name")),
    "rename with a slash": lambda cell: os.rename(cell.target, cell.other + "/"),
    "rename a file over it": lambda cell: os.rename(cell.other, cell.target),
    "rename a directory over it": lambda cell: os.rename(cell.other, cell.target),
}
SECOND = {
    "rename over a file": "file",
    "rename over a directory": "directory",
    "rename over a full directory": "full",
    "rename over a link": "dangling",
    "rename a file over it": "file",
    "rename a directory over it": "directory",
}


def facts(path):
    try:
        found = os.lstat(path)
    except OSError as e:
        return "(" + errno.errorcode[e.errno] + ")"
    kind = stat.filemode(found.st_mode)
    who = f" {found.st_uid}:{found.st_gid}" if root() else ""
    size = f" {found.st_size}" if not stat.S_ISDIR(found.st_mode) else ""
    links = f" {found.st_nlink}" if not stat.S_ISDIR(found.st_mode) else ""
    return kind + who + size + links


def clock(path):
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns


def moved(before, after):
    if before is None or after is None:
        return "-"
    return ("m" if before[0] != after[0] else "") + ("c" if before[1] != after[1] else "") or "none"


def prepare(base, number, operation, state):
    cell = Cell(base, number)
    cell.parent_mode = 0o755
    state(cell)
    second = SECOND.get(operation)
    if second == "dangling":
        os.symlink("nowhere", cell.other)
        if root():
            os.chown(cell.other, OWNER, GROUP, follow_symlinks=False)
    elif second:
        cell.make(second, cell.other)
    for name in os.listdir(cell.parent):
        os.utime(os.path.join(cell.parent, name), ns=OLD, follow_symlinks=False)
    os.chmod(cell.parent, cell.parent_mode)
    if root():
        os.chown(cell.parent, OWNER, GROUP)
    os.utime(cell.parent, ns=OLD)
    return cell


def attempt(cell, operation, caller):
    """Does it as that user, in a process of its own; says the error."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        code = 0
        try:
            os.umask(0o022)
            if root():
                uid, gid = CALLERS[caller]
                os.setgroups([])
                os.setresgid(gid, gid, gid)
                os.setresuid(uid, uid, uid)
            OPERATIONS[operation](cell)
        except OSError as e:
            code = e.errno
        except BaseException:
            code = 999
        os.write(write, code.to_bytes(2, "big"))
        os._exit(0)
    os.close(write)
    code = int.from_bytes(os.read(read, 2), "big")
    os.close(read)
    os.waitpid(child, 0)
    return errno.errorcode.get(code, "ok" if code == 0 else str(code))


def main(base):
    os.umask(0)
    callers = list(CALLERS) if root() else ["self"]
    cells = []
    for operation in OPERATIONS:
        for state in STATES:
            for caller in callers:
                cells.append((prepare(base, len(cells), operation, state), operation, state.__name__, caller))
    # The clock of a file system may be coarse.
    time.sleep(0.05)
    for cell, operation, state, caller in cells:
        before = [clock(path) for path in (cell.target, cell.other, cell.parent)]
        error = attempt(cell, operation, caller)
        after = [clock(path) for path in (cell.target, cell.other, cell.parent)]
        changes = " ".join(moved(b, a) for b, a in zip(before, after))
        kinds = f"{facts(cell.target)} | {facts(cell.other)}"
        print(f"{operation} | {state} | {caller}: {error} | times {changes} | {kinds}")


main(sys.argv[1])
