"""Very many small operations, as many as are taken, and what must be there then.

    backlog.py make FOLDER LEDGER COUNT SEED    prints how many were taken; ends early when there is no room for more
    backlog.py verify FOLDER LEDGER             prints how many names there are; fails when one is wrong

The ledger has what the folder must hold: a line for each name.
"""

import errno
import os
import random
import sys
import time

PER_FOLDER = 500
# Of a hundred operations. What is made stays, mostly: that is what takes memory.
MAKES, RENAMES, CHANGES, REMOVALS = 60, 15, 15, 10


class Tree:
    def __init__(self, folder, seed):
        self.folder = folder
        self.random = random.Random(seed)
        self.files = {}
        self.names = []
        self.folders = []
        self.made = 0
        self.longest = 0.0

    def path(self, name):
        return os.path.join(self.folder, name)

    def step(self):
        kind = self.random.randrange(100)
        if kind < MAKES or not self.names:
            self.make()
        elif kind < MAKES + RENAMES:
            self.rename()
        elif kind < MAKES + RENAMES + CHANGES:
            name = self.random.choice(self.names)
            mode = self.random.choice([0o600, 0o640, 0o755])
            os.chmod(self.path(name), mode)
            self.files[name] = mode
        else:
            at = self.random.randrange(len(self.names))
            name = self.names[at]
            os.unlink(self.path(name))
            self.names[at] = self.names[-1]
            self.names.pop()
            del self.files[name]

    def make(self):
        if self.made % PER_FOLDER == 0:
            folder = "d%d" % (self.made // PER_FOLDER)
            os.mkdir(self.path(folder))
            self.folders.append(folder)
        name = "%s/f%d" % (self.folders[-1], self.made)
        os.close(os.open(self.path(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
        self.made += 1
        self.names.append(name)
        self.files[name] = 0o644

    def rename(self):
        at = self.random.randrange(len(self.names))
        old = self.names[at]
        new = "%s/r%d" % (self.random.choice(self.folders), self.made)
        if new in self.files:
            return
        os.rename(self.path(old), self.path(new))
        self.names[at] = new
        self.files[new] = self.files.pop(old)


def make(folder, ledger, count, seed):
    tree = Tree(folder, seed)
    begin = time.monotonic()
    taken = 0
    full = ""
    for taken in range(1, count + 1):
        start = time.monotonic()
        try:
            tree.step()
        except OSError as e:
            if e.errno != errno.ENOSPC:
                raise
            full = ", then there was no room"
            break
        finally:
            tree.longest = max(tree.longest, time.monotonic() - start)
    with open(ledger, "w", encoding="ascii") as lines:
        for name, mode in tree.files.items():
            lines.write("%s %o\n" % (name, mode))
        for name in tree.folders:
            lines.write("%s/\n" % name)
    print(
        "%d operations taken in %.0f s, %d names, the longest took %.1f s%s"
        % (taken, time.monotonic() - begin, len(tree.files), tree.longest, full)
    )
    if tree.longest > 6:
        sys.exit("an operation took %.1f s" % tree.longest)


def verify(folder, ledger):
    expected = {}
    with open(ledger, encoding="ascii") as lines:
        for line in lines:
            name, *mode = line.split()
            expected[name] = int(mode[0], 8) if mode else 0
    count = len(expected)
    for top in os.scandir(folder):
        if expected.pop(top.name + "/", None) is None:
            sys.exit("%s should not be there" % top.name)
        for entry in os.scandir(top.path):
            name = "%s/%s" % (top.name, entry.name)
            mode = expected.pop(name, None)
            found = entry.stat()
            if mode is None or found.st_mode & 0o7777 != mode or found.st_size != 0:
                sys.exit("%s: mode %o, %d bytes, expected mode %s" % (name, found.st_mode, found.st_size, mode))
    if expected:
        sys.exit("%d of %d names are missing, such as %s" % (len(expected), count, next(iter(expected))))
    print("%d names are right" % count)


if sys.argv[1] == "make":
    make(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
else:
    verify(sys.argv[2], sys.argv[3])
