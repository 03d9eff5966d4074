"""private/ beside raw requests to the same Garage and a passthrough in C: the bars of the vault."""

import contextlib
import json
import os
import subprocess
import sys
import tarfile
import urllib.request

from garage import RawClient, begin
from measure import LARGE, MIB, PIECE, Clients, Table, pieces, requests_of, shown
from steps import SMALL_FILES, Material, Steps, timed
from targets import Isle, Passthrough

BUCKET = "bench-private-private"
RAW = "raw"
MANY, MOST = 10_000, 100_000
FOLDERS, FILES = 117, 2000
WRITES = ("PutObject", "CopyObject", "UploadPart", "CreateMultipartUpload", "CompleteMultipartUpload")
READS = ("GetObject", "HeadObject", "ListObjectsV2")


def total(did, names=None):
    return sum(count for name, count in did.items() if names is None or name in names)


def asked(garage, path):
    question = urllib.request.Request(f"http://127.0.0.1:{garage.admin}/v2/{path}")
    question.add_header("Authorization", "Bearer " + garage.token)
    with urllib.request.urlopen(question, timeout=5) as answer:
        return json.load(answer)


def stored(garage):
    """Bytes of all objects of the bucket."""
    for each in asked(garage, "ListBuckets"):
        if BUCKET in each["globalAliases"] + [own["alias"] for own in each["localAliases"]]:
            return asked(garage, "GetBucketInfo?id=" + each["id"])["bytes"]
    return sys.exit(f"Garage has no bucket {BUCKET}")


def sequential(table, isle, passthrough, garage, steps):
    folder, beside = isle.path("large"), passthrough.path("large")
    os.mkdir(folder)
    os.mkdir(beside)
    raw = RawClient(garage)
    raw.create_bucket(RAW)
    clients = Clients(garage)
    with open(steps.material.large, "rb") as file:
        content = file.read(PIECE)
    for i in range(LARGE // PIECE):
        raw.put(RAW, f"pieces/{i}", content)
    before = stored(garage)
    os.sync()
    mine = timed(steps.write, folder)
    isle.settle()
    os.sync()
    table.row("1 GiB written and forced, beside a passthrough", mine, timed(steps.write, beside), 1 / 0.7)
    overhead = (stored(garage) - before) / LARGE - 1
    table.count("space that it takes more", f"{100 * overhead:.2f} % (<= 1)", overhead <= 0.01)
    isle.settle()
    os.sync()
    for each in (folder, beside):
        steps.read(each)
        steps.drop_large(each)
    mine = timed(steps.read, folder)
    table.row("1 GiB read again, page cache dropped", mine, timed(steps.read, beside), 1 / 0.7)
    isle.cold()
    mine = timed(steps.read, folder)
    other = timed(pieces, lambda i: clients.own().get(RAW, f"pieces/{i}", 0, PIECE - 1))
    table.row("1 GiB read cold, beside GETs of 8 MiB, 4 at once", mine, other, 1 / 0.65)
    before = stored(garage)
    with open(os.path.join(folder, "large"), "r+b") as file:
        file.seek(LARGE // 3)
        file.write(os.urandom(4096))
    isle.settle()
    grown = stored(garage) - before
    # The old block is history, and stays.
    table.count("stored for 4 KiB changed in it", f"{grown / MIB:.1f} MiB (<= 5)", grown <= 5 * MIB)


def small_files(table, isle, passthrough, garage, steps):
    folder, beside = isle.path("small"), passthrough.path("small")
    os.mkdir(folder)
    os.mkdir(beside)
    isle.settle()
    before = stored(garage)
    times = []

    def create_and_store():
        times.append(timed(steps.create, folder))
        times.append(times[0] + timed(isle.settle) - isle.asking)

    did = requests_of(garage, create_and_store)
    table.row("1 000 new files of 4 KiB, beside a passthrough", times[0], timed(steps.create, beside), 1.5)
    table.row("  and until they are stored", times[1], 1.0, None, "<= 1 s", times[1] <= 1)
    table.count("  requests for it", f"{shown(did)} (<= 12)", total(did) <= 12)
    each = (stored(garage) - before) / SMALL_FILES - len(steps.content)
    table.count("  space that each takes more, padding with it", f"{each:.0f} B", each <= 300 + len(steps.content) * 0.12)
    isle.cold()
    did = requests_of(garage, lambda: times.append(timed(steps.read_small, folder)))
    table.row("1 000 read cold", times[2], 0.5, None, "<= 0.5 s", times[2] <= 0.5)
    table.count("  requests for it", f"{shown(did)} (<= 16)", total(did) <= 16)
    isle.cold(of_names=True)
    did = requests_of(garage, lambda: steps.list(folder))
    table.count("requests for ls -l of them, of which nothing is known", f"{shown(did)} (<= 10)", total(did) <= 10)


def fill(folder, count):
    for i in range(count):
        os.close(os.open(os.path.join(folder, f"f{i}"), os.O_CREAT | os.O_WRONLY, 0o644))


def many_files(table, isle, passthrough, garage):
    folders = {}
    for target in (isle, passthrough):
        for count in (MANY, MOST):
            folders[target.name, count] = target.path(f"many{count}")
            os.mkdir(folders[target.name, count])
            fill(folders[target.name, count], count)
    isle.settle()
    mine, renamed, inner = folders[isle.name, MANY], isle.path("renamed"), isle.path("inner")
    os.mkdir(inner)
    isle.settle()
    times = []
    did = requests_of(garage, lambda: (times.append(timed(os.rename, mine, renamed)), isle.settle()))
    table.row("rename of a folder of 10 000 in place", times[0], 0.02, None, "<= 20 ms", times[0] <= 0.02)
    table.count("  requests for it", f"{shown(did)} (1 PutObject)", total(did, WRITES) <= 1)
    moved = os.path.join(inner, "moved")
    did = requests_of(garage, lambda: (os.rename(renamed, moved), isle.settle()))
    holds = total(did, WRITES) <= 3 and total(did, READS) <= 6
    table.count("  requests for one into another folder", f"{shown(did)} (<= 3 writes, 6 reads)", holds)
    isle.cold(of_names=True)

    def long_list(name):
        subprocess.run(["ls", "-l", name], check=True, stdout=subprocess.DEVNULL)

    did = requests_of(garage, lambda: times.append(timed(long_list, folders[isle.name, MOST])))
    other = timed(long_list, folders[passthrough.name, MOST])
    table.row("ls -l of 100 000, of which nothing is known", times[1], other, None, "<= 1.2 + 1 s", times[1] <= 1.2 * other + 1)
    table.count("  requests for it", f"{shown(did)} (<= 60)", total(did) <= 60)


def archive_of(folder):
    """2 000 files in 117 folders."""
    path = os.path.join(folder, "wide.tar")
    source = os.path.join(folder, "wide")
    for i in range(FILES):
        inner = os.path.join(source, f"d{i % FOLDERS}")
        os.makedirs(inner, exist_ok=True)
        with open(os.path.join(inner, f"f{i}.txt"), "wb") as file:
            file.write(os.urandom(512 + i * 7 % 6000))
    with tarfile.open(path, "w") as archive:
        archive.add(source, "wide")
    return path


def bursts(table, isle, garage, folder, steps):
    archive = archive_of(folder)
    where = isle.path("wide")
    os.mkdir(where)
    isle.settle()
    times = []

    def unpack():
        subprocess.run(["tar", "xf", archive, "-C", where], check=True)
        isle.settle()

    did = requests_of(garage, lambda: times.append(timed(unpack) - isle.asking))
    table.row("2 000 files in 117 folders unpacked, until stored", times[0], 2.5, None, "<= 2.5 s", times[0] <= 2.5)
    table.count("  requests for it", f"{shown(did)} (<= 500)", total(did) <= 500)
    saved = isle.path("saved")
    os.mkdir(saved)
    isle.settle()
    did = requests_of(garage, lambda: (steps.saves(saved), isle.settle()))
    table.count("requests for 200 saves by rename", f"{shown(did)} (<= 10 PutObject)", total(did, WRITES) <= 10)


def main(root, milliseconds, where=None):
    with contextlib.ExitStack() as stack:
        folder, garage = begin(stack, where, milliseconds)
        isle = Isle("private", root, folder, garage, volume="private")
        stack.callback(isle.end)
        isle.start()
        passthrough = Passthrough(folder)
        stack.callback(passthrough.end)
        steps = Steps(Material(os.path.join(folder, "material"), LARGE))
        table = Table()
        small_files(table, isle, passthrough, garage, steps)
        # Before there are many folders: a host that knows nothing reads all of them meanwhile.
        many_files(table, isle, passthrough, garage)
        bursts(table, isle, garage, folder, steps)
        sequential(table, isle, passthrough, garage, steps)
        table.count("most resident memory meanwhile", f"{isle.memory():.0f} MiB (<= 450)", isle.memory() <= 450)
        return 1 if table.missed else 0


sys.exit(main(*sys.argv[1:]))
