"""Cells of the content of open files: seeks to data and holes, allocation, appends, offsets, limits."""

import ctypes
import errno
import fcntl
import os
import resource
import signal
import struct
import time

from trial import OLD, TICK_SECONDS, Other, add, call, content, file, moved, outcome, stamps, together

MODES = {
    "grow": 0, "KEEP": 1, "PUNCH": 2, "PUNCH|KEEP": 3, "COLLAPSE": 8, "COLLAPSE|KEEP": 9, "ZERO": 16, "ZERO|KEEP": 17,
    "ZERO|PUNCH|KEEP": 19, "INSERT": 32, "UNSHARE": 64, "an unknown bit": 1 << 20,
}  # fmt: skip
MOST = 2**63 - 1
HUGE = 2**62
SIZE = 10_000
# Offset and length in a file of SIZE bytes.
RANGES = {
    "all": (0, SIZE), "inside": (4096, 4096), "unaligned": (5, 10), "over the end": (SIZE - 10, 100),
    "behind the end": (SIZE + 5000, 100), "nothing": (0, 0), "a negative length": (0, -1),
    "a negative offset": (-1, 10), "past the largest": (MOST - 5, 10), "too large": (HUGE, 10),
}  # fmt: skip


def pattern(length):
    return bytes(1 + number % 250 for number in range(length))


def said(data):
    """Content in few words: runs of zeros and of other bytes."""
    words = []
    at = 0
    while at < len(data):
        zero = data[at] == 0
        end = at
        while end < len(data) and (data[end] == 0) == zero:
            end += 1
        words.append(f"{'0' if zero else 'x'}{end - at}")
        at = end
    return " ".join(words) or "empty"


def allocate(handle, mode, offset, length):
    call("fallocate", handle, mode, offset, length)


def allocation(mode, offset, length):
    def do(folder):
        path = file(folder, pattern(SIZE))
        handle = os.open(path, os.O_RDWR)
        result = outcome(lambda: allocate(handle, MODES[mode], offset, length))
        return f"{result}, {said(content(path))}"

    return do


def allocation_times(mode, offset, length):
    def do(folder):
        path = file(folder, pattern(SIZE))
        handle = os.open(path, os.O_RDWR)
        os.utime(path, ns=OLD)
        before = stamps(os.stat(path))
        time.sleep(TICK_SECONDS)
        allocate(handle, MODES[mode], offset, length)
        return moved(before, stamps(os.stat(path))) + ", " + moved(before, stamps(os.fstat(handle)))

    return do


def allocation_of(mode, kind):
    def do(folder):
        path = os.path.join(folder, "target")
        flags = os.O_RDWR
        if kind == "folder":
            os.mkdir(path)
            flags = os.O_RDONLY | os.O_DIRECTORY
        elif kind == "fifo":
            os.mkfifo(path)
        else:
            file(folder, pattern(SIZE), "target")
            flags = {
                "read-only": os.O_RDONLY, "write-only": os.O_WRONLY, "append": os.O_WRONLY | os.O_APPEND,
                "path": os.O_PATH, "removed": os.O_RDWR,
            }[kind]  # fmt: skip
        handle = os.open(path, flags)
        if kind == "removed":
            os.unlink(path)
        result = outcome(lambda: allocate(handle, MODES[mode], SIZE - 10, 100))
        return f"{result}, size {os.fstat(handle).st_size if kind not in ('folder', 'fifo') else '-'}"

    return do


# --- SEEK_DATA and SEEK_HOLE ----------------------------------------------------------------------------------------

PAGE = 4096
HOLES = {
    "dense": [(0, SIZE)],
    "empty": [],
    "hole at first": [(1 << 20, PAGE)],
    "hole in the middle": [(0, PAGE), (1 << 20, PAGE)],
    "hole at the end": [(0, PAGE)],
    "nothing but a hole": [],
}
SIZES = {"dense": SIZE, "empty": 0}
OFFSETS = (-1, 0, 1, PAGE, PAGE + 5, SIZE - 1, SIZE, SIZE + 1, 1 << 20, (1 << 20) + PAGE, (2 << 20) - 1, 2 << 20, MOST)


def seek(shape, whence, offset):
    """A file system may take holes for data: the answer is compared with what the bytes allow."""

    def do(folder):
        path = os.path.join(folder, "sparse")
        size = SIZES.get(shape, 2 << 20)
        with open(path, "wb") as made:
            for start, length in HOLES[shape]:
                made.seek(start)
                made.write(b"x" * length)
            made.truncate(size)
        handle = os.open(path, os.O_RDONLY)
        os.lseek(handle, 7, os.SEEK_SET)
        data = content(path)
        try:
            found = os.lseek(handle, offset, os.SEEK_DATA if whence == "data" else os.SEEK_HOLE)
        except OSError as e:
            at = os.lseek(handle, 0, os.SEEK_CUR)
            # Behind the last data there is none, if the end is known to be a hole.
            if whence == "data" and 0 <= offset < size and e.errno == errno.ENXIO and not any(data[offset:]):
                return "allowed"
            return f"{errno.errorcode[e.errno]}, then at {at}"
        if os.lseek(handle, 0, os.SEEK_CUR) != found:
            return "is not where it says"
        if whence == "data":
            return "allowed" if offset <= found < size and not any(data[offset:found]) else f"{found} skips data"
        real = found == size or data[found] == 0
        return "allowed" if offset <= found <= size and real else f"{found} is no hole"

    return do


# --- appends --------------------------------------------------------------------------------------------------------

HEADER = ">BII"


def appending(writers, longest, count, how):
    """Processes append records at once; afterwards each must be whole, and those of one writer in order."""

    def do(folder):
        path = file(folder, b"")

        def write(writer):
            handle = os.open(path, os.O_WRONLY | (0 if how == "switched on later" else os.O_APPEND))
            if how == "switched on later":
                fcntl.fcntl(handle, fcntl.F_SETFL, os.O_APPEND)
            for number in range(count):
                length = 1 + (writer * 7919 + number * 104_729) % longest
                head, body = struct.pack(HEADER, writer, number, length), bytes([65 + writer]) * length
                if how == "pwrite":
                    done = os.pwrite(handle, head + body, 0)
                elif how == "writev":
                    done = os.writev(handle, [head, body])
                else:
                    done = os.write(handle, head + body)
                assert done == len(head) + length

        others = [Other(lambda writer=writer: write(writer)) for writer in range(writers)]
        for other in others:
            other.start()
        results = {other.finished() for other in others}
        return f"{' '.join(sorted(results))}, {records(content(path), writers, count)}"

    return do


def records(data, writers, count):
    at = 0
    seen = [0] * writers
    head = struct.calcsize(HEADER)
    while at < len(data):
        writer, number, length = struct.unpack_from(HEADER, data, at)
        body = data[at + head : at + head + length]
        if writer >= writers or number != seen[writer] or body != bytes([65 + writer]) * length:
            return f"torn or lost at {at}"
        seen[writer] += 1
        at += head + length
    return "all whole" if seen == [count] * writers else f"lost: {seen}"


def append_after_truncate(folder):
    path = file(folder, b"x" * 1000)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND)
    os.write(handle, b"one")
    Other(lambda: os.truncate(path, 10)).step()
    os.write(handle, b"two")
    return f"{os.fstat(handle).st_size} at {os.lseek(handle, 0, os.SEEK_CUR)}"


def flagged(flag, append):
    """pwritev2 with RWF_APPEND or RWF_NOAPPEND at offset 2."""

    class Piece(ctypes.Structure):
        _fields_ = [("base", ctypes.c_char_p), ("length", ctypes.c_size_t)]

    def do(folder):
        path = file(folder, b"0123456789")
        handle = os.open(path, os.O_WRONLY | (os.O_APPEND if append else 0))
        result = outcome(lambda: call("pwritev2", handle, ctypes.byref(Piece(b"new", 3)), 1, 2, flag))
        return f"{result}, {content(path).decode()}"

    return do


# --- offsets, access, limits ----------------------------------------------------------------------------------------

CALLS = {
    "read": lambda handle: len(os.read(handle, 4)),
    "read nothing": lambda handle: len(os.read(handle, 0)),
    "pread": lambda handle: len(os.pread(handle, 4, 2)),
    "pread at the end": lambda handle: len(os.pread(handle, 4, 7)),
    "pread over the end": lambda handle: len(os.pread(handle, 4, 5)),
    "pread far behind": lambda handle: len(os.pread(handle, 4, HUGE)),
    "pread at the largest": lambda handle: len(os.pread(handle, 4, MOST)),
    "pread before the file": lambda handle: len(os.pread(handle, 4, -1)),
    "readv": lambda handle: os.readv(handle, [bytearray(3), bytearray(3)]),
    "write": lambda handle: os.write(handle, b"new"),
    "write nothing": lambda handle: os.write(handle, b""),
    "pwrite": lambda handle: os.pwrite(handle, b"new", 2),
    "pwrite behind the end": lambda handle: os.pwrite(handle, b"new", 20),
    "pwrite before the file": lambda handle: os.pwrite(handle, b"new", -1),
    "pwrite too far": lambda handle: os.pwrite(handle, b"new", HUGE),
    "pwrite at the largest": lambda handle: os.pwrite(handle, b"new", MOST),
    "pwrite over the largest": lambda handle: os.pwrite(handle, b"new", MOST - 1),
    "writev": lambda handle: os.writev(handle, [b"ne", b"", b"w"]),
    "pwritev DSYNC": lambda handle: os.pwritev(handle, [b"new"], 1, os.RWF_DSYNC),
    "ftruncate 0": lambda handle: os.ftruncate(handle, 0),
    "ftruncate 3": lambda handle: os.ftruncate(handle, 3),
    "ftruncate 20": lambda handle: os.ftruncate(handle, 20),
    "ftruncate -1": lambda handle: os.ftruncate(handle, -1),
    "ftruncate too large": lambda handle: os.ftruncate(handle, HUGE),
    "seek before the file": lambda handle: os.lseek(handle, -1, os.SEEK_SET),
    "seek behind the end": lambda handle: os.lseek(handle, 100, os.SEEK_END),
    "seek from nowhere": lambda handle: os.lseek(handle, 0, 77),
    "seek too far": lambda handle: os.lseek(handle, MOST, os.SEEK_END),
    "fsync": os.fsync,
    "fdatasync": os.fdatasync,
    "advise": lambda handle: os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED),
    "advise nonsense": lambda handle: os.posix_fadvise(handle, 0, 0, 77),
    "copy into itself": lambda handle: os.copy_file_range(handle, handle, 2, 0, 1),
    "copy elsewhere in itself": lambda handle: os.copy_file_range(handle, handle, 2, 0, 5),
}
HANDLES = {
    "RDONLY": os.O_RDONLY, "WRONLY": os.O_WRONLY, "RDWR": os.O_RDWR, "RDWR|APPEND": os.O_RDWR | os.O_APPEND,
    "WRONLY|SYNC": os.O_WRONLY | os.O_SYNC, "RDWR|DSYNC": os.O_RDWR | os.O_DSYNC, "PATH": os.O_PATH,
    "folder": os.O_RDONLY | os.O_DIRECTORY, "fifo": os.O_RDWR | os.O_NONBLOCK, "closed": None,
}  # fmt: skip


def called(name, access):
    def do(folder):
        path = file(folder, b"content")
        watched = path
        if access == "folder":
            watched = os.path.join(folder, "below")
            os.mkdir(watched)
        elif access == "fifo":
            watched = os.path.join(folder, "fifo")
            os.mkfifo(watched)
        handle = os.open(watched, HANDLES[access] or 0)
        if access == "closed":
            os.close(handle)
        os.utime(watched, ns=OLD)
        before = stamps(os.stat(watched))
        time.sleep(TICK_SECONDS)
        result = outcome(lambda: CALLS[name](handle))
        after = moved(before, stamps(os.stat(watched))) if access != "fifo" else ""
        at = outcome(lambda: os.lseek(handle, 0, os.SEEK_CUR))
        return f"{result} at {at}, {content(path)!r} {after}"

    return do


LIMITED = {
    "write over it": lambda handle: (os.lseek(handle, 990, os.SEEK_SET), os.write(handle, b"n" * 100))[1],
    "write at it": lambda handle: (os.lseek(handle, 1000, os.SEEK_SET), os.write(handle, b"n"))[1],
    "write below it": lambda handle: os.pwrite(handle, b"n" * 10, 990),
    "pwrite behind it": lambda handle: os.pwrite(handle, b"n", 5000),
    "write nothing behind it": lambda handle: os.pwrite(handle, b"", 5000),
    "truncate over it": lambda handle: os.ftruncate(handle, 1001),
    "truncate to it": lambda handle: os.ftruncate(handle, 1000),
    "allocate over it": lambda handle: allocate(handle, 0, 0, 1001),
    "allocate over it, KEEP": lambda handle: allocate(handle, 1, 0, 1001),
    "append over it": lambda handle: (os.ftruncate(handle, 995), append(handle))[1],
}
STARTS = {"a small file": 10, "a file larger already": 2000}


def append(handle):
    fcntl.fcntl(handle, fcntl.F_SETFL, os.O_APPEND)
    return os.write(handle, b"n" * 10)


def limited(name, start, handler):
    """RLIMIT_FSIZE: an error, or the signal."""

    def do(folder):
        path = file(folder, b"x" * start)
        handle = os.open(path, os.O_RDWR)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        signal.signal(signal.SIGXFSZ, handler)
        result = outcome(lambda: LIMITED[name](handle))
        return f"{result}, size {os.fstat(handle).st_size}"

    return do


# --- lock files -----------------------------------------------------------------------------------------------------

RACES = {
    "create": lambda folder, process, turn: os.close(os.open(f"{folder}/{turn}", os.O_CREAT | os.O_EXCL | os.O_WRONLY)),
    "mkdir": lambda folder, process, turn: os.mkdir(f"{folder}/{turn}"),
    "mkfifo": lambda folder, process, turn: os.mkfifo(f"{folder}/{turn}"),
    "symlink": lambda folder, process, turn: os.symlink(f"owner {process}", f"{folder}/{turn}"),
    "unlink": lambda folder, process, turn: os.unlink(f"{folder}/file{turn}"),
    "rename away": lambda folder, process, turn: os.rename(f"{folder}/file{turn}", f"{folder}/mine{process}-{turn}"),
    "rmdir": lambda folder, process, turn: os.rmdir(f"{folder}/below{turn}"),
}
ROUNDS = 40


def raced(name):
    """Eight processes do it at the same moment: one wins, the others get the same error."""

    def do(folder):
        for turn in range(ROUNDS):
            if name in ("unlink", "rename away"):
                file(folder, name=f"file{turn}")
            elif name == "rmdir":
                os.mkdir(f"{folder}/below{turn}")
        turns = together(8, ROUNDS, lambda process, turn: RACES[name](folder, process, turn))
        winners = sorted({codes.count(0) for codes in turns})
        errors = sorted({errno.errorcode[code] for codes in turns for code in codes if code})
        return f"winners {winners}, others {errors}"

    return do


def linked(state):
    """The lock file that is a hard link: a file of one's own, linked to the name of the lock."""

    def do(folder):
        mine = file(folder, name="mine")
        name = os.path.join(folder, "lock")
        if state == "taken":
            file(folder, name="lock")
        result = outcome(lambda: os.link(mine, name))
        return f"{result}, {os.stat(mine).st_nlink} links, {os.path.lexists(name)}"

    return do


def add_cells():
    for mode in MODES:
        for name, (offset, length) in RANGES.items():
            add(f"fallocate {mode}", name, "RDWR", allocation(mode, offset, length))
        for kind in ("folder", "fifo", "read-only", "write-only", "append", "path", "removed"):
            add(f"fallocate {mode}", "over the end", kind, allocation_of(mode, kind))
    for mode in ("grow", "KEEP", "PUNCH|KEEP", "ZERO", "ZERO|KEEP"):
        for name in ("all", "inside", "unaligned", "over the end", "behind the end"):
            add(f"times of fallocate {mode}", name, "RDWR", allocation_times(mode, *RANGES[name]))
    for shape in HOLES:
        for whence in ("data", "hole"):
            for offset in OFFSETS:
                add(f"seek to a {'hole' if whence == 'hole' else 'byte'}", f"{shape} at {offset}", "RDONLY",
                    seek(shape, whence, offset))  # fmt: skip
    for writers in (2, 8):
        for longest, count in ((100, 400), (20_000, 60), (400_000, 8)):
            for how in ("write", "writev", "pwrite", "switched on later"):
                add(f"append by {how}", f"records up to {longest}", f"{writers} processes",
                    appending(writers, longest, count, how))  # fmt: skip
    add("append by write", "after a truncate", "2 processes", append_after_truncate)
    for name, flag in (("RWF_APPEND", 16), ("RWF_NOAPPEND", 32)):
        for opened in (False, True):
            add(f"pwritev2 {name}", "file", "APPEND" if opened else "WRONLY", flagged(flag, opened))
    for name in CALLS:
        for access in HANDLES:
            # How long a folder is, nobody says.
            if access == "folder" and name in ("seek behind the end", "seek too far"):
                continue
            add(name, "file of 7 bytes", access, called(name, access))
    for name in LIMITED:
        for start, size in STARTS.items():
            for how, handler in (("ignored", signal.SIG_IGN), ("default", signal.SIG_DFL)):
                add(f"size limit, {name}", start, f"SIGXFSZ {how}", limited(name, size, handler))
    for name in RACES:
        add(f"race of {name}", "lock file", "eight processes", raced(name))
    for state in ("free", "taken"):
        add("link trick", f"{state} lock file", "one process", linked(state))
