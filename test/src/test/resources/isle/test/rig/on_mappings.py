"""Cells of memory mappings, beside write, read, truncation and removal."""

import ctypes
import mmap
import os
import time

from trial import LIBC, OLD, TICK_SECONDS, Other, add, call, content, file, moved, outcome, stamps

PAGE = mmap.PAGESIZE
SIZE = 2 * PAGE + 100
READ, WRITE = mmap.PROT_READ, mmap.PROT_WRITE
SHARED, PRIVATE = mmap.MAP_SHARED, mmap.MAP_PRIVATE
ASYNC, INVALIDATE, SYNC = 1, 2, 4


def mapping(handle, length=3 * PAGE, protection=READ | WRITE, flags=SHARED, offset=0):
    LIBC.mmap.restype = ctypes.c_void_p
    found = LIBC.mmap(None, ctypes.c_size_t(length), protection, flags, handle, ctypes.c_long(offset))
    if found == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "mmap")
    return found


def peek(address, length):
    return ctypes.string_at(address, length).decode("latin-1").replace("\0", "0")


def poke(address, data):
    ctypes.memmove(address, data, len(data))


def sync(address, length=3 * PAGE, flags=SYNC):
    call("msync", ctypes.c_void_p(address), length, flags)


def unmap(address):
    call("munmap", ctypes.c_void_p(address), 3 * PAGE)


class Mapped:
    """A file, open and mapped whole, with room behind its end."""

    def __init__(self, folder, flags=SHARED):
        self.path = file(folder, b"a" * SIZE)
        self.handle = os.open(self.path, os.O_RDWR)
        self.at = mapping(self.handle, flags=flags)


def scene(action, flags=SHARED):
    return lambda folder: action(Mapped(folder, flags))


def write_is_seen(it):
    peek(it.at, 1)
    os.pwrite(it.handle, b"new", PAGE - 1)
    return peek(it.at + PAGE - 2, 5)


def write_of_another_handle_is_seen(it):
    peek(it.at, 1)
    other = os.open(it.path, os.O_WRONLY)
    os.pwrite(other, b"new", 5)
    return peek(it.at + 4, 5)


def write_of_another_process_is_seen(it):
    peek(it.at, 1)
    step = Other(lambda: os.pwrite(os.open(it.path, os.O_WRONLY), b"new", 5)).step()
    return step + " " + peek(it.at + 4, 5)


def append_is_seen(it):
    peek(it.at + 2 * PAGE, 1)
    os.write(os.open(it.path, os.O_WRONLY | os.O_APPEND), b"new")
    return peek(it.at + SIZE - 1, 5)


def store_is_read(it):
    poke(it.at + 5, b"new")
    return os.pread(it.handle, 5, 4).decode()


def store_is_read_by_another_handle(it):
    poke(it.at + 5, b"new")
    return os.pread(os.open(it.path, os.O_RDONLY), 5, 4).decode()


def store_is_read_by_another_process(it):
    poke(it.at + 5, b"new")
    return Other(lambda: os.pread(os.open(it.path, os.O_RDONLY), 5, 4).decode()).step()


def store_is_seen_by_another_mapping(it):
    poke(it.at + 5, b"new")
    return Other(lambda: peek(mapping(os.open(it.path, os.O_RDONLY), protection=READ) + 4, 5)).step()


def store_is_copied(it):
    poke(it.at + 5, b"new")
    target = os.open(it.path + ".copy", os.O_RDWR | os.O_CREAT)
    os.sendfile(target, it.handle, 0, SIZE)
    return os.pread(target, 5, 4).decode()


def store_is_there_after_closing(it):
    poke(it.at + 5, b"new")
    os.close(it.handle)
    unmap(it.at)
    return content(it.path)[4:9].decode()


def store_after_closing(it):
    os.close(it.handle)
    poke(it.at + 5, b"new")
    unmap(it.at)
    return content(it.path)[4:9].decode()


def store_after_removal(it):
    os.unlink(it.path)
    poke(it.at + 5, b"new")
    sync(it.at)
    return os.pread(it.handle, 5, 4).decode()


def store_after_removal_and_closing(it):
    os.unlink(it.path)
    os.close(it.handle)
    poke(it.at + 5, b"new")
    sync(it.at)
    return peek(it.at + 4, 5)


def store_after_rename(it):
    os.rename(it.path, it.path + ".new")
    poke(it.at + 5, b"new")
    sync(it.at)
    return content(it.path + ".new")[4:9].decode()


def store_after_chmod(it):
    os.chmod(it.path, 0)
    poke(it.at + 5, b"new")
    sync(it.at)
    return os.pread(it.handle, 5, 4).decode()


def stores_of_two(it):
    """Two processes store into neighbouring bytes of one page."""

    def store(start):
        at = mapping(os.open(it.path, os.O_RDWR))
        for place in range(start, PAGE, 2):
            poke(at + place, b"%d" % start)
        sync(at)

    others = [Other(lambda start=start: store(start)) for start in (0, 1)]
    for other in others:
        other.start()
    steps = " ".join(other.finished() for other in others)
    return f"{steps}, {content(it.path)[:PAGE] == b'01' * (PAGE // 2)}"


def store_and_write_side_by_side(it):
    poke(it.at, b"S" * 10)
    os.pwrite(it.handle, b"W" * 10, 5)
    poke(it.at + 10, b"S" * 10)
    sync(it.at)
    return os.pread(it.handle, 22, 0).decode()


def tail_reads_zero(it):
    return peek(it.at + SIZE - 1, 3)


def store_into_the_tail_is_not_kept(it):
    poke(it.at + SIZE, b"new")
    sync(it.at)
    return f"{os.fstat(it.handle).st_size}, {content(it.path)[-1:].decode()}"


def tail_is_zero_after_growth(it):
    poke(it.at + SIZE, b"new")
    sync(it.at)
    os.ftruncate(it.handle, SIZE + 10)
    return peek(it.at + SIZE - 1, 5) + " " + os.pread(it.handle, 5, SIZE - 1).decode("latin-1").replace("\0", "0")


def page_behind_the_end(it):
    return peek(mapping(it.handle, 4 * PAGE) + 3 * PAGE, 1)


def store_behind_the_end(it):
    poke(mapping(it.handle, 4 * PAGE) + 3 * PAGE, b"x")


def growth_makes_it_readable(it):
    at = mapping(it.handle, 4 * PAGE)
    os.ftruncate(it.handle, 4 * PAGE)
    return peek(at + 3 * PAGE, 2)


def growth_by_another_process(it):
    at = mapping(it.handle, 4 * PAGE)
    Other(lambda: os.truncate(it.path, 4 * PAGE)).step()
    return peek(at + 3 * PAGE, 2)


def read_after_truncation(it):
    peek(it.at + PAGE, 1)
    os.ftruncate(it.handle, 10)
    return peek(it.at + PAGE, 1)


def store_after_truncation(it):
    poke(it.at + PAGE, b"x")
    os.ftruncate(it.handle, 10)
    poke(it.at + PAGE, b"x")


def read_after_truncation_by_another_process(it):
    peek(it.at + PAGE, 1)
    Other(lambda: os.truncate(it.path, 10)).step()
    return peek(it.at + PAGE, 1)


def rest_of_the_page_after_truncation(it):
    poke(it.at + 5, b"xyz")
    os.ftruncate(it.handle, 6)
    return peek(it.at + 4, 5)


def zero_after_truncation_down_and_up(it):
    poke(it.at + 5, b"xyz")
    os.ftruncate(it.handle, 6)
    os.ftruncate(it.handle, SIZE)
    return peek(it.at + 4, 5) + " " + os.pread(it.handle, 5, 4).decode("latin-1").replace("\0", "0")


def zero_after_a_punch(it):
    poke(it.at + 5, b"xyz")
    call("fallocate", it.handle, 3, 6, 1)
    return peek(it.at + 4, 5) + " " + os.pread(it.handle, 5, 4).decode("latin-1").replace("\0", "0")


def truncating_open_is_seen(it):
    peek(it.at, 1)
    os.close(os.open(it.path, os.O_WRONLY | os.O_TRUNC))
    return peek(it.at, 1)


def rename_over_it_is_not_seen(it):
    peek(it.at, 1)
    os.rename(file(os.path.dirname(it.path), b"b" * SIZE, "another"), it.path)
    return peek(it.at, 1) + content(it.path)[:1].decode()


def store_moves_times(it):
    os.utime(it.path, ns=OLD)
    before = stamps(os.stat(it.path))
    time.sleep(TICK_SECONDS)
    poke(it.at, b"new")
    sync(it.at)
    return moved(before, stamps(os.stat(it.path)))


def reading_moves_no_times(it):
    os.utime(it.path, ns=OLD)
    before = stamps(os.stat(it.path))
    time.sleep(TICK_SECONDS)
    peek(it.at, 10)
    sync(it.at)
    return moved(before, stamps(os.stat(it.path)))


SCENES = (
    write_is_seen, write_of_another_handle_is_seen, write_of_another_process_is_seen, append_is_seen, store_is_read,
    store_is_read_by_another_handle, store_is_read_by_another_process, store_is_seen_by_another_mapping,
    store_is_copied, store_is_there_after_closing, store_after_closing, store_after_removal,
    store_after_removal_and_closing, store_after_rename, store_after_chmod, stores_of_two,
    store_and_write_side_by_side, tail_reads_zero, store_into_the_tail_is_not_kept, tail_is_zero_after_growth,
    page_behind_the_end, store_behind_the_end, growth_makes_it_readable, growth_by_another_process,
    read_after_truncation, store_after_truncation, read_after_truncation_by_another_process,
    rest_of_the_page_after_truncation, zero_after_truncation_down_and_up, zero_after_a_punch, truncating_open_is_seen,
    rename_over_it_is_not_seen, store_moves_times, reading_moves_no_times,
)  # fmt: skip
# What POSIX leaves open for a private mapping is left out.
PRIVATE_SCENES = (
    store_is_read, store_is_read_by_another_handle, store_is_read_by_another_process, store_is_there_after_closing,
    store_after_closing, store_into_the_tail_is_not_kept, tail_reads_zero, page_behind_the_end, store_behind_the_end,
    read_after_truncation, truncating_open_is_seen, store_moves_times,
)  # fmt: skip

PROTECTIONS = {"none": 0, "read": READ, "write": WRITE, "read and write": READ | WRITE}
SHARING = {"shared": SHARED, "private": PRIVATE, "neither": 0}
ACCESS = {
    "RDONLY": os.O_RDONLY, "WRONLY": os.O_WRONLY, "RDWR": os.O_RDWR, "APPEND": os.O_RDWR | os.O_APPEND,
    "PATH": os.O_PATH,
}  # fmt: skip


def allowed(access, protection, sharing):
    def do(folder):
        handle = os.open(file(folder, b"a" * SIZE), ACCESS[access])
        return outcome(lambda: mapping(handle, PAGE, PROTECTIONS[protection], SHARING[sharing]) and None)

    return do


def refused(name):
    def do(folder):
        path = file(folder, b"a" * SIZE)
        handle = os.open(path, os.O_RDWR)
        if name == "a length of nothing":
            return outcome(lambda: mapping(handle, 0))
        if name == "an offset inside a page":
            return outcome(lambda: mapping(handle, PAGE, offset=100))
        if name == "an offset behind the end":
            return outcome(lambda: mapping(handle, PAGE, offset=100 * PAGE) and None)
        if name == "an offset too far":
            return outcome(lambda: mapping(handle, 2 * PAGE, offset=2**63 - PAGE))
        if name == "a folder":
            return outcome(lambda: mapping(os.open(folder, os.O_RDONLY), PAGE, READ))
        if name == "a fifo":
            os.mkfifo(path + ".fifo")
            return outcome(lambda: mapping(os.open(path + ".fifo", os.O_RDWR), PAGE))
        if name == "an empty file":
            return peek(mapping(os.open(file(folder, b"", "empty"), os.O_RDWR), PAGE), 1)
        at = mapping(handle)
        if name == "to sync both ways":
            return outcome(lambda: sync(at, PAGE, SYNC | ASYNC))
        if name == "to sync what is not mapped":
            unmap(at)
            return outcome(lambda: sync(at))
        if name == "to sync inside a page":
            return outcome(lambda: sync(at + 1, PAGE))
        if name == "to sync and forget":
            poke(at, b"new")
            return outcome(lambda: sync(at, PAGE, SYNC | INVALIDATE)) + " " + peek(at, 4)
        if name == "to sync later":
            poke(at, b"new")
            return outcome(lambda: sync(at, PAGE, ASYNC)) + " " + content(path)[:4].decode()
        raise ValueError(name)

    return do


REFUSED = (
    "a length of nothing", "an offset inside a page", "an offset behind the end", "an offset too far", "a folder",
    "a fifo", "an empty file", "to sync both ways", "to sync what is not mapped", "to sync inside a page",
    "to sync and forget", "to sync later",
)  # fmt: skip


def add_cells():
    for action in SCENES:
        add("map", action.__name__.replace("_", " "), "shared", scene(action))
    for action in PRIVATE_SCENES:
        add("map", action.__name__.replace("_", " "), "private", scene(action, PRIVATE))
    for access in ACCESS:
        for protection in PROTECTIONS:
            for sharing in SHARING:
                add("map", f"to {protection}, {sharing}", access, allowed(access, protection, sharing))
    for name in REFUSED:
        add("map", name, "RDWR", refused(name))
