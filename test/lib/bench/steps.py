"""The same work on isle and on a passthrough of the same disk: what test/bench compares. Only the standard library."""

import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tarfile
import time

MIB = 1 << 20
OPTIONS = "default_permissions,big_writes,atomic_o_trunc,hard_remove,max_readahead=1048576"
ROUNDS = 3


class Passthrough:
    """A folder of the disk through the kernel's FUSE and back, in C: the least that FUSE costs."""

    def __init__(self, lib, folder):
        program = os.path.join(folder, "passthrough")
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "fuse"], capture_output=True, text=True)
        if flags.returncode:
            sys.exit("libfuse's headers are missing: apt install libfuse-dev pkg-config gcc")
        source = os.path.join(lib, "passthrough.c")
        subprocess.run(["gcc", "-O2", "-o", program, source, *flags.stdout.split()], check=True)
        self.mount, backing = os.path.join(folder, "passed"), os.path.join(folder, "backing")
        os.mkdir(self.mount)
        os.mkdir(backing)
        self.process = subprocess.Popen([program, self.mount, "-f", "-o", f"{OPTIONS},root={backing}"])
        end = time.monotonic() + 10
        while not os.path.ismount(self.mount):
            if self.process.poll() is not None or time.monotonic() > end:
                sys.exit("the passthrough does not mount")
            time.sleep(0.02)

    def path(self, name):
        return os.path.join(self.mount, name)

    def end(self):
        subprocess.run(["fusermount", "-u", self.mount], capture_output=True)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def run(*command, cwd=None):
    environment = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_SYSTEM="/dev/null")
    done = subprocess.run(command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")


def drop_pages(path):
    """What the kernel has of a file's content in memory goes."""
    file = os.open(path, os.O_RDONLY)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(file)


def write_forced(path):
    file = os.open(path, os.O_CREAT | os.O_WRONLY, 0o644)
    for _ in range(100):
        os.write(file, b"x" * 4096)
        os.fsync(file)
    os.close(file)


class Material:
    """What the steps work with, on the bare disk."""

    def __init__(self, folder):
        self.tree = os.path.join(folder, "tree")
        for i in range(2000):
            inner = os.path.join(self.tree, f"d{i % 40}")
            os.makedirs(inner, exist_ok=True)
            with open(os.path.join(inner, f"f{i}.txt"), "wb") as file:
                file.write(os.urandom(512 + i * 7 % 6000))
        self.archive = os.path.join(folder, "tree.tar")
        with tarfile.open(self.archive, "w") as archive:
            archive.add(self.tree, "tree")
        self.repository = os.path.join(folder, "repository")
        run("git", "init", "-q", self.repository)
        shutil.copytree(self.tree, os.path.join(self.repository, "tree"))
        run("git", "add", ".", cwd=self.repository)
        run("git", "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "-m", "All", cwd=self.repository)
        self.large = os.path.join(folder, "large")
        with open(self.large, "wb") as file:
            for _ in range(256):
                file.write(os.urandom(MIB))


class Steps:
    """Each is done on one target, in a folder of its own; what it prepares is not timed."""

    def __init__(self, material):
        self.material = material

    def create(self, folder):
        content = os.urandom(4096)
        for i in range(1000):
            with open(os.path.join(folder, f"f{i}"), "wb") as file:
                file.write(content)

    def write(self, folder):
        with open(self.material.large, "rb") as source, open(os.path.join(folder, "large"), "wb", buffering=0) as file:
            while piece := source.read(MIB):
                file.write(piece)
            os.fsync(file.fileno())

    def prepare_read(self, folder):
        self.write(folder)
        drop_pages(os.path.join(folder, "large"))

    def read(self, folder):
        with open(os.path.join(folder, "large"), "rb", buffering=0) as file:
            while file.read(MIB):
                pass

    def untar(self, folder):
        run("tar", "xf", self.material.archive, "-C", folder)

    def copy(self, folder):
        run("cp", "-a", self.material.tree, os.path.join(folder, "copy"))

    def clone(self, folder):
        run("git", "clone", "-q", "--no-hardlinks", self.material.repository, os.path.join(folder, "clone"))

    def prepare_status(self, folder):
        self.clone(folder)

    def status(self, folder):
        run("git", "status", "--porcelain", cwd=os.path.join(folder, "clone"))

    def sqlite(self, folder):
        base = sqlite3.connect(os.path.join(folder, "base.db"), isolation_level=None)
        base.execute("create table t (a integer primary key, b text)")
        for i in range(50):
            base.execute("begin")
            base.execute("insert into t (b) values (?)", ("x" * 200,))
            base.execute("commit")
        base.close()

    def forces(self, folder):
        write_forced(os.path.join(folder, "forced"))

    def saves(self, folder):
        for i in range(200):
            temporary = os.path.join(folder, ".saved")
            with open(temporary, "wb") as file:
                file.write(b"%d\n" % i * 500)
            os.rename(temporary, os.path.join(folder, "saved"))

    def prepare_rename(self, folder):
        os.mkdir(os.path.join(folder, "one"))
        self.create(os.path.join(folder, "one"))

    def rename(self, folder):
        os.rename(os.path.join(folder, "one"), os.path.join(folder, "two"))

    def prepare_list(self, folder):
        self.create(folder)
        time.sleep(1.1)

    def list(self, folder):
        run("ls", "-l", folder)

    def prepare_remove(self, folder):
        self.prepare_rename(folder)

    def remove(self, folder):
        shutil.rmtree(os.path.join(folder, "one"))


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


def compare(table, isle, passthrough, material, away, settle):
    """One row a step: the median of rounds in turn on both. {@code settle} lets isle store what it has."""
    steps = Steps(material)
    for what, name, alone, beside in PLAN:
        times = ([], [])
        for round in range(ROUNDS):
            for target, kept in zip((isle, passthrough), times):
                folder = target.path(f"{name}{'-away' if away else ''}{round}")
                os.mkdir(folder)
                getattr(steps, "prepare_" + name, lambda f: None)(folder)
                if not away:
                    settle()
                start = time.perf_counter()
                getattr(steps, name)(folder)
                kept.append(time.perf_counter() - start)
        mine, other = statistics.median(times[0]), statistics.median(times[1])
        bar = alone if away else beside
        if bar is None:
            table.row(what, mine, other, "<= 5 ms", mine <= 0.005)
        else:
            table.row(what, mine, other, f"<= {bar}", mine <= bar * other)
    settle()

