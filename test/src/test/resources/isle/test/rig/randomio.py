"""Random reads and writes of a few files, in the manner of fsx: what is read is what was last written, whatever way.

    randomio.py run FOLDER KEPT SEED COUNT     COUNT operations; ends with 1 at the first wrong byte
    randomio.py check FOLDER KEPT              reads all files whole

What the files must hold is in memory meanwhile, and in the folder KEPT between the runs. The operations depend on the
seed and on the sizes that the files have at the start only.
"""

import ctypes
import mmap
import os
import random
import sys

# The largest size of each file, and of one operation on it. Small files see every edge often; the last has many parts.
FILES = {"small": (20_000, 6_000), "middle": (600_000, 70_000), "large": (40 << 20, 3 << 20)}
PAGE = mmap.PAGESIZE
KEEP_SIZE, PUNCH_HOLE, ZERO_RANGE = 1, 2, 16
SHOWN = 30
NOISE = random.Random(4).randbytes((6 << 20) + 251)

libc = ctypes.CDLL(None, use_errno=True)
libc.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]


class Wrong(Exception):
    pass


class File:
    def __init__(self, name, folder, kept, source, flags=os.O_RDWR | os.O_CREAT):
        self.name = name
        self.path = os.path.join(folder, name)
        self.kept = os.path.join(kept, name)
        self.random = source
        self.largest, self.most = FILES[name]
        self.done = []
        self.content = bytearray()
        if os.path.exists(self.kept):
            with open(self.kept, "rb") as file:
                self.content = bytearray(file.read())
        self.handle = os.open(self.path, flags, 0o644)
        self.operations = {
            "read": 8,
            "map_read": 4,
            "write": 8,
            "append": 2,
            "other_handle": 2,
            "map_write": 6,
            "truncate": 2,
            "cut": 1,
            "empty": 0.3,
            "punch": 2,
            "zero": 2,
            "grow": 1,
            "reserve": 0.5,
            "force": 0.5,
            "reopen": 1,
        }
        self.weights = list(self.operations.values())

    def step(self):
        name = self.random.choices(list(self.operations), self.weights)[0]
        getattr(self, name)()
        size = os.fstat(self.handle).st_size
        if size != len(self.content):
            raise Wrong(f"{self.name} has {size} bytes and should have {len(self.content)}")

    def note(self, *what):
        self.done.append(what)
        del self.done[:-2000]

    def length(self):
        # Often small, and often at an edge of something.
        most = self.random.choice((16, 5000, self.most))
        return self.random.randrange(1, most + 1)

    def place(self, below):
        """Offset and length, both within the first {@code below} bytes."""
        offset = self.random.randrange(below)
        if self.random.random() < 0.3:
            offset -= offset % PAGE
        return offset, min(self.length(), below - offset)

    def inside(self):
        return self.place(len(self.content)) if self.content else (0, 0)

    def anywhere(self):
        return self.place(min(self.largest, len(self.content) + self.most))

    def bytes(self, length):
        start = self.random.randrange(len(NOISE) - length)
        return NOISE[start : start + length]

    def put(self, offset, data):
        self.lengthen(offset)
        self.content[offset : offset + len(data)] = data

    def lengthen(self, size):
        if size > len(self.content):
            self.content.extend(bytes(size - len(self.content)))

    def compare(self, offset, found, how):
        expected = self.content[offset : offset + len(found)]
        if found == expected:
            return
        at = next(i for i, (a, b) in enumerate(zip(found, expected)) if a != b) if len(found) == len(expected) else -1
        raise Wrong(f"{self.name}: byte {offset + at} is wrong as {how} from {offset}, {len(found)} bytes")

    def read(self):
        offset, length = self.inside()
        if length:
            found = os.pread(self.handle, length, offset)
            if len(found) != length:
                raise Wrong(f"{self.name}: {len(found)} of {length} bytes at {offset}")
            self.compare(offset, found, "read")

    def mapped(self, offset, length):
        start = offset - offset % PAGE
        return mmap.mmap(self.handle, offset + length - start, offset=start), offset - start

    def map_read(self):
        offset, length = self.inside()
        if length:
            memory, start = self.mapped(offset, length)
            self.compare(offset, memory[start : start + length], "mapped")
            memory.close()

    def map_write(self):
        offset, length = self.anywhere()
        if offset + length > len(self.content):
            os.ftruncate(self.handle, offset + length)
            self.lengthen(offset + length)
        data = self.bytes(length)
        self.note("map_write", offset, length)
        memory, start = self.mapped(offset, length)
        memory[start : start + length] = data
        if self.random.random() < 0.5:
            memory.flush()
        memory.close()
        self.put(offset, data)

    def write(self):
        offset, length = self.anywhere()
        self.written(self.handle, offset, length)

    def written(self, handle, offset, length):
        data = self.bytes(length)
        self.note("write", offset, length)
        if os.pwrite(handle, data, offset) != length:
            raise Wrong(f"{self.name}: a short write at {offset}")
        self.put(offset, data)

    def append(self):
        length = min(self.length(), self.largest - len(self.content))
        if length > 0:
            data = self.bytes(length)
            self.note("append", len(self.content), length)
            other = os.open(self.path, os.O_WRONLY | os.O_APPEND)
            os.write(other, data)
            os.close(other)
            self.put(len(self.content), data)

    def other_handle(self):
        other = os.open(self.path, os.O_WRONLY)
        self.written(other, *self.anywhere())
        os.close(other)

    def truncate(self):
        size = self.anywhere()[0]
        self.note("truncate", size, len(self.content))
        os.ftruncate(self.handle, size)
        self.resized(size)

    def cut(self):
        size = self.inside()[0]
        self.note("truncate", size, len(self.content))
        os.truncate(self.path, size)
        self.resized(size)

    def resized(self, size):
        del self.content[size:]
        self.lengthen(size)

    def empty(self):
        self.note("empty", 0, len(self.content))
        os.close(os.open(self.path, os.O_WRONLY | os.O_TRUNC))
        self.content.clear()

    def allocate(self, mode, offset, length):
        self.note("fallocate", mode, offset, length)
        if libc.fallocate(self.handle, mode, offset, length):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), self.path)

    def punch(self):
        offset, length = self.anywhere()
        self.allocate(PUNCH_HOLE | KEEP_SIZE, offset, length)
        self.cleared(offset, length)

    def zero(self):
        offset, length = self.anywhere()
        keep = self.random.random() < 0.5
        self.allocate(ZERO_RANGE | (KEEP_SIZE if keep else 0), offset, length)
        if not keep:
            self.lengthen(offset + length)
        self.cleared(offset, length)

    def cleared(self, offset, length):
        end = min(offset + length, len(self.content))
        if end > offset:
            self.content[offset:end] = bytes(end - offset)

    def grow(self):
        offset, length = self.anywhere()
        self.allocate(0, offset, length)
        self.lengthen(offset + length)

    def reserve(self):
        self.allocate(KEEP_SIZE, *self.anywhere())

    def force(self):
        os.fsync(self.handle)

    def reopen(self):
        os.close(self.handle)
        self.handle = os.open(self.path, os.O_RDWR)

    def check(self):
        size = os.fstat(self.handle).st_size
        if size != len(self.content):
            raise Wrong(f"{self.name} has {size} bytes and should have {len(self.content)}")
        for offset in range(0, size, 1 << 20):
            self.compare(offset, os.pread(self.handle, 1 << 20, offset), "read whole")

    def close(self):
        os.close(self.handle)
        with open(self.kept, "wb") as file:
            file.write(self.content)


def run(folder, kept, seed, count):
    source = random.Random(seed)
    files = [File(name, folder, kept, source) for name in FILES]
    file = files[0]
    for i in range(count):
        file = source.choices(files, (8, 8, 1))[0]
        try:
            file.step()
        except (Wrong, OSError) as e:
            print(f"operation {i} of seed {seed}: {e}; the last on this file:")
            for done in file.done[-SHOWN:]:
                print("   ", *done)
            return 1
    for file in files:
        file.check()
        file.close()
    print(f"{count} operations right")
    return 0


def check(folder, kept):
    for name in FILES:
        try:
            File(name, folder, kept, random.Random(0), os.O_RDONLY).check()
        except (Wrong, OSError) as e:
            print(e)
            return 1
    return 0


if sys.argv[1] == "run":
    sys.exit(run(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])))
sys.exit(check(sys.argv[2], sys.argv[3]))
