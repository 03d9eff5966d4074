"""What operations on names and attributes do: one line for each operation, state of its target, and caller.

    matrix.py FOLDER [PATTERN]      as root, with several users; as anybody else, alone
    matrix.py --list [PATTERN]      the names of the cells only

A cell's name is OPERATION | STATE | CALLER; PATTERN is a regular expression that chooses cells by it. A line has the
name, the error, and everything that is in the cell's folders afterwards: what it is, and in brackets which of m(time)
and c(time) have moved, and whether it is new, gone, another than before, or from where it came. Two file systems that do
the same print the same lines.
"""

import errno
import itertools
import multiprocessing
import os
import re
import stat
import sys
import time

from cells import ANOTHER, CALLERS, GROUP, LONG, OLD, OTHER, OWNER, Cell, described, root, snapshot


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
    cell.make("link")


def linkdir(cell):
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


def tagged(cell):
    """With an extended attribute."""
    cell.make("file")
    os.setxattr(cell.target, "user.some", b"before")


def shared(cell):
    """In a directory that hands its group on, and in which everybody may write."""
    cell.parent_mode = 0o2777


STATES = [
    missing, file, private, groups, unwritable, nothing, setuid, directory, closed, full, fifo, unix, link, linkdir,
    dangling, loop, no_parent, below_file, below_loop, too_long, slash, slash_missing, slash_directory, unsearchable,
    unlisted, sticky, sticky_directory, tagged, shared,
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


def extended(how):
    return lambda cell: os.setxattr(cell.target, "user.some", b"value", how)


def listing(cell):
    os.listdir(cell.target)


ACCESS = ("RDONLY", "WRONLY", "RDWR")
FLAGS = ("CREAT", "EXCL", "TRUNC", "APPEND", "DIRECTORY", "NOFOLLOW")
OPENS = [
    "|".join((access, *chosen))
    for access in ACCESS
    for count in range(len(FLAGS) + 1)
    for chosen in itertools.combinations(FLAGS, count)
]

OPERATIONS = {
    **{"open " + names: opening(names) for names in OPENS},
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
    "setxattr": extended(0),
    "setxattr CREATE": extended(os.XATTR_CREATE),
    "setxattr REPLACE": extended(os.XATTR_REPLACE),
    "getxattr": lambda cell: os.getxattr(cell.target, "user.some"),
    "removexattr": lambda cell: os.removexattr(cell.target, "user.some"),
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


# Of a rename: what is renamed, what it replaces, and the folders of the two.
KINDS = ("missing", "file", "directory", "full", "fifo", "socket", "link", "linkdir", "dangling", "linkloop")
PLACES = {
    "in one folder": (0o777, None),
    "between folders": (0o777, 0o777),
    "from a sticky folder": (0o1777, 0o777),
    "into a sticky folder": (0o777, 0o1777),
    "between sticky folders": (0o1777, 0o1777),
    "over what is somebody else's in a sticky folder": (0o777, 0o1777),
}
RENAMES = {f"rename a {source} over a {target}": (source, target) for source in KINDS for target in KINDS}


def renaming(cell):
    os.rename(cell.target, cell.other)


OPERATIONS.update(dict.fromkeys(RENAMES, renaming))


def pair(operation, place):
    """Makes what a rename needs, with both of its folders."""
    source, target = RENAMES[operation]
    mode, second = PLACES[place]

    def make(cell):
        cell.parent_mode = mode
        if source != "missing":
            cell.make(source)
        folder = cell.parent
        if second is not None:
            folder = os.path.join(cell.base, "second")
            os.mkdir(folder)
            cell.other = os.path.join(folder, "other")
        if target != "missing":
            cell.make(target, cell.other)
        if second is not None:
            alien = root() and "else" in place
            if alien and target != "missing":
                os.chown(cell.other, OTHER, ANOTHER, follow_symlinks=False)
            os.chmod(folder, second)
            if root() and not alien:
                os.chown(folder, OWNER, GROUP)

    return make


class Lane:
    """Operations on targets of one state by one caller. What changes nothing leaves its cell to the next."""

    def __init__(self, make, state, caller, operations):
        self.make = make
        self.state = state
        self.caller = caller
        self.operations = operations
        self.second = SECOND.get(operations[0])
        self.cell = None

    def name(self, operation):
        return f"{operation} | {self.state} | {self.caller}"

    def prepare(self, base, number):
        cell = Cell(base, number)
        self.make(cell)
        if self.second == "dangling":
            os.symlink("nowhere", cell.other)
            if root():
                os.chown(cell.other, OWNER, GROUP, follow_symlinks=False)
        elif self.second:
            cell.make(self.second, cell.other)
        for folder in os.listdir(cell.base):
            for name in os.listdir(os.path.join(cell.base, folder)):
                os.utime(os.path.join(cell.base, folder, name), ns=OLD, follow_symlinks=False)
        os.chmod(cell.parent, cell.parent_mode)
        if root():
            os.chown(cell.parent, OWNER, GROUP)
        for folder in os.listdir(cell.base):
            os.utime(os.path.join(cell.base, folder), ns=OLD)
        self.cell = cell

    def run(self, workers):
        """Tries operations until one has changed something."""
        before = snapshot(self.cell.base)
        while self.operations:
            operation = self.operations.pop(0)
            error = workers[self.caller].attempt(operation, self.cell)
            after = snapshot(self.cell.base)
            print(f"{self.name(operation)}: {error} | {described(before, after)}")
            if after != before:
                self.cell = None
                return
            before = after


class Worker:
    """A process of a caller's own, which tries operations for it."""

    def __init__(self, caller):
        self.connection, other = multiprocessing.Pipe()
        self.child = os.fork()
        if self.child == 0:
            self.connection.close()
            os.umask(0o022)
            if root():
                uid, gid = CALLERS[caller]
                os.setgroups([])
                os.setresgid(gid, gid, gid)
                os.setresuid(uid, uid, uid)
            self.serve(other)
            os._exit(0)
        other.close()

    @staticmethod
    def serve(connection):
        cell = Cell.__new__(Cell)
        while True:
            operation, cell.parent, cell.target, cell.other = connection.recv()
            if operation is None:
                return
            try:
                OPERATIONS[operation](cell)
                connection.send("ok")
            except OSError as e:
                connection.send(errno.errorcode.get(e.errno, str(e.errno)))
            except Exception as e:
                connection.send(repr(e))

    def attempt(self, operation, cell):
        self.connection.send((operation, cell.parent, cell.target, cell.other))
        return self.connection.recv()

    def end(self):
        self.connection.send((None, None, None, None))
        os.waitpid(self.child, 0)


def lanes():
    callers = list(CALLERS) if root() else ["self"]
    groups = {}
    for operation in OPERATIONS:
        if operation not in RENAMES:
            # Opens by how they access, so that no lane is much longer than others.
            access = operation.partition("|")[0] if operation.startswith("open ") else None
            groups.setdefault((access, SECOND.get(operation)), []).append(operation)
    for caller in callers:
        for state in STATES:
            for operations in groups.values():
                yield Lane(state, state.__name__, caller, list(operations))
        for operation in RENAMES:
            for place in PLACES:
                yield Lane(pair(operation, place), place, caller, [operation])


def main(where, pattern="."):
    chosen = re.compile(pattern)
    pending = []
    for lane in lanes():
        lane.operations = [operation for operation in lane.operations if chosen.search(lane.name(operation))]
        if lane.operations:
            pending.append(lane)
    if where == "--list":
        for lane in pending:
            for operation in lane.operations:
                print(lane.name(operation))
        return
    workers = {caller: Worker(caller) for caller in {lane.caller for lane in pending}}
    os.umask(0)
    number = 0
    while pending:
        for lane in pending:
            if lane.cell is None:
                number += 1
                lane.prepare(where, number)
        # The clock of a file system may be coarse.
        time.sleep(0.05)
        for lane in pending:
            lane.run(workers)
        pending = [lane for lane in pending if lane.operations]
    for worker in workers.values():
        worker.end()


main(*sys.argv[1:])
