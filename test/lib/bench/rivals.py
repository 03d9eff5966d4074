"""The same steps on isle and on its rivals, on one Garage: time, requests, processor time and memory of each. Of isle it is
public/ or, beside programs that encrypt, private/."""

import contextlib
import os
import sqlite3
import sys
import time

from garage import RawClient, begin
from steps import Material, Steps
from targets import Disk, Gocryptfs, Isle, JuiceFs, Passthrough, Rclone, S3fs

LARGE = 1 << 30

# What is done, the step, the folder in which it is done, and whether caches are emptied before: the kernel's ("pages"),
# or also the program's ("cold").
PLAN = [
    ("1 GiB written and forced", "write", "large", None),
    ("1 GiB read, page cache dropped", "read", "large", "pages"),
    ("1 GiB read cold", "read", "large", "cold"),
    ("first byte of it, cold", "first_byte", "large", "cold"),
    ("then a byte at 3/4", "later_byte", "large", None),
    ("200 random reads of 4 KiB, cold", "read_anywhere", "large", "cold"),
    ("20 random writes of 4 KiB in 64 MiB, each forced", "write_anywhere", "middle", None),
    ("1 000 new files of 4 KiB", "create", "small", None),
    ("stat of each", "stat", "small", None),
    ("ls -l of them", "list", "small", None),
    ("each read, cold", "read_small", "small", "cold"),
    ("rename of their folder", "rename", "small", None),
    ("removal of them", "remove", "small", None),
    ("tar of 2 000 files unpacked", "untar", "untar", None),
    ("cp -a of 2 000 files", "copy", "copy", None),
    ("git clone of them", "clone", "git", None),
    ("git status", "status", "git", None),
    ("50 transactions of sqlite", "sqlite", "sqlite", None),
    ("100 x 4 KiB appended, each forced", "forces", "forces", None),
    ("200 appends, opened for each", "append", "append", None),
    ("200 saves by rename", "saves", "saves", None),
]


class Result:
    """What one step took on one target: seconds until it was acknowledged and until it was stored, or what failed."""

    def __init__(self, acknowledged, stored, requests, cpu, failed=""):
        self.acknowledged, self.stored, self.requests, self.cpu, self.failed = acknowledged, stored, requests, cpu, failed

    def shown(self):
        if self.failed:
            return "fails"
        return seconds(self.acknowledged) + (f" ({seconds(self.stored)})" if self.stored > 1.1 * self.acknowledged else "")


def seconds(value):
    return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.1f} s"


def carry_out(steps, target, garage, name, folder, emptied):
    path = target.path(folder)
    os.makedirs(path, exist_ok=True)
    if name == "write_anywhere":
        steps.prepare(name, path)
    target.settle()
    if emptied:
        if emptied == "cold":
            target.cold()
            os.listdir(path)
        if folder == "large":
            steps.drop_large(path)
    # What was done before, by whomever, is on the disk.
    os.sync()
    before, cpu = garage.requests(), target.cpu()
    start = time.perf_counter()
    try:
        getattr(steps, name)(path)
    except (OSError, sqlite3.Error, SystemExit) as e:
        return Result(0, 0, {}, 0, str(e)[:200])
    acknowledged = time.perf_counter() - start
    target.settle()
    stored = max(acknowledged, time.perf_counter() - start - target.asking)
    after = garage.requests()
    did = {key: count - before.get(key, 0) for key, count in after.items() if count != before.get(key, 0)}
    return Result(acknowledged, stored, did, target.cpu() - cpu)


def table(head, rows):
    print("\n| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    sys.stdout.flush()


def report(targets, results, memory, mine, rivals):
    names = [target.name for target in targets]
    print("\nUntil acknowledged (until stored, where that is later):")
    table(["step", *names], [[what, *(results[what, name].shown() for name in names)] for what, *_ in PLAN])
    print(f"\n{mine} beside the passthrough, and beside the best of its rivals:")
    rows = []
    for what, *_ in PLAN:
        own = results[what, mine]
        others = [results[what, name] for name in rivals if not results[what, name].failed]
        best = min((rival.acknowledged for rival in others), default=float("nan"))
        stored = min((rival.stored for rival in others), default=float("nan"))
        ratios = (own.acknowledged / results[what, "passthrough"].acknowledged, own.acknowledged / best, own.stored / stored)
        rows.append([what, *(f"{ratio:.2f}" for ratio in ratios)])
    table(["step", "acknowledged / passthrough", "acknowledged / best rival", "stored / best rival"], rows)
    print("\nRequests to Garage, by operation:")
    asking = [name for name in names if name in (mine, "isle/Garage", *rivals) and name != "gocryptfs"]
    rows = []
    for what, *_ in PLAN:
        rows.append([what])
        for name in asking:
            did = results[what, name].requests
            rows[-1].append(", ".join(f"{count} {key}" for key, count in sorted(did.items(), key=lambda d: -d[1])) or "none")
    table(["step", *asking], rows)
    print("\nProcessor time of the program, and the most memory it had:")
    rows = [[what, *(seconds(results[what, name].cpu) for name in names)] for what, *_ in PLAN]
    rows.append(["most memory", *(f"{memory[name]:.0f} MiB" if memory[name] else "" for name in names)])
    table(["step", *names], rows)
    for (what, name), result in results.items():
        if result.failed:
            print(f"\n{what} fails on {name}: {result.failed}")


def plain(root, programs, folder, garage):
    """All that are compared, each as it is made, and the names of the one that is ours and of its rivals."""
    yield Disk(folder)
    yield Passthrough(folder)
    for name, server in (("isle/local", None), ("isle/Garage", garage)):
        yield started(Isle(name, root, folder, server))
    yield Rclone(os.path.join(programs, "rclone"), folder, garage, "rclone")
    yield S3fs(folder, garage, "s3fs")
    yield JuiceFs(os.path.join(programs, "juicefs"), folder, garage, "juicefs")


def sealed(root, programs, folder, garage):
    yield Disk(folder)
    yield Passthrough(folder)
    yield started(Isle("isle/Garage", root, folder, garage))
    yield started(Isle("private/Garage", root, folder, garage, volume="private"))
    yield Gocryptfs(folder)
    yield Rclone(os.path.join(programs, "rclone"), folder, garage, "rclone", crypt=True)
    yield JuiceFs(os.path.join(programs, "juicefs"), folder, garage, "juicefs", encrypted=True)


def started(isle):
    isle.start()
    return isle


KINDS = {
    "rivals": (plain, "isle/Garage", ("rclone", "s3fs", "JuiceFS")),
    "vault": (sealed, "private/Garage", ("gocryptfs", "rclone crypt", "JuiceFS")),
}


def main(kind, root, programs, milliseconds, where=None):
    make, mine, rivals = KINDS[kind]
    with contextlib.ExitStack() as stack:
        folder, garage = begin(stack, where, milliseconds)
        raw = RawClient(garage)
        for bucket in ("rclone", "s3fs", "juicefs"):
            raw.create_bucket(bucket)
        targets = []
        memory = {}
        for target in make(root, programs, folder, garage):
            stack.callback(target.end)
            targets.append(target)
        steps = Steps(Material(os.path.join(folder, "material"), LARGE))
        results = {}
        for what, name, where_in, emptied in PLAN:
            for target in targets:
                memory[target.name] = max(memory.get(target.name, 0), target.memory())
                result = carry_out(steps, target, garage, name, where_in, emptied)
                results[what, target.name] = result
                memory[target.name] = max(memory[target.name], target.memory())
                print(f"{what} on {target.name}: {result.failed or result.shown()}", flush=True)
        report(targets, results, memory, mine, rivals)


main(*sys.argv[1:])
