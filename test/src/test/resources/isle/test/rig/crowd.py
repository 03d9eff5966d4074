"""A folder of many names.

    crowd.py make FOLDER COUNT
    crowd.py check FOLDER COUNT     lists it whole, in steps, from marked places, and while it changes
"""

import ctypes
import os
import sys

libc = ctypes.CDLL(None, use_errno=True)
libc.opendir.restype = ctypes.c_void_p
libc.opendir.argtypes = [ctypes.c_char_p]
libc.readdir.restype = ctypes.c_void_p
libc.readdir.argtypes = libc.closedir.argtypes = libc.telldir.argtypes = libc.rewinddir.argtypes = [ctypes.c_void_p]
libc.telldir.restype = ctypes.c_long
libc.seekdir.argtypes = [ctypes.c_void_p, ctypes.c_long]
# The name in a struct dirent of 64-bit Linux.
NAME = 19
MARKS = 500


def name(number):
    return f"name-{number:06}.txt"


def make(folder, count):
    os.mkdir(folder)
    handle = os.open(folder, os.O_RDONLY)
    for i in range(count):
        os.close(os.open(name(i), os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=handle))
    os.close(handle)


class Listing:
    def __init__(self, folder):
        self.handle = libc.opendir(os.fsencode(folder))

    def next(self):
        entry = libc.readdir(self.handle)
        return os.fsdecode(ctypes.string_at(entry + NAME)) if entry else None

    def rest(self):
        names = []
        while (found := self.next()) is not None:
            names.append(found)
        return names

    def close(self):
        libc.closedir(self.handle)


def same(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: {str(found)[:200]} instead of {str(expected)[:200]}")


def check(folder, count):
    expected = {name(i) for i in range(count)}
    found = os.listdir(folder)
    same("names", len(found), count)
    same("each once", set(found) == expected, True)
    listing = Listing(folder)
    marked, order = [], []
    while True:
        if len(order) % (count // MARKS) == 0:
            marked.append((libc.telldir(listing.handle), len(order)))
        if (entry := listing.next()) is None:
            break
        order.append(entry)
    same("entries", len(order), count + 2)
    # Any order of going back to what was marked gives what came there before.
    for place, at in sorted(marked, key=lambda mark: mark[0] * 2654435761 % 1000003):
        libc.seekdir(listing.handle, place)
        same(f"the entry at mark {at}", listing.next(), order[at] if at < len(order) else None)
    # What stays is listed once, while other names come and go.
    libc.rewinddir(listing.handle)
    seen = []
    for i in range(count // 100):
        os.close(os.open(os.path.join(folder, f"new-{i}"), os.O_CREAT | os.O_WRONLY))
        seen.extend(filter(None, (listing.next() for _ in range(100))))
        os.unlink(os.path.join(folder, f"new-{i}"))
    seen.extend(listing.rest())
    stayed = [entry for entry in seen if entry.startswith("name-")]
    same("what stays, while the folder changes", len(stayed), count)
    same("each once, while the folder changes", set(stayed) == expected, True)
    listing.close()
    for i in range(0, count, 97):
        same("a name's size", os.stat(os.path.join(folder, name(i))).st_size, 0)


{"make": make, "check": check}[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
