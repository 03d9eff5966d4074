"""The folders in which matrix.py tries one operation each: how they are made, and what is in them afterwards."""

import errno
import os
import socket
import stat

OLD = (1_000_000_000_123_456_789, 1_000_000_000_987_654_321)
LONG = "n" * 256

# Numbers of nobody on any machine. The group is the owner's and the friend's.
OWNER, FRIEND, OTHER, GROUP, ANOTHER = 42001, 42002, 42003, 42100, 42200
LINKS = {"link": "pointed", "linkdir": "pointed folder", "dangling": "nowhere", "linkloop": "target"}
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
        self.parent_mode = 0o755
        self.target = os.path.join(self.parent, "target")
        self.other = os.path.join(self.parent, "other")

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
        elif kind in LINKS:
            self.link(kind, path)
        else:
            raise ValueError(kind)
        if root():
            kept = os.lstat(path).st_mode
            os.chown(path, OWNER, GROUP, follow_symlinks=False)
            if not stat.S_ISLNK(kept):
                # chown takes the bits away that let a program run as its owner.
                os.chmod(path, stat.S_IMODE(kept))

    def link(self, kind, path):
        pointed = os.path.join(os.path.dirname(path), LINKS[kind])
        if kind == "link" and not os.path.lexists(pointed):
            self.make("file", pointed)
        elif kind == "linkdir" and not os.path.lexists(pointed):
            self.make("directory", pointed)
        os.symlink(LINKS[kind], path)


def facts(found):
    kind = stat.filemode(found.st_mode)
    who = f" {found.st_uid}:{found.st_gid}" if root() else ""
    size = f" {found.st_size}" if not stat.S_ISDIR(found.st_mode) else ""
    links = f" {found.st_nlink}" if not stat.S_ISDIR(found.st_mode) else ""
    return kind + who + size + links


def snapshot(base):
    """All that is below a folder: what it is, its times and its number."""
    found = {}

    def note(path, kind, times=(0, 0, 0)):
        found[path[len(base) + 1 :]] = (kind, *times)

    pending = [base]
    while pending:
        folder = pending.pop()
        try:
            names = os.listdir(folder)
        except OSError as e:
            note(folder + "/", errno.errorcode[e.errno])
            continue
        for name in names:
            path = os.path.join(folder, name)
            try:
                status = os.lstat(path)
            except OSError as e:
                note(path, errno.errorcode[e.errno])
                continue
            note(path, facts(status), (status.st_mtime_ns, status.st_ctime_ns, status.st_ino))
            if stat.S_ISDIR(status.st_mode):
                pending.append(path)
    return found


def moved(was, now):
    return ("m" if was[1] != now[1] else "") + ("c" if was[2] != now[2] else "")


def described(before, after):
    lines = []
    origins = {was[3]: path for path, was in before.items() if was[3]}
    for path in sorted(before.keys() | after.keys()):
        was, now = before.get(path), after.get(path)
        if now is None:
            lines.append(f"{path} [gone]")
            continue
        origin = origins.get(now[3])
        if was is not None and was[3] == now[3]:
            words = moved(was, now)
        elif origin is not None:
            words = f"from {origin} {moved(before[origin], now)}".strip()
        else:
            words = "new" if was is None else "another"
        lines.append(f"{path} {now[0]}" + (f" [{words}]" if words else ""))
    return "; ".join(lines)
