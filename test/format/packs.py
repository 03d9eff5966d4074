"""The bytes of a vault by what crypto/FORMAT.md says: sealed objects, packs, contents."""

import collections
import os
import re
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HEADER, SEGMENT, TAG = 40, 65536, 16
INDEX, PAYLOAD, BLOCK, LEAF, HISTORY, ROOT = 1, 2, 3, 4, 7, 8
GONE, GONE_AT, HERE, MADE, MOVED = range(5)
FILE, DIRECTORY, SYMLINK = 1, 2, 3
KINDS = {FILE: "file", DIRECTORY: "directory", SYMLINK: "symlink", 4: "fifo", 5: "socket", 6: "character-device",
         7: "block-device"}
LONGEST_NAME = 255
MOST_BLOCK, MOST_LIST = 4 << 20, 1 << 20
PACK_KEY = re.compile(r"[dp]/([0-9a-f]{32})/[0-9a-f]\.([1-9][0-9]{0,9})\.([0-9a-f]{32})\.([1-9][0-9]{0,9})")

COPY = re.compile(r"([0-9a-f]{32})\.([1-9][0-9]{0,8})")

Key = collections.namedtuple("Key", "path directory pack generation length")
Pack = collections.namedtuple("Pack", "key seen cover records")
Cover = collections.namedtuple("Cover", "dots gone ended parts")
Record = collections.namedtuple(
    "Record", "state dot name host lamport seconds birth supersedes ends place before inode attributes content")
Attributes = collections.namedtuple("Attributes", "kind permissions size mtime target more")


class Damage(Exception):
    """An object that is missing or not what it should be."""

    def __init__(self, item, why):
        super().__init__(why)
        self.item = item


def open_sealed(key, binding, data, item):
    """The plain bytes of a sealed object, all of them or none."""
    segments = [data[max(at, HEADER):at + SEGMENT] for at in range(0, len(data), SEGMENT)]
    if len(data) < HEADER + TAG or data[0] != HEADER or (len(segments) > 1 and len(segments[-1]) <= TAG):
        raise Damage(item, "is not a sealed object")
    cipher = AESGCM(HKDF(SHA256(), 32, data[1:33], binding).derive(key))
    plain = []
    try:
        for number, segment in enumerate(segments):
            last = number == len(segments) - 1
            plain.append(cipher.decrypt(data[33:HEADER] + number.to_bytes(4, "big") + bytes([last]), segment, None))
    except InvalidTag:
        raise Damage(item, "does not open: it was changed, or the key is another") from None
    return b"".join(plain)


class Dots:
    """A set of dots, kept as runs."""

    def __init__(self, runs):
        self.runs = collections.defaultdict(list)
        for incarnation, first, last in runs:
            self.runs[incarnation].append((first, last))

    def __contains__(self, dot):
        return any(first <= dot[1] <= last for first, last in self.runs.get(dot[0], ()))


class Section:
    """An index section, or another list of things, read from its beginning to its end."""

    def __init__(self, key, data, what="a pack"):
        self.key, self.data, self.at, self.what = key, data, 0, what
        self.payload = 0
        self.incarnations, self.hosts = (), ()
        self.counter = self.lamport = self.seconds = 0

    def need(self, fine, why):
        if not fine:
            raise Damage(self.key.path, "is not %s: %s" % (self.what, why))

    def take(self, count):
        self.need(count <= len(self.data) - self.at, "it ends too early")
        self.at += count
        return self.data[self.at - count:self.at]

    def byte(self):
        return self.take(1)[0]

    def number(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 127) << shift
            self.need(value < 1 << 64, "a number is too large")
            if byte < 128:
                return value
            shift += 7

    def signed(self):
        value = self.number()
        return ~(value >> 1) if value & 1 else value >> 1

    def some(self, read):
        return tuple(read() for _ in range(self.number()))

    def id(self):
        return self.take(16)

    def raw(self):
        """A text that is bytes: a name, a target, a value."""
        count = self.number()
        self.need(not count & 1, "bytes are written as characters")
        return self.take(count >> 1)

    def characters(self):
        count = self.number()
        wide = count & 1
        return self.take((count >> 1) * (1 + wide)).decode("utf-16-be" if wide else "latin-1", "replace")

    def name(self):
        name = self.raw()
        self.need(1 <= len(name) <= LONGEST_NAME and not {0, 47} & set(name) and name != b".", "a name is none")
        return name

    def place(self):
        parent, name = self.id(), self.name()
        self.need(name != b"..", "a name is none")
        return parent, name

    def of(self, values):
        number = self.number()
        self.need(number < len(values), "it has a number of nothing")
        return values[number]

    def dot(self):
        return self.of(self.incarnations), self.number()

    def incarnation(self):
        return int.from_bytes(self.take(8), "big", signed=True)

    def runs(self):
        """One incarnation's runs of a set of dots; counters begin with 1."""
        incarnation, runs, after = self.of(self.incarnations), [], 1
        for _ in range(self.number()):
            first = after + self.number()
            after = first + self.number() + 1
            runs.append((incarnation, first, after - 1))
        return runs

    def dots(self):
        return Dots(run for runs in self.some(self.runs) for run in runs)

    def pack(self):
        self.need(self.byte() == 1, "it has a format that this program does not know")
        flags = self.byte()
        self.need(flags < 4, "it has flags that this program does not know")
        self.payload = self.number()
        self.incarnations = self.some(self.incarnation)
        self.hosts = self.some(self.characters)
        seen = self.some(self.dot)
        if flags & 2:
            self.id()
        cover = Cover(self.dots(), self.dots(), self.dots(), self.some(self.id)) if flags & 1 else None
        records = self.some(self.record)
        self.need(not any(self.data[self.at:]), "it does not end in zeros")
        return Pack(self.key, seen, cover, records)

    def history(self):
        """What a history pack says: groups of a time and records."""
        self.need(self.byte() == 1, "it has a format that this program does not know")
        self.incarnations = self.some(self.incarnation)
        self.hosts = self.some(self.characters)
        groups = self.some(lambda: (self.number(), self.some(self.record)))
        self.need(not any(self.data[self.at:]), "it does not end in zeros")
        for _, records in groups:
            own = [r for r in records if r.state == HERE and r.content[0] == "pack" and r.content[2] == self.key.pack]
            self.need(not own, "it has no payload")
        return groups

    def record(self):
        head = self.byte()
        state = head & 7
        self.need(head < 16 and state <= MOVED, "a record has an unknown state")
        incarnation = self.of(self.incarnations)
        self.counter += self.signed()
        self.need(0 <= self.counter < 1 << 63, "a counter is too large")
        dot, name, host = (incarnation, self.counter), self.name(), self.of(self.hosts)
        self.lamport += self.signed()
        self.seconds += self.signed()
        self.number()
        self.need((name == b"..") == (state in (GONE_AT, MADE, MOVED)), "a record has another's state")
        birth = dot if head & 8 else self.dot()
        supersedes, ends = self.some(self.dot), self.some(self.dot)
        place = self.place() if state in (GONE_AT, MADE, MOVED) else None
        before = self.place() if state == MOVED else None
        here = (self.id(), self.attributes(), self.content()) if state == HERE else (None, None, None)
        return Record(state, dot, name, host, self.lamport, self.seconds, birth, supersedes, ends, place, before, *here)

    def attributes(self):
        kind, permissions = self.byte(), self.number()
        self.need(kind in KINDS, "a file has an unknown kind")
        owners, size = (self.signed(), self.signed()), self.number()
        mtime = self.signed() * 10**9 + self.number()
        more = owners + (self.signed(), self.number(), self.signed())
        target = self.raw()
        return Attributes(kind, permissions, size, mtime, target, more + self.some(lambda: (self.raw(), self.raw())))

    def content(self):
        """What is in this pack is named as other packs name it, so that it compares equal."""
        kind = self.byte()
        self.need(kind <= 4, "a content is of an unknown form")
        if kind == 0:
            return ("none",)
        if kind == 1:
            offset, length = self.number(), self.number()
            self.need(offset + length <= self.payload, "a content is longer than its payload")
            return "pack", self.key.directory, self.key.pack, self.key.generation, offset, length
        if kind == 2:
            return "pack", self.id(), self.id(), self.number(), self.number(), self.number()
        if kind == 3:
            return "blocks", self.some(self.object)
        return "tree", self.object(), self.number()

    def object(self):
        return self.id(), self.number(), self.number()

    def listed(self, read):
        """What a root or a leaf of a tree of blocks lists."""
        self.need(self.byte() == 1, "it has a format that this program does not know")
        found = self.some(read)
        self.need(self.at == len(self.data), "there is more in it than its list")
        return found


class Store:
    """The objects, the key, and what was found to be wrong."""

    def __init__(self, folder):
        self.folder = folder
        self.problems = {}
        self.last = (None, None)
        with open(os.path.join(folder, "key.txt"), encoding="ascii") as file:
            self.vault, key = (bytes.fromhex(line) for line in file.read().split())
        self.keys = {1: key}
        self.packs = self.pack_keys("d")
        self.past = self.pack_keys("p")

    def report(self, item, why):
        self.problems.setdefault(item, str(why))

    def open(self, generation, owner, item_id, role, data, item):
        if generation not in self.keys:
            raise Damage(item, "is sealed under generation %d, whose key is not here" % generation)
        binding = b"\1isle-object" + self.vault + generation.to_bytes(4, "big") + owner + item_id + bytes([role])
        return open_sealed(self.keys[generation], binding, data, item)

    def bytes_of(self, path):
        try:
            with open(os.path.join(self.folder, path), "rb") as file:
                return file.read()
        except OSError as e:
            raise Damage(path, "cannot be read: " + e.strerror) from None

    def pack_keys(self, prefix):
        """The keys in d/ or p/, by directory; what is no key is reported."""
        found = collections.defaultdict(list)
        top = os.path.join(self.folder, prefix)
        for folder, _, names in os.walk(top):
            for name in sorted(names):
                path = os.path.relpath(os.path.join(folder, name), self.folder)
                match = PACK_KEY.fullmatch(path)
                if match:
                    directory, generation, pack, length = match.groups()
                    key = Key(path, bytes.fromhex(directory), bytes.fromhex(pack), int(generation), int(length))
                    found[key.directory].append(key)
                else:
                    self.report(path, "is not the key of a pack")
        return found

    def pack(self, key):
        data = self.bytes_of(key.path)
        plain = self.open(key.generation, key.directory, key.pack, INDEX, data[:key.length], key.path)
        section = Section(key, plain)
        pack = section.pack()
        section.need((len(data) > key.length) == (section.payload > 0), "its payload has another size")
        return pack

    def history(self, key):
        """The records of a history pack, in groups."""
        data = self.bytes_of(key.path)
        if len(data) != key.length:
            raise Damage(key.path, "has another length than its key says")
        return Section(key, self.open(key.generation, key.directory, key.pack, HISTORY, data, key.path)).history()

    def payload(self, directory, pack, generation):
        """The payload section of a pack, from d/ or, once a compaction took the pack in, from b/."""
        if self.last[0] != (directory, pack, generation):
            path, start = self.copy_of(pack)
            for key in self.packs.get(directory, ()):
                if key.pack == pack:
                    path, start = key.path, key.length
            data = self.bytes_of(path)[start:]
            self.last = (directory, pack, generation), self.open(generation, directory, pack, PAYLOAD, data, path)
        return self.last[1]

    def copy_of(self, pack):
        """Where the copy of a pack is that a compaction took in, and the length of its index section."""
        for name in os.listdir(os.path.join(self.folder, "b")):
            match = COPY.fullmatch(name)
            if match and match.group(1) == pack.hex():
                return "b/" + name, int(match.group(2))
        return "b/" + pack.hex() + ".*", 0

    def object(self, inode, role, item, generation, length, most):
        path = "b/" + item.hex()
        if length > most:
            raise Damage(path, "has more bytes than it may")
        plain = self.open(generation, inode, item, role, self.bytes_of(path), path)
        if length > len(plain) or any(plain[length:]):
            raise Damage(path, "has another length than its file says")
        return plain[:length]

    def block(self, inode, block):
        return self.object(inode, BLOCK, *block, MOST_BLOCK)

    def listed(self, inode, role, node, length, read):
        """What a root or a leaf names, with as many bytes of the file as are said to be in it."""
        key = Key("b/" + node[0].hex(), None, None, None, None)
        section = Section(key, self.object(inode, role, *node, MOST_LIST), "a list of blocks")
        found = section.listed(lambda: read(section))
        lengths = [each[-1] for each in found]
        section.need(all(lengths) and sum(lengths) == length, "it has other bytes than what names it says")
        return found

    def leaves(self, inode, root, length):
        return self.listed(inode, ROOT, root, length, lambda section: (section.object(), section.number()))

    def blocks(self, inode, leaf, length):
        return self.listed(inode, LEAF, leaf, length, Section.object)

    def content(self, record):
        """The bytes of a file."""
        form, *where = record.content
        if form == "tree":
            leaves = self.leaves(record.inode, *where)
            blocks = [block for leaf in leaves for block in self.blocks(record.inode, *leaf)]
            return b"".join(self.block(record.inode, block) for block in blocks)
        if form == "blocks":
            return b"".join(self.block(record.inode, block) for block in where[0])
        if form == "none":
            return b""
        directory, pack, generation, offset, length = where
        plain = self.payload(directory, pack, generation)
        if offset + length > len(plain):
            raise Damage("b/" + pack.hex(), "is shorter than a file says")
        return plain[offset:offset + length]
