"""What is done on each target: what test/bench compares. Only the standard library."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import time

MIB = 1 << 20
SMALL_FILES = 1000


def timed(work, *arguments):
    start = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - start


def read_at(path, offset, length):
    file = os.open(path, os.O_RDONLY)
    try:
        content = os.pread(file, length, offset)
    finally:
        os.close(file)
    if len(content) != length:
        sys.exit(f"{path} gave {len(content)} bytes")
    return content


def copy(source, target):
    subprocess.run(["cp", source, target], check=True)


def run(*command, cwd=None):
    environment = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_SYSTEM="/dev/null")
    done = subprocess.run(command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")


def write_forced(path):
    file = os.open(path, os.O_CREAT | os.O_WRONLY, 0o644)
    for _ in range(100):
        os.write(file, b"x" * 4096)
        os.fsync(file)
    os.close(file)


class Material:
    """What the steps work with, on the bare disk."""

    def __init__(self, folder, large):
        os.mkdir(folder)
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
            for _ in range(large // MIB):
                file.write(os.urandom(MIB))


class Steps:
    """Each is done in a folder that is there. One that needs something there has a method that prepares it."""

    def __init__(self, material):
        self.material = material
        self.content = os.urandom(4096)

    def prepare(self, name, folder):
        getattr(self, "prepare_" + name, lambda f: None)(folder)

    def create(self, folder):
        inner = os.path.join(folder, "one")
        os.mkdir(inner)
        for i in range(SMALL_FILES):
            with open(os.path.join(inner, f"f{i}"), "wb") as file:
                file.write(self.content)

    def prepare_stat(self, folder):
        self.create(folder)

    def stat(self, folder):
        for i in range(SMALL_FILES):
            os.stat(os.path.join(folder, "one", f"f{i}"))

    def prepare_list(self, folder):
        self.create(folder)
        # What the kernel has of attributes is too old then.
        time.sleep(1.1)

    def list(self, folder):
        run("ls", "-l", os.path.join(folder, "one"))

    def read_small(self, folder):
        for i in range(SMALL_FILES):
            read_at(os.path.join(folder, "one", f"f{i}"), 0, 4096)

    def prepare_rename(self, folder):
        self.create(folder)

    def rename(self, folder):
        os.rename(os.path.join(folder, "one"), os.path.join(folder, "two"))

    def prepare_remove(self, folder):
        self.create(folder)
        self.rename(folder)

    def remove(self, folder):
        shutil.rmtree(os.path.join(folder, "two"))

    def write(self, folder):
        with open(self.material.large, "rb") as source, open(os.path.join(folder, "large"), "wb", buffering=0) as file:
            while piece := source.read(MIB):
                file.write(piece)
            os.fsync(file.fileno())

    def prepare_read(self, folder):
        self.write(folder)
        self.drop_large(folder)

    def drop_large(self, folder):
        """What the kernel has of the content in memory goes."""
        file = os.open(os.path.join(folder, "large"), os.O_RDONLY)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(file)

    def read(self, folder):
        with open(os.path.join(folder, "large"), "rb", buffering=0) as file:
            while file.read(MIB):
                pass

    def first_byte(self, folder):
        read_at(os.path.join(folder, "large"), 0, 1)

    def later_byte(self, folder):
        path = os.path.join(folder, "large")
        read_at(path, os.stat(path).st_size * 3 // 4, 1)

    def read_anywhere(self, folder):
        places = random.Random(1)
        with open(os.path.join(folder, "large"), "rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            for _ in range(200):
                os.pread(file.fileno(), 4096, places.randrange(size // 4096) * 4096)

    def prepare_write_anywhere(self, folder):
        with open(self.material.large, "rb") as source, open(os.path.join(folder, "middle"), "wb") as file:
            file.write(source.read(64 * MIB))

    def write_anywhere(self, folder):
        places = random.Random(2)
        with open(os.path.join(folder, "middle"), "r+b", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            for _ in range(20):
                os.pwrite(file.fileno(), self.content, places.randrange(size // 4096) * 4096)
                os.fsync(file.fileno())

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

    def append(self, folder):
        for i in range(200):
            with open(os.path.join(folder, "log"), "a") as file:
                file.write(f"line {i} of a log that is opened for each\n")

    def saves(self, folder):
        for i in range(200):
            temporary = os.path.join(folder, ".saved")
            with open(temporary, "wb") as file:
                file.write(b"%d\n" % i * 500)
            os.rename(temporary, os.path.join(folder, "saved"))
