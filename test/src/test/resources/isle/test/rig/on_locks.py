"""Cells of flock and fcntl locks among processes of one host."""

import fcntl
import os
import signal
import struct

from trial import LIMIT_SECONDS, Other, add, content, file, outcome, together

FLOCK = {"shared": fcntl.LOCK_SH, "exclusive": fcntl.LOCK_EX, "none": fcntl.LOCK_UN}
RECORD = {"shared": fcntl.F_RDLCK, "exclusive": fcntl.F_WRLCK, "none": fcntl.F_UNLCK}
# Locks of a process, and of an open file description.
SET = {"record": (fcntl.F_SETLK, fcntl.F_SETLKW), "description": (37, 38)}
GET = {"record": fcntl.F_GETLK, "description": 36}
LAYOUT = "hhqqi4x"
KINDS = ("flock", "record", "description")
STRENGTHS = ("shared", "exclusive")
# How long something must not happen.
STILL_SECONDS = 0.1


def lock(kind, handle, how, start=0, length=0, wait=False):
    if kind == "flock":
        fcntl.flock(handle, FLOCK[how] | (0 if wait else fcntl.LOCK_NB))
    else:
        wanted = struct.pack(LAYOUT, RECORD[how], os.SEEK_SET, start, length, 0)
        fcntl.fcntl(handle, SET[kind][wait], wanted)


def asked(kind, handle, how, start=0, length=0):
    """What would be in the way of a lock, by F_GETLK."""
    wanted = struct.pack(LAYOUT, RECORD[how], os.SEEK_SET, start, length, 0)
    found, _, begin, size, _ = struct.unpack(LAYOUT, fcntl.fcntl(handle, GET[kind], wanted))
    name = next(word for word, number in RECORD.items() if number == found)
    return "free" if name == "none" else f"{name} {begin}+{size}"


class Holder(Other):
    """A process that has a file open and locked, and then does more with its handle."""

    def __init__(self, path, kind, how, *more, start=0, length=0):
        self.handle = None

        def take():
            self.handle = os.open(path, os.O_RDWR)
            lock(kind, self.handle, how, start, length)

        super().__init__(take, *(lambda action=action: action(self.handle) for action in more))
        assert self.step() == "ok"


def conflict(kind, held, wanted, who):
    def do(folder):
        path = file(folder)
        if who == "another process":
            Holder(path, kind, held)
            return outcome(lambda: lock(kind, os.open(path, os.O_RDWR), wanted))
        handle = os.open(path, os.O_RDWR)
        lock(kind, handle, held)
        if who == "another handle":
            return outcome(lambda: lock(kind, os.open(path, os.O_RDWR), wanted))
        if who == "a duplicate":
            return outcome(lambda: lock(kind, os.dup(handle), wanted))
        return Other(lambda: lock(kind, handle, wanted)).step()

    return do


def release(kind, how):
    """Whether an exclusive lock can be had after its holder has done something."""

    def do(folder):
        path = file(folder)

        def end(handle):
            if how == "unlock":
                lock(kind, handle, "none")
            elif how == "close":
                os.close(handle)
            elif how == "close of another handle":
                os.close(os.open(path, os.O_RDONLY))
            elif how == "close of a duplicate":
                os.close(os.dup(handle))
            elif how == "close with a child that has it":
                Other()
                os.close(handle)
            elif how == "exec":
                os.set_inheritable(handle, True)
                os.execvp("sleep", ["sleep", str(LIMIT_SECONDS)])

        holder = Holder(path, kind, "exclusive", end)
        before = outcome(lambda: lock(kind, os.open(path, os.O_RDWR), "exclusive"))
        if how == "exit":
            holder.end()
        elif how == "kill":
            holder.kill()
        elif how == "exec":
            holder.start()
            holder.finished()
        else:
            holder.step()
        return before + ", then " + outcome(lambda: lock(kind, os.open(path, os.O_RDWR), "exclusive"))

    return do


def blocking(kind, held, wanted, how):
    def do(folder):
        path = file(folder)
        holder = Holder(path, kind, held, lambda handle: lock(kind, handle, "none"))
        waiter = Other(lambda: lock(kind, os.open(path, os.O_RDWR), wanted, wait=True))
        waiter.start()
        early = waiter.finished(STILL_SECONDS)
        if how == "unlock":
            holder.step()
        else:
            holder.kill()
        return f"{early or 'waits'}, then {waiter.finished()}"

    return do


def interrupted(kind):
    def do(folder):
        path = file(folder)
        Holder(path, kind, "exclusive")

        def stop(number, frame):
            raise InterruptedError(4, "")

        signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, STILL_SECONDS)
        return outcome(lambda: lock(kind, os.open(path, os.O_RDWR), "exclusive", wait=True))

    return do


def deadlock(folder):
    """Each of two processes waits for what the other one has."""
    path = file(folder)
    other = Holder(
        path, "record", "exclusive", lambda own: lock("record", own, "exclusive", 10, 1, True), start=0, length=1
    )
    handle = os.open(path, os.O_RDWR)
    lock("record", handle, "exclusive", 10, 1)
    other.start()
    # Long enough that it waits by now: who comes last is refused.
    assert other.finished(1) is None
    result = outcome(lambda: lock("record", handle, "exclusive", 0, 1, True))
    lock("record", handle, "none", 10, 1)
    return f"{result}, then {other.finished()}"


RANGES = ((0, 10), (0, 11), (10, 1), (19, 1), (20, 5), (5, 30), (0, 0), (20, 0), (15, -5), (10, -10), (25, -5))


def ranged(kind, start, length, wanted):
    def do(folder):
        path = file(folder, bytes(100))
        Holder(path, kind, "exclusive", start=10, length=10)
        handle = os.open(path, os.O_RDWR)
        seen = outcome(lambda: asked(kind, handle, wanted, start, length))
        return outcome(lambda: lock(kind, handle, wanted, start, length)) + ", asked: " + seen

    return do


def split(kind, how):
    """A range that is changed in its middle."""

    def do(folder):
        path = file(folder, bytes(100))
        handles = []
        other = Other(
            lambda: handles.append(os.open(path, os.O_RDWR)),
            lambda: lock(kind, handles[0], "exclusive", 0, 30),
            lambda: lock(kind, handles[0], how, 10, 10),
        )
        steps = [other.step() for _ in range(3)]
        handle = os.open(path, os.O_RDWR)
        at = [asked(kind, handle, "exclusive", place, 1) for place in (0, 10, 20, 30)]
        return " ".join(steps) + ": " + ", ".join(at)

    return do


def converted(kind, first, second, rival):
    """A lock is made stronger or weaker; then, with the rival gone, it is seen by somebody else."""

    def do(folder):
        path = file(folder)
        other = Holder(path, kind, "shared") if rival else None
        handles = []
        mine = Other(
            lambda: handles.append(os.open(path, os.O_RDWR)),
            lambda: lock(kind, handles[0], first),
            lambda: lock(kind, handles[0], second),
        )
        steps = [mine.step() for _ in range(3)]
        if other:
            other.end()
        left = [
            Other(lambda how=how: lock(kind, os.open(path, os.O_RDWR), how)).step() for how in ("shared", "exclusive")
        ]
        return f"{steps[1]} {steps[2]}, others then: shared {left[0]}, exclusive {left[1]}"

    return do


def by_access(kind, access, how):
    def do(folder):
        return outcome(lambda: lock(kind, os.open(file(folder), getattr(os, "O_" + access)), how))

    return do


def on_kind(kind, target):
    def do(folder):
        path = os.path.join(folder, "target")
        if target == "folder":
            os.mkdir(path)
            return outcome(lambda: lock(kind, os.open(path, os.O_RDONLY), "shared"))
        os.mkfifo(path)
        return outcome(lambda: lock(kind, os.open(path, os.O_RDWR), "exclusive"))

    return do


def wrong(action):
    return lambda folder: outcome(lambda: action(os.open(file(folder), os.O_RDWR)))


def raw(kind, how, whence, start, length):
    return lambda handle: fcntl.fcntl(handle, SET[kind][0], struct.pack(LAYOUT, how, whence, start, length, 0)) and None


def both_kinds(first, second):
    def do(folder):
        path = file(folder)
        Holder(path, first, "exclusive")
        return outcome(lambda: lock(second, os.open(path, os.O_RDWR), "exclusive"))

    return do


def after_change(kind, change):
    def do(folder):
        path = file(folder)
        Holder(path, kind, "exclusive")
        if change == "renamed":
            os.rename(path, path + ".new")
            path += ".new"
        elif change == "replaced":
            os.rename(file(folder, name="another"), path)
        elif change == "removed and made anew":
            os.unlink(path)
            file(folder)
        elif change == "truncated":
            os.truncate(path, 0)
        return outcome(lambda: lock(kind, os.open(path, os.O_RDWR), "exclusive"))

    return do


def counting(kind):
    """Eight processes add to a number in a file, each under a lock."""

    def do(folder):
        path = file(folder, b"0")

        def increase(process, turn):
            handle = os.open(path, os.O_RDWR)
            lock(kind, handle, "exclusive", wait=True)
            number = int(os.pread(handle, 20, 0)) + 1
            os.pwrite(handle, b"%d" % number, 0)
            lock(kind, handle, "none")
            os.close(handle)

        turns = together(8, 40, increase)
        return f"{content(path).decode()} errors {sorted(set(sum(turns, [])) - {0})}"

    return do


def add_cells():
    for kind in KINDS:
        for held in STRENGTHS:
            for wanted in STRENGTHS:
                for who in ("another process", "another handle", "a duplicate", "a child"):
                    add(f"lock {kind}", f"{held}, asked {wanted}", who, conflict(kind, held, wanted, who))
                if (held, wanted) != ("shared", "shared"):
                    for how in ("unlock", "kill"):
                        add(f"wait {kind}", f"{held}, asked {wanted}, until {how}", "two processes",
                            blocking(kind, held, wanted, how))  # fmt: skip
        for how in ("unlock", "close", "close of another handle", "close of a duplicate",
                    "close with a child that has it", "exec", "exit", "kill", "nothing"):  # fmt: skip
            add(f"lock {kind}", f"after {how}", "another process", release(kind, how))
        for first, second in (("shared", "exclusive"), ("exclusive", "shared"), ("exclusive", "none")):
            for rival in (False, True):
                if not (rival and first == "exclusive"):
                    add(f"lock {kind}", f"from {first} to {second}", "beside another" if rival else "alone",
                        converted(kind, first, second, rival))  # fmt: skip
        for access in ("RDONLY", "WRONLY", "RDWR"):
            for how in STRENGTHS:
                add(f"lock {kind}", f"{how} of a handle {access}", "one process", by_access(kind, access, how))
        for target in ("folder", "fifo"):
            add(f"lock {kind}", target, "one process", on_kind(kind, target))
        for change in ("renamed", "replaced", "removed and made anew", "truncated"):
            add(f"lock {kind}", f"file {change}", "another process", after_change(kind, change))
        for second in KINDS:
            add(f"lock {kind}", f"asked {second} lock", "another process", both_kinds(kind, second))
        add(f"wait {kind}", "interrupted", "two processes", interrupted(kind))
        add(f"wait {kind}", "a number counted", "eight processes", counting(kind))
    for kind in ("record", "description"):
        for start, length in RANGES:
            for wanted in STRENGTHS:
                add(f"lock {kind}", f"{wanted} {start}+{length} beside 10+10", "another process",
                    ranged(kind, start, length, wanted))  # fmt: skip
        for how in ("none", "shared"):
            add(f"lock {kind}", f"{how} in the middle", "another process", split(kind, how))
        for name, action in {
            "a negative start": raw(kind, fcntl.F_WRLCK, os.SEEK_SET, -1, 1),
            "a start before the file": raw(kind, fcntl.F_WRLCK, os.SEEK_END, -100, 1),
            "a range below zero": raw(kind, fcntl.F_WRLCK, os.SEEK_SET, 5, -10),
            "a range too far": raw(kind, fcntl.F_WRLCK, os.SEEK_SET, 2**63 - 1, 10),
            "an unknown type": raw(kind, 99, os.SEEK_SET, 0, 1),
            "an unknown whence": raw(kind, fcntl.F_WRLCK, 99, 0, 1),
            "the end": raw(kind, fcntl.F_WRLCK, os.SEEK_END, 0, 1),
        }.items():
            add(f"lock {kind}", name, "one process", wrong(action))
    add("lock flock", "an unknown operation", "one process", wrong(lambda handle: fcntl.flock(handle, 64)))
    add("wait record", "each for the other", "two processes", deadlock)
