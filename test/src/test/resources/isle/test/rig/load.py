"""Writes files and keeps a ledger of what the file system acknowledged; later checks that nothing of that is lost.

    load.py write FOLDER LEDGER SEED     until an operation fails, or the input of this program ends
    load.py verify [FOLDER LEDGER]...    prints what is wrong

Every operation stands in the ledger twice: as a try, then as done. After a crash the one that was only tried may have
happened or not; everything that was done must be there. A file counts once it was closed or forced.
"""

import hashlib
import json
import os
import random
import select
import sys

LARGEST_SMALL = 40_000
LARGE = 5 << 20


class Writer:
    def __init__(self, folder, ledger, seed):
        self.folder = folder
        self.ledger = os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self.random = random.Random(seed)
        self.files = []
        self.count = 0
        self.log = None
        self.logged = 0

    def note(self, what, operation):
        os.write(self.ledger, (json.dumps([what] + operation) + "\n").encode())

    def path(self, name):
        return os.path.join(self.folder, name)

    def content(self):
        seed = self.random.randrange(1 << 30)
        size = LARGE if self.random.random() < 0.02 else self.random.randrange(LARGEST_SMALL)
        return seed, size

    def step(self):
        kind = self.random.choice(["new", "new", "replace", "append", "append", "unlink", "rename", "overwrite", "folder"])
        if kind in ("replace", "unlink", "rename", "overwrite") and not self.files:
            kind = "new"
        operation = getattr(self, "plan_" + kind)()
        self.note("try", operation)
        carry_out(self, operation)
        self.note("done", operation)

    def plan_new(self):
        self.count += 1
        name = "f%d" % self.count
        self.files.append(name)
        return ["new", name, *self.content(), self.random.random() < 0.5]

    def plan_replace(self):
        return ["replace", self.random.choice(self.files), *self.content()]

    def plan_append(self):
        self.logged += 1
        return ["append", "log", self.random.randrange(1 << 30), self.random.randrange(1, 5000)]

    def plan_unlink(self):
        name = self.random.choice(self.files)
        self.files.remove(name)
        return ["unlink", name]

    def plan_rename(self):
        name = self.random.choice(self.files)
        self.files.remove(name)
        self.count += 1
        other = "r%d" % self.count
        self.files.append(other)
        return ["rename", name, other]

    def plan_overwrite(self):
        return ["overwrite", self.random.choice(self.files), self.random.randrange(1 << 30), 3000, self.random.randrange(20_000)]

    def plan_folder(self):
        self.count += 1
        return ["folder", "d%d" % self.count, "e%d" % self.count, *self.content()]


def data(seed, size):
    return random.Random(seed).randbytes(size)


def write_all(fd, content, force):
    done = 0
    while done < len(content):
        done += os.write(fd, content[done : done + 50_000])
    if force:
        os.fsync(fd)


def write_file(path, flags, content, force):
    fd = os.open(path, os.O_WRONLY | flags, 0o644)
    try:
        write_all(fd, content, force)
    finally:
        os.close(fd)


def carry_out(writer, operation):
    kind, name, *rest = operation
    path = writer.path(name)
    if kind == "new":
        write_file(path, os.O_CREAT | os.O_EXCL, data(*rest[:2]), rest[2])
    elif kind == "replace":
        write_file(path + ".tmp", os.O_CREAT | os.O_TRUNC, data(*rest), True)
        os.rename(path + ".tmp", path)
    elif kind == "append":
        # One handle for the whole run: every record is forced, the file is never closed.
        if writer.log is None:
            writer.log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        write_all(writer.log, data(*rest), True)
    elif kind == "unlink":
        os.unlink(path)
    elif kind == "rename":
        os.rename(path, writer.path(rest[0]))
    elif kind == "overwrite":
        fd = os.open(path, os.O_WRONLY)
        try:
            content = data(rest[0], rest[1])
            if os.pwrite(fd, content, rest[2]) != len(content):
                raise OSError("short write")
            os.fsync(fd)
        finally:
            os.close(fd)
    elif kind == "folder":
        os.mkdir(path)
        write_file(os.path.join(path, "in"), os.O_CREAT, data(*rest[1:]), False)
        os.rename(path, writer.path(rest[0]))


def write(folder, ledger, seed):
    writer = Writer(folder, ledger, seed)
    while not select.select([sys.stdin], [], [], 0)[0]:
        try:
            writer.step()
        except OSError as e:
            print("stopped: %s" % e)
            return 0
    return 0


def apply(files, operation):
    """What the files are after an operation that was acknowledged: content by name."""
    kind, name, *rest = operation
    if kind == "new":
        files[name] = data(*rest[:2])
    elif kind == "replace":
        files[name] = data(*rest)
    elif kind == "append":
        files[name] = files.get(name, b"") + data(*rest)
    elif kind == "unlink":
        del files[name]
    elif kind == "rename":
        files[rest[0]] = files.pop(name)
    elif kind == "overwrite":
        old = files[name].ljust(rest[2], b"\0")
        files[name] = old[: rest[2]] + data(rest[0], rest[1]) + old[rest[2] + rest[1] :]
    elif kind == "folder":
        files[rest[0] + "/in"] = data(*rest[1:])


def read_ledger(ledger):
    """The files that must be there, the names that only one unfinished operation touched, and that operation."""
    files = {}
    pending = None
    with open(ledger, encoding="utf-8") as lines:
        for line in lines:
            what, *operation = json.loads(line)
            if what == "try":
                pending = operation
            else:
                apply(files, operation)
                pending = None
    return files, pending


def acceptable(files, pending, name, found):
    """Whether a name may have this content, None for none, after a crash in the middle of the pending operation."""
    before = files.get(name)
    if found == before:
        return True
    if pending is None:
        return False
    kind, target, *rest = pending
    if kind == "replace" and name == target + ".tmp":
        return True
    if kind == "folder" and name in (target + "/in", rest[0] + "/in"):
        return found is None or data(*rest[1:]).startswith(found)
    if name == target and kind == "new":
        return found is None or data(*rest[:2]).startswith(found)
    if name == target and kind == "append":
        whole = (before or b"") + data(*rest)
        return found is not None and found.startswith(before or b"") and whole.startswith(found)
    after = dict(files)
    apply(after, pending)
    if name == target and kind == "overwrite":
        start, end = rest[2], rest[2] + rest[1]
        whole = after[name]
        return (
            found is not None
            and found[: min(start, len(before))] == before[:start]
            and len(before) <= len(found) <= len(whole)
            and found[end:] == before[end:]
        )
    return found == after.get(name)


def read_file(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def show(content):
    return "absent" if content is None else "%d bytes %s" % (len(content), hashlib.sha1(content).hexdigest()[:10])


def differs(expected, found):
    at = next((i for i, (a, b) in enumerate(zip(expected, found)) if a != b), min(len(expected), len(found)))
    return "first difference at %d" % at


def print_story(ledger, name):
    """What the ledger says of a name, with the numbers of the lines."""
    with open(ledger, encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if '"%s"' % name.split("/")[0] in line:
                print("    %d %s" % (number, line.strip()))


def verify(folder, ledger):
    files, pending = read_ledger(ledger)
    names = set(files)
    for top, _, below in os.walk(folder):
        for name in below:
            names.add(os.path.relpath(os.path.join(top, name), folder))
    if pending is not None:
        names.update(str(part) for part in pending[1:3])
    wrong = 0
    for name in sorted(names):
        if os.path.isdir(os.path.join(folder, name)):
            continue
        found = read_file(os.path.join(folder, name))
        if not acceptable(files, pending, name, found):
            wrong += 1
            before = files.get(name)
            where = ", %s" % differs(before, found) if before is not None and found is not None else ""
            print("%s: %s, expected %s%s" % (os.path.join(folder, name), show(found), show(before), where))
            print_story(ledger, name)
    if wrong:
        print("%s: %d files right, %d wrong, last try %s" % (folder, len(files) - wrong, wrong, pending))
    return 1 if wrong else 0


if sys.argv[1] == "write":
    sys.exit(write(sys.argv[2], sys.argv[3], sys.argv[4]))
sys.exit(max(verify(folder, ledger) for folder, ledger in zip(sys.argv[2::2], sys.argv[3::2])))
