"""Types into nano as a person does: a line at the top, ^O and Enter to save, ^X to leave."""

import os
import pty
import select
import sys
import time

LIMIT_SECONDS = 30
deadline = time.monotonic() + LIMIT_SECONDS


def wait_for(screen, text):
    shown = b""
    while text not in shown:
        if time.monotonic() > deadline:
            sys.exit("nano does not show %r, but %r" % (text, shown[-500:]))
        if select.select([screen], [], [], 0.1)[0]:
            try:
                shown += os.read(screen, 4096)
            except OSError:
                sys.exit("nano ended early; it showed %r" % shown[-500:])


def leave(screen, child):
    os.write(screen, b"\x18")
    while True:
        try:
            if not os.read(screen, 4096):
                break
        except OSError:
            break
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


child, screen = pty.fork()
if child == 0:
    os.environ.update(TERM="xterm", LINES="24", COLUMNS="80")
    os.execvp("nano", ["nano", "--ignorercfiles", sys.argv[1]])
wait_for(screen, b"^X")
os.write(screen, b"one\r")
wait_for(screen, b"Modified")
os.write(screen, b"\x0f")
# What it asks for is worded differently in each release.
wait_for(screen, b"DOS Format")
os.write(screen, b"\r")
wait_for(screen, b"Wrote")
sys.exit(leave(screen, child))
