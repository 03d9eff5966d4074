#!/usr/bin/env python3
"""Reads a vault by what crypto/FORMAT.md says alone; it shares no code with the program.

    vault.py FOLDER list            kind, permissions, size and path of everything in the vault
    vault.py FOLDER cat PATH        the bytes of a file
    vault.py FOLDER extract TARGET  writes files, directories and symlinks into TARGET, which is new or empty
    vault.py FOLDER history         directory, Lamport time, what, size and name of everything that compactions have
                                    dropped; the bytes of files are read, too

FOLDER has the objects of the bucket, each under its key, and key.txt: the vault id (32 hexadecimal digits) and, on a
second line, the vault key of generation 1 (64 digits). What is damaged or missing is said in a sentence each, the rest
is still shown, and the exit code is 1.
"""

import collections
import datetime
import os
import re
import sys

from packs import DIRECTORY, FILE, GONE_AT, HERE, KINDS, LONGEST_NAME, MOVED, SYMLINK, Attributes, Damage, Store

EPOCH = datetime.datetime(1970, 1, 1)
UNNAMED = Attributes(DIRECTORY, 0o755, 0, 0, b"", ())

Place = collections.namedtuple("Place", "parent name record")


def later(record):
    """What orders records: the larger is the later."""
    return record.lamport, record.dot


class Joined:
    """The joined state of one directory."""

    def __init__(self, packs):
        self.records = {record for pack in packs for record in pack.records}
        self.dots = {record.dot for record in self.records}
        self.gone = {dot for record in self.records for dot in record.supersedes}
        self.ended = {birth for record in self.records for birth in record.ends}
        self.covers, self.missing_parts = [], set()
        by_id = {pack.key.pack: pack for pack in packs}
        for pack in packs:
            if pack.cover:
                self.take_in(pack, by_id)

    def take_in(self, root, by_id):
        """A root counts once all its parts are there."""
        missing = {part for part in root.cover.parts if part not in by_id}
        self.missing_parts |= missing
        if not missing:
            whole = [root] + [by_id[part] for part in root.cover.parts]
            self.covers.append((root.cover, {record.dot for pack in whole for record in pack.records}))

    def knows(self, dot):
        return dot in self.dots or any(dot in cover.dots for cover, _ in self.covers)

    def is_gone(self, dot):
        return dot in self.gone or any(
            dot in cover.gone or (dot in cover.dots and dot not in carried) for cover, carried in self.covers)

    def has_ended(self, birth):
        return birth in self.ended or any(birth in cover.ended for cover, _ in self.covers)

    def live(self):
        return [record for record in self.records if not self.is_gone(record.dot)
                and (record.birth == record.dot or not self.has_ended(record.birth))]


def join(store, directory):
    """Joins the packs of a directory that can be read, and reports the others and what is missing."""
    packs, name = [], "d/" + directory.hex()
    for key in store.packs.get(directory, ()):
        try:
            packs.append(store.pack(key))
        except Damage as e:
            store.report(e.item, e)
    joined = Joined(packs)
    if len(packs) == len(store.packs.get(directory, ())):
        for part in joined.missing_parts:
            store.report(name + "/*." + part.hex(), "is missing: it is a part of a compaction")
        if not all(joined.knows(dot) for pack in packs for dot in pack.seen):
            store.report(name, "lacks a pack: others have seen more of it")
    if len(joined.dots) < len(joined.records):
        store.report(name, "has two records of one dot")
    return joined.live()


def is_directory(record):
    return record.state == HERE and record.attributes.kind == DIRECTORY


def register(records):
    """What says where a directory is: a move beside a removal counts, else the later."""
    found = [record for record in records if record.name == b".."]
    if any(record.state == MOVED for record in found):
        found = [record for record in found if record.state != GONE_AT]
    return max(found, key=later, default=None)


def conflict_name(record, more=""):
    """The name of a copy, from its own record."""
    try:
        date = (EPOCH + datetime.timedelta(seconds=record.seconds)).strftime("%Y-%m-%d %H.%M.%S")
    except OverflowError:
        date = str(record.seconds)
    mark = re.sub("[/\0]", "_", " (conflict %s %s%s)" % (record.host, date, more)).encode("utf-8", "replace")
    dot = record.name.rfind(b".")
    stem, end = (record.name[:dot], record.name[dot:]) if dot > 0 else (record.name, b"")
    room = LONGEST_NAME - len(mark) - len(end)
    if len(stem) > room:
        while room > 0 and stem[room] & 0xC0 == 0x80:
            room -= 1
        stem = stem[:max(room, 0)]
    return stem + mark + end


def shown(records):
    """The names that records show, with the records of each, the latest first."""
    names, result, copies = collections.defaultdict(dict), {}, []
    for record in sorted(records, key=later, reverse=True):
        sibling = "directory" if is_directory(record) else (record.inode, record.content)
        names[record.name].setdefault(sibling, []).append(record)
    for name, siblings in names.items():
        result[name], *others = siblings.values()
        copies += others
    for copy in sorted(copies, key=lambda records: later(records[0]), reverse=True):
        name, more = conflict_name(copy[0]), " %x-%d" % (copy[0].dot[0] & (1 << 64) - 1, copy[0].dot[1])
        if any(real[0].inode == copy[0].inode for real in names.get(name, {}).values()):
            continue
        while name in result:
            name, more = conflict_name(copy[0], more), more + "_"
        result[name] = copy
    return result


class Tree:
    """Where each directory is, and what it shows."""

    def __init__(self, store):
        self.store, self.root = store, store.vault
        self.live = {directory: join(store, directory) for directory in store.packs}
        if self.root not in self.live:
            store.report("d/" + self.root.hex(), "is missing: it is the root")
        self.places = {}
        self.find_places()
        self.break_cycles()
        self.alive = self.find_alive()
        self.children = collections.defaultdict(list)
        for directory, place in self.places.items():
            self.children[place.parent].append(directory)

    def find_places(self):
        """By their registers; one whose register is not there is where the latest entry names it."""
        named = {}
        for parent, records in self.live.items():
            for record in filter(is_directory, records):
                place = Place(parent, record.name, record)
                named[record.inode] = max(named.get(record.inode, place), place, key=lambda p: later(p.record))
        for directory in (set(self.live) | set(named)) - {self.root}:
            found = register(self.live.get(directory, ()))
            if found:
                self.places[directory] = Place(*found.place, found)
                continue
            self.store.report("d/" + directory.hex(), "does not say where this directory is")
            if directory in named:
                self.places[directory] = named[directory]

    def cycling(self):
        """The directories that are within themselves."""
        found, done = set(), set()
        for at in self.places:
            path = []
            while at in self.places and at not in done:
                done.add(at)
                path.append(at)
                at = self.places[at].parent
            if at in path:
                found.update(path[path.index(at):])
        return found

    def leads_to(self, at, goal):
        passed = set()
        while at in self.places and at not in passed and at != goal:
            passed.add(at)
            at = self.places[at].parent
        return at == goal

    def break_cycles(self):
        """At the latest register: where it was before, or in the root."""
        cycling = self.cycling()
        while cycling:
            latest = max(cycling, key=lambda directory: later(self.places[directory].record))
            _, name, record = self.places[latest]
            parent, name = record.before or (self.root, name)
            self.places[latest] = Place(self.root if self.leads_to(parent, latest) else parent, name, record)
            cycling = self.cycling()

    def find_alive(self):
        """Those not removed, and the removed ones that have a file or a living directory."""
        alive = {self.root}
        for directory, place in self.places.items():
            has_file = any(r.state == HERE and not is_directory(r) for r in self.live.get(directory, ()))
            if has_file or place.record.state != GONE_AT:
                while directory in self.places and directory not in alive:
                    alive.add(directory)
                    directory = self.places[directory].parent
        for directory in alive - {self.root}:
            parent = self.places[directory].parent
            if parent not in alive:
                self.store.report("d/" + parent.hex(), "is missing: a directory is in it")
        return alive

    def records(self, directory):
        """The records that a directory shows; one is made up for a living directory that none names."""
        named = {}
        for record in self.live.get(directory, ()):
            if is_directory(record):
                place = self.places.get(record.inode)
                if place and place.parent == directory and record.inode in self.alive:
                    named[record.inode] = max(named.get(record.inode, record), record, key=later)
            elif record.state == HERE:
                yield record
        yield from named.values()
        for child in self.children[directory]:
            if child in self.alive and child not in named:
                _, name, record = self.places[child]
                yield record._replace(state=HERE, name=name, inode=child, attributes=UNNAMED, content=("none",))

    def walk(self):
        """Each path with its latest record; directories of one name are one."""
        todo = [(b"", [self.root])]
        while todo:
            path, directories = todo.pop()
            records_of_all = [record for directory in directories for record in self.records(directory)]
            for name, records in shown(records_of_all).items():
                yield path + b"/" + name, records[0]
                if is_directory(records[0]):
                    todo.append((path + b"/" + name, [record.inode for record in records]))


def listed(path):
    """A path in one line."""
    return path.replace(b"\\", b"\\\\").replace(b"\n", b"\\n")


def bytes_of(store, path, record):
    """A file's bytes, as many as its size says."""
    content = store.content(record)
    if len(content) != record.attributes.size:
        raise Damage(os.fsdecode(path), "has another size than its content")
    return content


def list_all(paths):
    for path, record in sorted(paths.items()):
        kind, permissions, size = record.attributes[:3]
        target = b" -> " + listed(record.attributes.target) if kind == SYMLINK else b""
        line = b"%s %o %d %s%s\n" % (KINDS[kind].encode(), permissions, size, listed(path), target)
        sys.stdout.buffer.write(line)


def cat(store, paths, path):
    record = paths.get(b"/" + path.strip(b"/"))
    if record is None or record.attributes.kind != FILE:
        store.report(os.fsdecode(path), "is not a file of this vault")
        return
    try:
        sys.stdout.buffer.write(bytes_of(store, path, record))
    except Damage as e:
        store.report(e.item, e)


def make(store, target, path, record):
    """Makes one file, directory or symlink; nothing that is there already is followed or changed."""
    where, kind = target + path, record.attributes.kind
    try:
        if kind == DIRECTORY:
            os.mkdir(where, 0o700)
        elif kind == SYMLINK:
            os.symlink(record.attributes.target, where)
        elif kind == FILE:
            content = bytes_of(store, path, record)
            with open(where, "xb") as file:
                file.write(content)
    except Damage as e:
        store.report(e.item, e)
    except (OSError, ValueError) as e:
        store.report(os.fsdecode(path), "cannot be written: %s" % e)


def extract(store, paths, target):
    """Symlinks come last, so that no path leads through one; permissions last of all."""
    os.makedirs(target, exist_ok=True)
    if os.listdir(target):
        sys.exit("%s is not empty." % os.fsdecode(target))
    for symlinks in (False, True):
        for path, record in sorted(paths.items()):
            if (record.attributes.kind == SYMLINK) == symlinks:
                make(store, target, path, record)
    for path, record in sorted(paths.items(), reverse=True):
        where, kind = target + path, record.attributes.kind
        if kind in (FILE, DIRECTORY) and os.path.lexists(where):
            os.chmod(where, record.attributes.permissions & 0o777)


def list_past(store):
    """Each record once, whatever history packs it is in."""
    for directory in sorted(store.past):
        records = set()
        for key in store.past[directory]:
            try:
                records.update(record for _, group in store.history(key) for record in group)
            except Damage as e:
                store.report(e.item, e)
        for record in sorted(records, key=later):
            size, kind = 0, "register" if record.name == b".." else "gone"
            if record.state == HERE:
                size, kind = record.attributes.size, KINDS[record.attributes.kind]
                if record.attributes.kind == FILE:
                    try:
                        bytes_of(store, record.name, record)
                    except Damage as e:
                        store.report(e.item, e)
            line = "%s %d %s %d " % (directory.hex(), record.lamport, kind, size)
            sys.stdout.buffer.write(line.encode() + listed(record.name) + b"\n")


def main(arguments):
    command = arguments[1:2]
    if (command, len(arguments)) not in ((["list"], 2), (["history"], 2), (["cat"], 3), (["extract"], 3)):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        store = Store(arguments[0])
    except (OSError, ValueError) as e:
        sys.exit("%s is not a vault with its key: %s." % (arguments[0], e))
    paths = dict(Tree(store).walk())
    if command == ["list"]:
        list_all(paths)
    elif command == ["history"]:
        list_past(store)
    elif command == ["cat"]:
        cat(store, paths, os.fsencode(arguments[2]))
    else:
        extract(store, paths, os.fsencode(arguments[2]))
    for item, why in sorted(store.problems.items()):
        print("%s %s." % (item, why), file=sys.stderr)
    return 1 if store.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
