"""Mail as Python's mailbox module delivers it, which takes the locks and makes the syncs that mail programs do.

    mail.py deliver-maildir BOX WHO COUNT     new messages, each written in tmp/ and moved to new/
    mail.py read-maildir BOX COUNT            moves what arrives in new/ to cur/, as seen, until it is so many
    mail.py check-maildir BOX COUNT WHO...
    mail.py append-mbox BOX WHO COUNT         under a lock by fcntl and a dot lock
    mail.py expunge-mbox BOX                  removes every tenth message: writes a new file and renames it over the old
    mail.py check-mbox BOX COUNT WHO...
"""

import collections
import email.message
import mailbox
import os
import random
import sys
import time

LIMIT_SECONDS = 120
EXPUNGED = 10
deadline = time.monotonic() + LIMIT_SECONDS


def body(who, number):
    lines = random.Random(f"{who} {number}")
    return "".join(f"{lines.getrandbits(280):070x}\n" for _ in range(1 + number * 13 % 400))


def message(who, number):
    made = email.message.Message()
    made["From"] = f"{who}@example.org"
    made["X-Number"] = str(number)
    made.set_payload(body(who, number))
    return made


def identity(found):
    """Whose message it is and which one; the test fails when its content is not what was delivered."""
    who, number = found["From"].split("@")[0], int(found["X-Number"])
    if found.get_payload().rstrip("\n") != body(who, number).rstrip("\n"):
        sys.exit(f"message {number} of {who} has other content than it was delivered with")
    return who, number


def same(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: {str(found)[:500]} instead of {str(expected)[:500]}")


def wait():
    if time.monotonic() > deadline:
        sys.exit("not done in time")
    time.sleep(0.01)


def deliver_maildir(path, who, count):
    box = mailbox.Maildir(path, create=False)
    for number in range(int(count)):
        box.add(message(who, number))


def read_maildir(path, count):
    box = mailbox.Maildir(path, create=False)
    read = 0
    while read < int(count):
        for key in list(box.iterkeys()):
            found = box.get_message(key)
            if found.get_subdir() == "cur":
                continue
            read += 1
            if read % 2:
                # As mail readers do.
                os.rename(os.path.join(path, "new", key), os.path.join(path, "cur", key + ":2,S"))
            else:
                # As the module does: a new copy by way of tmp/, then the old one goes.
                found.set_subdir("cur")
                found.set_flags("S")
                box[key] = found
        wait()


def check_maildir(path, count, *whos):
    same("what is left to be delivered or read", os.listdir(f"{path}/tmp") + os.listdir(f"{path}/new"), [])
    box = mailbox.Maildir(path, create=False)
    found = list(box)
    same("flags", {entry.get_flags() for entry in found}, {"S"})
    same("messages", sorted(map(identity, found)), sorted((who, n) for who in whos for n in range(int(count))))


def lock(box):
    while True:
        try:
            return box.lock()
        except mailbox.ExternalClashError:
            wait()


def unlock(box):
    try:
        box.unlock()
    except FileNotFoundError:
        # Where link(2) is refused, a dot lock is a renamed file, and the module gives up the lock by fcntl first: who
        # comes next may have replaced this file by its own, and have removed it.
        pass


def append_mbox(path, who, count):
    box = mailbox.mbox(path, create=False)
    for number in range(int(count)):
        lock(box)
        box.add(message(who, number))
        box.flush()
        unlock(box)
    box.close()


def expunge_mbox(path):
    box = mailbox.mbox(path, create=False)
    lock(box)
    for key in box.keys():
        if identity(box[key])[1] % EXPUNGED == 0:
            box.remove(key)
    box.flush()
    unlock(box)
    box.close()


def check_mbox(path, count, *whos):
    found = collections.defaultdict(list)
    for entry in mailbox.mbox(path, create=False):
        who, number = identity(entry)
        found[who].append(number)
    # Each one's messages come in the order in which it appended them.
    same("messages", dict(found), {who: [n for n in range(int(count)) if n % EXPUNGED] for who in whos})


globals()[sys.argv[1].replace("-", "_")](*sys.argv[2:])
