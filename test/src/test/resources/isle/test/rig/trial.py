"""What scripts that try single operations on open files share: cells and their names, other processes, calls of libc.

Each cell is run in a process of its own, in a folder of its own, and says in one line what came of it.
"""

import ctypes
import errno
import os
import re
import resource
import select
import signal
import struct
import time
import traceback

LIMIT_SECONDS = 60
# Cells under way at a time: most of them wait for a tick of the clock.
LANES = 4
OLD = (1_000_000_000_123_456_789, 1_000_000_000_987_654_321)
# Longer than a tick of the clock that stamps files.
TICK_SECONDS = 0.012
LIBC = ctypes.CDLL(None, use_errno=True)
CELLS = {}


def add(operation, state, caller, action):
    """Adds a cell. The action gets its folder; what it returns, or its error, is the result."""
    name = f"{operation} | {state} | {caller}"
    assert name not in CELLS, name
    CELLS[name] = action


def outcome(action):
    """What a call returns, or its error, in words."""
    try:
        value = action()
    except OSError as e:
        # That number has two names.
        return "EOPNOTSUPP" if e.errno == errno.EOPNOTSUPP else errno.errorcode.get(e.errno, str(e.errno))
    return "ok" if value is None else str(value)


def call(name, *arguments):
    """A function of libc that says -1 and errno when it fails."""
    function = getattr(LIBC, name)
    function.restype = ctypes.c_long
    result = function(*(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))
    if ctypes.c_int(result).value == -1:
        raise OSError(ctypes.get_errno(), name)
    return result


def file(folder, content=b"content", name="file"):
    path = os.path.join(folder, name)
    with open(path, "wb") as made:
        made.write(content)
    return path


def content(path):
    with open(path, "rb") as made:
        return made.read()


def stamps(status):
    return status.st_mtime_ns, status.st_ctime_ns


def moved(before, after):
    return "times " + (("m" if before[0] != after[0] else "") + ("c" if before[1] != after[1] else "") or "none")


class Other:
    """Another process, which carries out its actions one by one as it is told."""

    def __init__(self, *actions):
        told, self.tell = os.pipe()
        self.hear, say = os.pipe()
        self.child = os.fork()
        if self.child == 0:
            os.close(self.tell)
            os.close(self.hear)
            try:
                for action in actions:
                    if os.read(told, 1) != b".":
                        os._exit(0)
                    os.write(say, (outcome(action) + "\n").encode())
                os.read(told, 1)
            finally:
                os._exit(0)
        os.close(told)
        os.close(say)

    def start(self):
        os.write(self.tell, b".")

    def finished(self, within=LIMIT_SECONDS):
        """The result of what was started, or None if that takes longer."""
        ready, _, _ = select.select([self.hear], [], [], within)
        return os.read(self.hear, 1000).decode().strip() if ready else None

    def step(self):
        self.start()
        return self.finished()

    def end(self):
        os.write(self.tell, b"e")
        os.waitpid(self.child, 0)

    def kill(self):
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)


def together(count, rounds, action):
    """Many processes do the same at the same moments; the results by round: action(process, round)."""
    begin = time.monotonic() + 0.1
    readers = []
    for number in range(count):
        read, write = os.pipe()
        if os.fork() == 0:
            try:
                marks = b""
                for turn in range(rounds):
                    while time.monotonic() < begin + turn * 0.005:
                        pass
                    code = 0
                    try:
                        action(number, turn)
                    except OSError as e:
                        code = e.errno
                    marks += struct.pack("H", code)
                os.write(write, marks)
            finally:
                os._exit(0)
        os.close(write)
        readers.append(read)
    results = []
    for read in readers:
        marks = os.read(read, 65536)
        os.close(read)
        os.wait()
        results.append([mark for (mark,) in struct.iter_unpack("H", marks)])
    return [list(turn) for turn in zip(*results)]


def run(folder, action):
    """Runs a cell in a process of its own, and says how that ended."""
    os.mkdir(folder)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        # Some cells end with a signal that dumps core.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.close(read)
        result = "(no result)"
        try:
            result = outcome(lambda: action(folder))
        except BaseException:
            result = "BROKEN " + traceback.format_exc().strip().replace("\n", " / ")
        os.write(write, result.encode()[:4000])
        os._exit(0)
    os.close(write)
    # Not the end of the pipe: what the cell has started may hold it open.
    end = os.pidfd_open(child)
    ready, _, _ = select.select([read, end], [], [], LIMIT_SECONDS)
    result = "hangs" if not ready else os.read(read, 4096).decode() if read in ready else ""
    os.close(read)
    os.close(end)
    try:
        # Also what it has started.
        os.killpg(child, signal.SIGKILL)
    except OSError:
        pass
    _, status = os.waitpid(child, 0)
    return result or f"signal {signal.Signals(os.WTERMSIG(status)).name}"


def main(where, pattern="."):
    os.umask(0o022)
    chosen = re.compile(pattern)
    cells = {name: action for name, action in CELLS.items() if chosen.search(name)}
    if where == "--list":
        for name in cells:
            print(name)
        return
    lanes = []
    for lane in range(LANES):
        child = os.fork()
        if child == 0:
            for number, (name, action) in list(enumerate(cells.items()))[lane::LANES]:
                # One write for each line, so that those of the lanes do not mix.
                os.write(1, f"{name}: {run(os.path.join(where, f'c{number}'), action)}\n".encode())
            os._exit(0)
        lanes.append(child)
    for child in lanes:
        _, status = os.waitpid(child, 0)
        if status != 0:
            raise SystemExit(f"a lane ended with {status}")
