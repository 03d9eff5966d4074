"""A mixed load of many programs, each a process: how long each call took while the store was there, away or bad.

    callers.py work FOLDER PHASE LEDGERS    until the input of this program ends; prints a line for each kind of call
    callers.py verify FOLDER LEDGERS        all that was acknowledged is there

FOLDER has "known" (listed before, with a cached file "known"), "cold" (listed before, content not cached) and folders
"unknownN" that were never listed. The file PHASE says what happens to the store just now: "there", or anything else for
a fault. What this machine knows by itself must be answered without it.
"""

import errno
import glob
import os
import random
import select
import sys
import time

# Seconds. A call that needs the store has 5 s, and one more for each MiB; the rest is for a busy machine.
STORE = 6.0
LOCAL = 5.0
# What df and a known folder take: nearly always, and at worst.
KNOWN = 0.1
KNOWN_WORST = 1.0

PAUSE = 0.1
SIZE = 20_000
SAVED = 5


def content(name, number):
    return random.Random("%s %d" % (name, number)).randbytes(SIZE)


class Caller:
    def __init__(self, kind, number, folder, phase, ledgers):
        self.kind = kind
        self.name = "%s%d" % (kind, number)
        self.number = number
        self.folder = folder
        self.phase = phase
        self.ledger = open(os.path.join(ledgers, self.name), "a", encoding="ascii")
        self.count = 0
        self.buffer = bytearray(1 << 20)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self):
        """New files, every second one forced; counted when it is closed."""
        self.count += 1
        with open(self.path("%s-%d" % (self.name, self.count)), "xb", buffering=0) as file:
            file.write(content(self.name, self.count))
            if self.count % 2:
                os.fsync(file.fileno())
        self.note(self.count)

    def save(self):
        """As editors do: a new file that takes the name of the old one."""
        self.count += 1
        name = self.path("%s-%d" % (self.name, self.count % SAVED))
        with open(name + ".tmp", "wb", buffering=0) as file:
            file.write(content(self.name, self.count))
            os.fsync(file.fileno())
        os.rename(name + ".tmp", name)
        self.note(self.count)

    def note(self, count):
        self.ledger.write("%d\n" % count)
        self.ledger.flush()

    def read(self):
        with open(self.path("known", "known"), "rb", buffering=0) as file:
            if file.readinto(self.buffer) != 12_000 or self.buffer[:12_000] != b"known\n" * 2000:
                raise AssertionError("other bytes than were written")

    def list(self):
        if len(os.listdir(self.path("known"))) < 20:
            raise AssertionError("names are missing")

    def stat(self):
        os.stat(self.path("known", "known"))

    def df(self):
        os.statvfs(self.folder)

    def status(self):
        with open(os.path.join(os.path.dirname(self.folder), ".isle", "status.json"), "rb") as file:
            file.read()

    def cold(self):
        names = sorted(os.listdir(self.path("cold")))
        self.count = (self.count + 1) % len(names)
        with open(self.path("cold", names[self.count]), "rb", buffering=0) as file:
            while file.readinto(self.buffer):
                pass

    def unknown(self):
        self.count += 1
        os.listdir(self.path("unknown%d" % (self.count % 40)))

    def work(self, out):
        call = getattr(self, self.kind)
        # What is to fail when the store does not answer.
        may_fail = self.kind in ("cold", "unknown")
        phase = "there"
        while not select.select([sys.stdin], [], [], PAUSE)[0]:
            with open(self.phase, encoding="ascii") as file:
                # Empty while it is written anew.
                phase = file.read().strip() or phase
            begin = time.monotonic()
            failed = ""
            try:
                call()
            except OSError as e:
                failed = errno.errorcode.get(e.errno, str(e.errno))
                if not may_fail:
                    failed = "! %s" % failed
            os.write(out, ("%s %s %.4f %s\n" % (phase, self.kind, time.monotonic() - begin, failed)).encode())


def callers():
    kinds = ["write"] * 4 + ["save"] * 2 + ["read"] * 2 + ["list"] * 2 + ["stat", "df", "df", "status", "cold", "cold", "unknown"]
    return list(enumerate(kinds))


def collect(out):
    took = {}
    failures = {}
    with os.fdopen(out, encoding="ascii") as lines:
        for line in lines:
            phase, kind, seconds, *failed = line.split()
            took.setdefault((phase, kind), []).append(float(seconds))
            if failed:
                failures.setdefault((phase, kind), []).append(" ".join(failed))
    return took, failures


def judge(took, failures):
    wrong = []
    for key, times in sorted(took.items()):
        phase, kind = key
        times.sort()
        usual, worst = times[int(len(times) * 0.95)], times[-1]
        names = sorted(set(failures.get(key, [])))
        print(
            "%-12s %-8s %5d calls, median %.3f s, 95 %% within %.3f s, worst %.3f s, %d failed %s"
            % (phase, kind, len(times), times[len(times) // 2], usual, worst, len(failures.get(key, [])), " ".join(names))
        )
        if any(name.startswith("!") for name in names):
            wrong.append("%s failed (%s)" % (kind, phase))
        if worst > (STORE if kind in ("cold", "unknown") else LOCAL):
            wrong.append("%s took %.1f s (%s)" % (kind, worst, phase))
        if phase != "there" and kind in ("df", "list", "stat", "status") and (usual > KNOWN or worst > KNOWN_WORST):
            wrong.append("%s took %.3f s, at worst %.3f s (%s)" % (kind, usual, worst, phase))
        if phase == "there" and kind in ("cold", "unknown") and len(failures.get(key, [])) == len(times):
            wrong.append("%s never worked" % kind)
    return wrong


def work(folder, phase, ledgers):
    out, into = os.pipe()
    children = []
    for number, kind in callers():
        pid = os.fork()
        if pid == 0:
            os.close(out)
            try:
                Caller(kind, number, folder, phase, ledgers).work(into)
            except BrokenPipeError:
                # Nobody listens any more.
                os._exit(1)
            except BaseException as e:
                os.write(into, ("any %s 0 ! %s\n" % (kind, str(e))).encode())
            os._exit(0)
        children.append(pid)
    os.close(into)
    took, failures = collect(out)
    for pid in children:
        os.waitpid(pid, 0)
    wrong = judge(took, failures)
    if wrong:
        sys.exit("; ".join(wrong))


def acknowledged(ledger):
    with open(ledger, encoding="ascii") as lines:
        return [int(line) for line in lines]


def verify(folder, ledgers):
    right = 0
    for ledger in sorted(glob.glob(os.path.join(ledgers, "*"))):
        name = os.path.basename(ledger)
        done = acknowledged(ledger)
        expected = {}
        for count in done:
            which = count % SAVED if name.startswith("save") else count
            expected["%s-%d" % (name, which)] = content(name, count)
        for file, bytes_of in expected.items():
            with open(os.path.join(folder, file), "rb") as opened:
                found = opened.read()
            if found != bytes_of:
                older = [count for count in done if content(name, count) == found]
                sys.exit("%s has %d other bytes than were acknowledged, those of %s" % (file, len(found), older))
            right += 1
    print("%d files right" % right)


if sys.argv[1] == "work":
    work(*sys.argv[2:5])
else:
    verify(*sys.argv[2:4])
