"""Isle beside raw requests to the same Garage, the bare disk and a passthrough in C, and what each ratio may be."""

import contextlib
import ctypes
import os
import random
import shutil
import statistics
import subprocess
import sys
import time

from garage import RawClient, begin
from measure import LARGE, MIB, PIECE, Clients, Table, pieces, requests_of, shown
from steps import SMALL_FILES, Material, Steps, read_at, timed
from targets import Isle, Passthrough, await_none

# What isle fetches first of a cold file.
BLOCK = 128 << 10
WARMING_PIECES = 64
SAMPLES = 20
ROUNDS = 3
# Of linux/stat.h and linux/fcntl.h: the kernel asks the program, whatever it knows by itself.
AT_FDCWD, AT_STATX_FORCE_SYNC, STATX_BASIC_STATS, STATX_BYTES = -100, 0x2000, 0x7FF, 256
STAT_WARM, STAT_PASSES = 20, 20
BUCKET = "bench-public"


# What is done, the name of its step, how many times the passthrough's time it may take with the store away, and with
# the store and everything that goes there on the same processors.
PLAN = [
    ("1 000 new files of 4 KiB", "create", 1.5, 1.5),
    ("256 MiB written and forced", "write", 1.25, 1.25),
    ("256 MiB read again, page cache dropped", "read", 1.11, 1.11),
    ("tar of 2 000 files unpacked", "untar", 1.5, 2.5),
    ("cp -a of 2 000 files", "copy", 1.5, 2.5),
    ("git clone", "clone", 1.5, 2.5),
    ("git status", "status", 1.5, 2.5),
    ("50 transactions of sqlite", "sqlite", 1.5, 1.5),
    ("100 x 4 KiB, each forced", "forces", 1.67, 1.67),
    ("200 saves by rename", "saves", 1.5, 1.5),
    ("ls -l of 1 000", "list", 1.3, 1.3),
    ("rename of a folder of 1 000", "rename", None, None),
    ("removal of 1 000", "remove", 1.5, 2.5),
]


def small_files(table, isle, raw, garage, steps):
    """New files until the store has them, their content cold, their attributes after a restart."""
    folder = isle.path("small")
    os.mkdir(folder)
    isle.settle()

    def create_and_store():
        steps.create(folder)
        isle.settle()

    def put_all():
        for i in range(SMALL_FILES):
            raw.put(BUCKET, f"raw/f{i}", steps.content)

    def get_all():
        for i in range(SMALL_FILES):
            raw.get(BUCKET, f"small/one/f{i}", 0, len(steps.content) - 1)

    times = []
    did = requests_of(garage, lambda: times.append(timed(create_and_store) - isle.asking))
    holds = did.get("PutObject", 0) <= SMALL_FILES + 1 and did.get("HeadObject", 0) == 0
    table.count(f"requests for {SMALL_FILES} new files of 4 KiB", f"{shown(did)} (one PutObject each, no HeadObject)", holds)
    table.row("  and until they are stored, beside PUTs one by one", times[0], timed(put_all), 1.25)

    isle.cold()
    os.listdir(os.path.join(folder, "one"))
    table.row(f"{SMALL_FILES} cold files of 4 KiB, beside GETs one by one", timed(steps.read_small, folder), timed(get_all), 1.5)

    isle.restart()
    did = requests_of(garage, lambda: steps.list(folder))
    table.count("requests for ls -l of them after a restart", shown(did), not did)
    unknown = isle.path("raw")
    await_none("isle", lambda: not os.path.isdir(unknown))
    did = requests_of(garage, lambda: (os.listdir(unknown), [os.stat(os.path.join(unknown, n)) for n in os.listdir(unknown)]))
    holds = did.get("HeadObject", 0) <= SMALL_FILES
    table.count(f"requests for {SMALL_FILES} names that another program put", shown(did), holds)
    did = requests_of(garage, lambda: [os.stat(os.path.join(unknown, n)) for n in os.listdir(unknown)])
    table.count("  and once more", shown(did), did.get("HeadObject", 0) == 0)


def distinct(content, number):
    """The content with blocks that are in no other piece: of equal ones Garage writes the first only."""
    own = bytearray(content)
    for start in range(0, len(own), MIB):
        own[start : start + 8] = number.to_bytes(8, "big")
    return bytes(own)


def large_file(table, isle, garage, steps):
    folder = isle.path("large")
    os.mkdir(folder)
    clients = Clients(garage)
    with open(steps.material.large, "rb") as file:
        content = file.read(PIECE)
    # Neither has to wait until the disk has what was done before.
    os.sync()
    written = timed(steps.write, folder)
    stored = written + timed(isle.settle) - isle.asking
    os.sync()
    contents = [distinct(content, i) for i in range(LARGE // PIECE)]
    other = timed(pieces, lambda i: clients.own().put(BUCKET, f"pieces/{i}", contents[i]))
    del contents
    table.row("1 GiB until it is stored, beside PUTs of 8 MiB, 4 at once", stored, other, 1 / 0.7)
    await_none("isle", lambda: not os.path.isdir(isle.path("pieces")))
    isle.cold()
    clients.forget()
    # A warmed mount: what a Java machine loads and compiles at first use is there.
    for i in range(WARMING_PIECES):
        read_at(isle.path(f"pieces/{i}"), 0, PIECE)
    mine = timed(steps.read, folder)
    other = timed(pieces, lambda i: clients.own().get(BUCKET, "large/large", i * PIECE, (i + 1) * PIECE - 1))
    table.row("1 GiB read cold, beside GETs of 8 MiB, 4 at once", mine, other, 1 / 0.7)


def first_bytes(table, isle, raw, steps):
    """Of cold files on a warmed mount: what a Java machine loads at first use is there."""
    os.mkdir(isle.path("first"))
    for i in range(SAMPLES):
        with open(isle.path(f"first/f{i}"), "wb") as file, open(steps.material.large, "rb") as source:
            file.write(source.read(64 * MIB))
    isle.settle()
    isle.cold()
    os.listdir(isle.path("first"))
    steps.read_small(isle.path("small"))
    times = {"first byte": ([], []), "  then one at 3/4": ([], [])}
    # In no order, so that nothing is fetched because the one before it was read.
    for i in random.Random(5).sample(range(SAMPLES), SAMPLES):
        path = isle.path(f"first/f{i}")
        os.stat(path)
        for offset, (ours, theirs) in zip((0, 48 * MIB), times.values()):
            ours.append(timed(read_at, path, offset, 1))
            # What is read ahead meanwhile is not what is measured.
            time.sleep(0.5)
            theirs.append(timed(raw.get, BUCKET, f"first/f{i}", offset, offset + BLOCK - 1))
    for what, (ours, theirs) in times.items():
        mine, other = statistics.median(ours), statistics.median(theirs)
        table.row(f"{what} of a cold file of 64 MiB, beside a ranged GET", mine, other, None, "+ 2 ms", mine <= other + 0.002)


def compare(table, isle, passthrough, steps, away):
    """One row a step: the median of rounds in turn on both."""
    for what, name, alone, beside in PLAN:
        times = ([], [])
        for round in range(ROUNDS):
            for target, kept in zip((isle, passthrough), times):
                folder = target.path(f"{name}{'-away' if away else ''}{round}")
                os.mkdir(folder)
                steps.prepare(name, folder)
                if not away:
                    target.settle()
                kept.append(timed(getattr(steps, name), folder))
        if away:
            # What is left for the store when it comes back would take it minutes.
            for target in (isle, passthrough):
                for round in range(ROUNDS):
                    shutil.rmtree(target.path(f"{name}-away{round}"))
        mine, other = statistics.median(times[0]), statistics.median(times[1])
        if name == "rename":
            table.row(what, mine, other, None, "<= 5 ms", mine <= 0.005)
        else:
            table.row(what, mine, other, alone if away else beside)


def per_stat(table, isle, passthrough, steps):
    """Processor time of the program for one stat that the kernel may not answer by itself."""
    libc = ctypes.CDLL(None, use_errno=True)
    answer = ctypes.create_string_buffer(STATX_BYTES)
    used = []
    for target in (isle, passthrough):
        folder = target.path("stats")
        os.mkdir(folder)
        steps.create(folder)
        target.settle()
        names = [os.fsencode(os.path.join(folder, "one", f"f{i}")) for i in range(SMALL_FILES)]
        for done in range(STAT_WARM + STAT_PASSES):
            if done == STAT_WARM:
                before = target.cpu()
            for name in names:
                if libc.statx(AT_FDCWD, name, AT_STATX_FORCE_SYNC, STATX_BASIC_STATS, answer):
                    raise OSError(ctypes.get_errno(), "statx", name)
        used.append((target.cpu() - before) / (STAT_PASSES * SMALL_FILES))
    table.row("processor time for one stat", *used, 1.5)


def daily_work(table, isle, garage, folder, material):
    with contextlib.ExitStack() as stack:
        passthrough = Passthrough(folder)
        stack.callback(passthrough.end)
        steps = Steps(material)
        table.heading("Beside a passthrough in C, with the store and all that goes there on the same processors")
        compare(table, isle, passthrough, steps, False)
        isle.settle()
        per_stat(table, isle, passthrough, steps)
        table.heading("The same with the store away")
        with garage.away():
            compare(table, isle, passthrough, steps, True)
        isle.settle()


def saves(table, isle, garage, steps):
    folder = isle.path("counted")
    os.mkdir(folder)
    isle.settle()
    did = requests_of(garage, lambda: (steps.saves(folder), isle.settle()))
    table.count("requests for 200 saves by rename", shown(did), did.get("PutObject", 0) <= 20)


def starts(table, isle):
    isle.isle("unmount")
    took = timed(isle.start)
    table.row("isle mount of a known profile", took, 1.5, None, "<= 1.5 s", took <= 1.5)


def beyond_cap(table, isle, folder, source):
    isle.start()
    mine = timed(shutil.copyfile, source, isle.path("beyond"))
    other = timed(shutil.copyfile, source, os.path.join(folder, "copy"))
    table.row("cp of 1 GiB through a journal of 256 MiB, beside the disk", mine, other, None, "works")
    table.row("  and until the store has it", mine + timed(isle.settle) - isle.asking, other)
    subprocess.run(["cmp", source, isle.path("beyond")], check=True)


def main(root, milliseconds, where=None):
    with contextlib.ExitStack() as stack:
        folder, garage = begin(stack, where, milliseconds)
        isle = Isle("isle", root, folder, garage)
        stack.callback(isle.end)
        isle.start()
        raw = RawClient(garage)
        table = Table()
        time.sleep(2)
        table.count("resident memory idle", f"{isle.memory('VmRSS'):.0f} MiB (<= 180)", isle.memory("VmRSS") <= 180)
        steps = Steps(Material(os.path.join(folder, "material"), LARGE))
        small_files(table, isle, raw, garage, steps)
        large_file(table, isle, garage, steps)
        first_bytes(table, isle, raw, steps)
        saves(table, isle, garage, steps)
        starts(table, isle)
        daily_work(table, isle, garage, folder, Material(os.path.join(folder, "daily"), 256 * MIB))
        table.count("most resident memory meanwhile", f"{isle.memory():.0f} MiB (<= 450)", isle.memory() <= 450)
        isle.end()
        small = Isle("isle-small", root, folder, garage, "journal:\n  cap: 256MiB\n")
        stack.callback(small.end)
        beyond_cap(table, small, folder, steps.material.large)
        return 1 if table.missed else 0


sys.exit(main(*sys.argv[1:]))
