"""What must be answered from this machine alone, each in a bounded time: prints how long each took, fails when too long.

Called in a mount, with a known folder that has a cached file "known", and the time allowed for each in seconds.
"""

import os
import sys
import time

FOLDER = sys.argv[1]
ALLOWED = float(sys.argv[2])
slow = []


def check(what, action):
    begin = time.monotonic()
    result = action()
    took = time.monotonic() - begin
    print("%s: %.3f s" % (what, took))
    if took > ALLOWED:
        slow.append(what)
    return result


def path(name):
    return os.path.join(FOLDER, name)


def read_known():
    with open(path("known"), "rb") as file:
        assert file.read() == b"known\n" * 2000


def save(name, force):
    with open(path(name), "wb") as file:
        file.write(b"new" * 1000)
        file.flush()
        if force:
            os.fsync(file.fileno())


check("list the top", lambda: os.listdir("."))
check("list a known folder", lambda: os.listdir(FOLDER))
check("attributes", lambda: os.stat(path("known")))
check("free space", lambda: os.statvfs(FOLDER))
check("read what is cached", read_known)
check("create and write", lambda: save("new", False))
check("create, write and fsync", lambda: save("forced", True))
check("read what was just written", lambda: open(path("new"), "rb").read())
check("rename", lambda: os.rename(path("new"), path("renamed")))
check("mkdir", lambda: os.mkdir(path("folder")))
check("chmod", lambda: os.chmod(path("renamed"), 0o600))
check("unlink", lambda: os.unlink(path("renamed")))
check("status", lambda: open(".isle/status.json", "rb").read())
if slow:
    sys.exit("took more than %s s: %s" % (ALLOWED, ", ".join(slow)))
