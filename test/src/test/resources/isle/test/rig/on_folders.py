"""Cells of reading folders: while they change, from marked places, and after their removal."""

import collections
import ctypes
import os

from trial import LIBC, Other, add, outcome

MANY = 10_000
# More than the kernel asks for at once, and more than a daemon hands out at once.
SOME = 2_500
MORE = 4_500


class Entry(ctypes.Structure):
    """struct dirent."""

    _fields_ = [
        ("inode", ctypes.c_uint64), ("place", ctypes.c_int64), ("size", ctypes.c_ushort), ("kind", ctypes.c_ubyte),
        ("name", ctypes.c_char * 256),
    ]  # fmt: skip


LIBC.opendir.restype = ctypes.c_void_p
LIBC.readdir.restype = ctypes.POINTER(Entry)
LIBC.telldir.restype = ctypes.c_long


class Stream:
    """What opendir gives."""

    def __init__(self, path):
        self.stream = ctypes.c_void_p(LIBC.opendir(os.fsencode(path)))
        if not self.stream:
            raise OSError(ctypes.get_errno(), "opendir")

    def read(self):
        """The next name, without "." and ".."; None at the end."""
        while True:
            ctypes.set_errno(0)
            entry = LIBC.readdir(self.stream)
            if not entry:
                if ctypes.get_errno():
                    raise OSError(ctypes.get_errno(), "readdir")
                return None
            name = entry.contents.name.decode()
            if name not in (".", ".."):
                return name

    def take(self, most=1 << 30):
        names = []
        while len(names) < most:
            name = self.read()
            if name is None:
                break
            names.append(name)
        return names

    def tell(self):
        return LIBC.telldir(self.stream)

    def seek(self, place):
        LIBC.seekdir(self.stream, ctypes.c_long(place))

    def rewind(self):
        LIBC.rewinddir(self.stream)


def fill(folder, count, prefix="n"):
    path = os.path.join(folder, "many")
    os.makedirs(path, exist_ok=True)
    names = [f"{prefix}{number:05}" for number in range(count)]
    for name in names:
        os.mknod(os.path.join(path, name))
    return path, names


def change(path, names, how, turn):
    """Changes a name that may or may not have been read; says which names are not to be counted on."""
    old = names[turn]
    if how == "created":
        os.mknod(f"{path}/new{turn}")
        return {f"new{turn}"}
    if how == "removed":
        os.unlink(f"{path}/{old}")
        return {old}
    if how == "renamed":
        os.rename(f"{path}/{old}", f"{path}/new{turn}")
        return {old, f"new{turn}"}
    if how == "replaced":
        os.mknod(f"{path}/new{turn}")
        os.rename(f"{path}/new{turn}", f"{path}/{old}")
        return {old, f"new{turn}"}
    if how == "removed and made anew":
        os.unlink(f"{path}/{old}")
        os.mknod(f"{path}/{old}")
        return {old}
    os.chmod(f"{path}/{old}", 0o600)
    return set()


def changing(how, by):
    """Names that are there all the time are read once each, others at most once."""

    def do(folder):
        path, names = fill(folder, MORE if how in ("created", "removed") and by == "the reader" else SOME)
        stream = Stream(path)
        seen = stream.take(50)
        unsure = set()
        for turn in range(0, len(names), 7):
            if by == "another process" and turn % 70 == 0:
                unsure |= set(names[turn : turn + 1]) | {f"new{turn}"}
                Other(lambda turn=turn: change(path, names, how, turn) and None).step()
            elif by == "the reader":
                unsure |= change(path, names, how, turn)
            seen += stream.take(6)
        seen += stream.take()
        times = collections.Counter(seen)
        lost = [name for name in names if name not in unsure and times[name] != 1]
        twice = [name for name in times if name not in unsure and times[name] > 1]
        alien = set(seen) - unsure - set(names)
        return f"lost {len(lost)}, twice {len(twice)}, not there {len(alien)}"

    return do


def places(folder):
    """Each place that telldir has told leads back to the same name, and on from there to the same names."""
    path, names = fill(folder, MANY)
    stream = Stream(path)
    told, order = [], []
    while True:
        place = stream.tell()
        name = stream.read()
        if name is None:
            break
        told.append(place)
        order.append(name)
    wrong = 0
    for at in range(MANY - 1, -1, -97):
        stream.seek(told[at])
        wrong += stream.take(3) != order[at : at + 3]
    stream.seek(told[MANY // 3])
    rest = stream.take() == order[MANY // 3 :]
    stream.rewind()
    return f"{sorted(order) == names}, {wrong} wrong, rest {rest}, rewound {sorted(stream.take()) == names}"


def place_at_the_end(folder):
    path, names = fill(folder, SOME)
    stream = Stream(path)
    stream.take()
    end = stream.tell()
    stream.rewind()
    first = stream.read()
    stream.seek(end)
    nothing = stream.read()
    stream.seek(end)
    stream.rewind()
    return f"{nothing}, {stream.read() == first}"


def place_while_it_changes(folder):
    """A place is kept while other names come and go: what was there all the time and was not read before is read."""
    path, names = fill(folder, SOME)
    stream = Stream(path)
    before = stream.take(SOME // 2)
    place = stream.tell()
    for name in names[::5]:
        os.unlink(os.path.join(path, name))
    for number in range(500):
        os.mknod(f"{path}/new{number}")
    stream.take(100)
    stream.seek(place)
    after = stream.take()
    times = collections.Counter(before + after)
    lost = [name for name in set(names) - set(names[::5]) if times[name] != 1]
    return f"lost or twice {len(lost)}"


def rewinding(how):
    def do(folder):
        path, names = fill(folder, 500)
        stream = Stream(path)
        stream.take(100)
        os.mknod(f"{path}/new")
        os.unlink(f"{path}/{names[3]}")
        os.rename(f"{path}/{names[4]}", f"{path}/renamed")
        if how == "rewinddir":
            stream.rewind()
        else:
            stream.seek(0)
        expected = set(names) - {names[3], names[4]} | {"new", "renamed"}
        return str(sorted(stream.take()) == sorted(expected))

    return do


def two_streams(folder):
    path, names = fill(folder, 1000)
    one, other = Stream(path), Stream(path)
    got, others = [], []
    for turn in range(1000):
        got.append(one.read())
        if turn % 2:
            others.append(other.read())
    return f"{sorted(got) == names}, {others == got[:500]}"


def emptied(how):
    """A folder is removed with all that is in it, in the manner of rm -r."""

    def do(folder):
        path, names = fill(folder, SOME)
        stream = Stream(path)
        count = 0
        while True:
            name = stream.read()
            if name is None:
                break
            os.unlink(os.path.join(path, name))
            count += 1
            if how == "rewound" and count % 500 == 0:
                stream.rewind()
        return f"{count} removed, rmdir {outcome(lambda: os.rmdir(path))}"

    return do


def raw(handle, room=32_768):
    """getdents64: how many entries, or the error."""
    buffer = ctypes.create_string_buffer(room)
    size = LIBC.getdents64(handle, buffer, ctypes.c_size_t(room))
    if size < 0:
        raise OSError(ctypes.get_errno(), "getdents64")
    count = at = 0
    while at < size:
        at += int.from_bytes(buffer[at + 16 : at + 18], "little")
        count += 1
    return f"{count} entries"


def raw_read(state):
    def do(folder):
        path = os.path.join(folder, "below")
        os.mkdir(path)
        if state == "a file":
            os.mknod(path + "/inner")
            return outcome(lambda: raw(os.open(path + "/inner", os.O_RDONLY)))
        if state == "a path handle":
            return outcome(lambda: raw(os.open(path, os.O_PATH)))
        handle = os.open(path, os.O_RDONLY)
        if state == "little room":
            return outcome(lambda: raw(handle, 10))
        if state == "removed":
            os.rmdir(path)
        elif state == "removed after the first read":
            raw(handle)
            os.rmdir(path)
        elif state == "replaced":
            os.mkdir(path + ".new")
            os.rename(path + ".new", path)
        elif state == "twice":
            return outcome(lambda: raw(handle)) + ", " + outcome(lambda: raw(handle))
        elif state == "from the beginning again":
            raw(handle)
            os.mknod(path + "/new")
            os.lseek(handle, 0, os.SEEK_SET)
        elif state == "forbidden meanwhile":
            os.chmod(path, 0)
        elif state == "renamed meanwhile":
            os.mknod(path + "/inner")
            os.rename(path, path + ".new")
        return outcome(lambda: raw(handle))

    return do


def kinds(folder):
    """d_type and number agree with lstat."""
    os.mkdir(folder + "/folder")
    os.mkfifo(folder + "/fifo")
    os.mknod(folder + "/file")
    os.symlink("nowhere", folder + "/link")
    wrong = []
    for entry in os.scandir(folder):
        status = os.lstat(entry.path)
        if entry.inode() != status.st_ino or entry.is_dir(follow_symlinks=False) != (entry.name == "folder"):
            wrong.append(entry.name)
        is_file = entry.is_file(follow_symlinks=False)
        if entry.is_symlink() != (entry.name == "link") or is_file != (entry.name == "file"):
            wrong.append(entry.name)
    return f"wrong {wrong}"


def add_cells():
    for how in ("created", "removed", "renamed", "replaced", "removed and made anew", "changed"):
        for by in ("the reader", "another process"):
            add("readdir", f"names are {how}", by, changing(how, by))
    add("telldir", f"{MANY} names", "one process", places)
    add("telldir", "the end", "one process", place_at_the_end)
    add("telldir", "names come and go", "one process", place_while_it_changes)
    for how in ("rewinddir", "seekdir 0"):
        add(how, "names have changed", "one process", rewinding(how))
    add("readdir", "two streams", "one process", two_streams)
    for how in ("in one go", "rewound"):
        add("readdir", f"each name removed, {how}", "one process", emptied(how))
    for state in ("empty", "removed", "removed after the first read", "replaced", "twice", "from the beginning again",
                  "forbidden meanwhile", "renamed meanwhile", "a file", "a path handle", "little room"):  # fmt: skip
        add("getdents", state, "one process", raw_read(state))
    add("readdir", "kinds and numbers", "one process", kinds)
