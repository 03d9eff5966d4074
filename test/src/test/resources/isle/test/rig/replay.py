"""The system calls by which programs that are too large to be installed for a test save what they have.

    replay.py before|save|after PROGRAM     in the folder to work in

"before" makes what was there, "save" does as the program does, "after" checks that exactly the result is there.
"""

import errno
import fcntl
import hashlib
import os
import random
import stat
import sys
from concurrent.futures import ThreadPoolExecutor

# What programs write at a time.
PIECE = 32 * 1024


def content(name, size):
    return random.Random(name).randbytes(size)


def create(name, data, mode=0o666, flags=os.O_WRONLY | os.O_CREAT | os.O_EXCL):
    fd = os.open(name, flags, mode)
    write(fd, data)
    os.close(fd)


def write(fd, data):
    for begin in range(0, len(data), PIECE):
        piece = data[begin : begin + PIECE]
        if os.write(fd, piece) != len(piece):
            sys.exit("a short write")


def refused(error, call, *arguments):
    try:
        call(*arguments)
    except error:
        return
    sys.exit(f"{call.__name__}{arguments} is not refused with {error.__name__}")


def file(mode, data):
    return f"a file of mode {mode:o} with {len(data)} bytes, {hashlib.sha1(data).hexdigest()}"


def link(target):
    return f"a link to {target}"


FOLDER = "a folder"


def described(name):
    status = os.lstat(name)
    if stat.S_ISLNK(status.st_mode):
        return link(os.readlink(name))
    if stat.S_ISDIR(status.st_mode):
        return FOLDER
    with open(name, "rb") as opened:
        return file(stat.S_IMODE(status.st_mode), opened.read())


def expect(expected):
    """The test fails unless these files are there, and no others."""
    found = {}
    for folder, folders, names in os.walk("."):
        for name in folders + names:
            path = os.path.relpath(os.path.join(folder, name))
            found[path] = described(path)
    for name in sorted(found.keys() | expected.keys()):
        if found.get(name) != expected.get(name):
            sys.exit(f"{name}: {found.get(name, 'nothing')} instead of {expected.get(name, 'nothing')}")


OLD, NEW, OTHER = content("old", 50_000), content("new", 300_000), content("other", 120_000)


# LibreOffice 7: save by rename as sfx2/source/doc/docfile.cxx and sal/osl/unx/file.cxx do it, what is in the lock file as
# it is known to look. While a document is open, a file says who edits it, and the document itself is locked.


def libreoffice_lock(name):
    # Made only when nobody else has made it: the others' names are read from it.
    entry = b",user,host,29.11.2026 12:00,file:///home/user/.config/libreoffice/4;"
    create(f".~lock.{name}#", entry, flags=os.O_RDWR | os.O_CREAT | os.O_EXCL)


def libreoffice_open(name):
    fd = os.open(name, os.O_RDWR)
    fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.read(fd, PIECE)
    return fd


def libreoffice_put(temporary, name):
    # It asks for the mode of the document by making it, when it is not there.
    try:
        os.close(os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666))
    except FileExistsError:
        pass
    status = os.lstat(name)
    # Only a file with one name may be replaced.
    if status.st_nlink != 1:
        sys.exit(f"{name} has {status.st_nlink} links")
    os.rename(temporary, name)
    os.chmod(name, stat.S_IMODE(status.st_mode))
    # Opened once more only to be forced to the disk.
    fd = os.open(name, os.O_RDWR)
    os.fsync(fd)
    os.close(fd)


def libreoffice_before():
    create("letter.odt", OLD, 0o640)


def libreoffice_save():
    # Opened by a user.
    libreoffice_lock("letter.odt")
    document = libreoffice_open("letter.odt")
    # A second one finds it taken.
    refused(FileExistsError, libreoffice_lock, "letter.odt")
    # Saved: the package goes to a private temporary file beside it, which replaces it.
    create("lu4711abcd.tmp", OTHER, 0o600, os.O_RDWR | os.O_CREAT | os.O_EXCL)
    os.close(document)
    libreoffice_put("lu4711abcd.tmp", "letter.odt")
    document = libreoffice_open("letter.odt")
    # Saved as: the new name is locked before, the old one given up after. The temporary file is written in two goes.
    libreoffice_lock("copy.odt")
    fd = os.open("lu4711efgh.tmp", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    write(fd, OTHER)
    os.ftruncate(fd, 0)
    os.lseek(fd, 0, os.SEEK_SET)
    write(fd, NEW)
    os.close(fd)
    os.close(document)
    libreoffice_put("lu4711efgh.tmp", "copy.odt")
    os.unlink(".~lock.letter.odt#")
    document = libreoffice_open("copy.odt")
    # Saved where a rename is refused: the old content is kept beside it until the new one is written over it.
    create("copy_1.odt", NEW, 0o600)
    fd = os.open("copy.odt", os.O_RDWR)
    os.ftruncate(fd, 0)
    write(fd, OTHER + NEW)
    os.fsync(fd)
    os.close(fd)
    os.unlink("copy_1.odt")
    # Closed.
    os.close(document)
    os.unlink(".~lock.copy.odt#")


def libreoffice_after():
    expect({"letter.odt": file(0o640, OTHER), "copy.odt": file(0o644, OTHER + NEW)})


# Firefox and Chromium, as they are known to behave; not recorded.


def browser_before():
    create("page.html", OLD)


def browser_save():
    # Firefox: an empty file keeps the name free of others while the content comes in beside it.
    create("report.pdf", b"", 0o644)
    part = "report.6fGh1.pdf.part"
    fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    write(fd, NEW[:100_000])
    os.close(fd)
    # Stopped and resumed: what is there is hashed, and the rest appended.
    with open(part, "rb") as opened:
        if opened.read() != NEW[:100_000]:
            sys.exit("the first part of a download is not what was written")
    fd = os.open(part, os.O_WRONLY | os.O_APPEND)
    write(fd, NEW[100_000:])
    os.close(fd)
    # Done: over the empty file, and as readable as the user wants new files to be.
    os.rename(part, "report.pdf")
    os.chmod("report.pdf", 0o644)
    # A download that is given up takes both files with it.
    create("given-up.zip", b"", 0o644)
    create("given-up.xYz42.zip.part", OTHER, 0o600)
    os.unlink("given-up.xYz42.zip.part")
    os.unlink("given-up.zip")
    # Chromium: under a name without meaning until it is known where to, then under the name with an ending; both are
    # renamed while they are written.
    fd = os.open("Unconfirmed 4711.crdownload", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    write(fd, OTHER[:60_000])
    os.rename("Unconfirmed 4711.crdownload", "page.html.crdownload")
    write(fd, OTHER[60_000:])
    os.fsync(fd)
    os.close(fd)
    os.rename("page.html.crdownload", "page.html")
    os.chmod("page.html", 0o644)
    # Where it came from.
    os.setxattr("page.html", "user.xdg.origin.url", b"https://example.org/page.html")


def browser_after():
    expect({"report.pdf": file(0o644, NEW), "page.html": file(0o644, OTHER)})
    if os.getxattr("page.html", "user.xdg.origin.url") != b"https://example.org/page.html":
        sys.exit("it is not known where page.html came from")


# npm 11, recorded by strace while it installed, updated and removed packages from tarballs; what it does when an update
# fails, and with a dependency inside a package, after its arborist/lib/arborist/reify.js. A package that changes is
# renamed to a name with a dot before the new one is unpacked, so that it can be put back when something fails.


def at_once(action, values):
    # Its calls are made by four threads.
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(action, values))


def npm_unpack(package, version):
    os.makedirs(f"{package}/lib")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    files = npm_files(version)
    at_once(lambda name: create(f"{package}/{name}", files[name], 0o777 if name == "cli.js" else 0o666, flags), files)
    # When all is unpacked, what is to be run.
    os.chmod(f"{package}/cli.js", 0o755)


def npm_remove(folder):
    # Tried as an empty folder first; then what is in it goes, and it is tried again.
    try:
        return os.rmdir(folder)
    except OSError as e:
        if e.errno != errno.ENOTEMPTY:
            raise
    inside = [os.path.join(folder, name) for name in os.listdir(folder)]
    folders = [path for path in inside if os.path.isdir(path)]
    at_once(os.unlink, [path for path in inside if path not in folders])
    for path in folders:
        npm_remove(path)
    os.rmdir(folder)


def npm_files(version):
    files = {"package.json": b'{"version": "%d"}\n' % version, "cli.js": content(f"cli{version}", 900)}
    files.update((f"lib/{i}.js", content(f"{version} {i}", 500 + 700 * i)) for i in range(5 + version))
    return files


def npm_note(version):
    # No temporary files here: each is written over.
    for name in ("package.json", "package-lock.json", "node_modules/.package-lock.json"):
        create(name, b'{"left": "%d"}\n' % version * 50, 0o666, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)


def npm_before():
    os.makedirs("node_modules/.bin")
    npm_unpack("node_modules/left", 1)
    # It depends on a version of its own of another package, which will stay.
    npm_unpack("node_modules/left/node_modules/inner", 1)
    npm_unpack("node_modules/gone", 1)
    os.symlink("../left/cli.js", "node_modules/.bin/left")
    os.symlink("../gone/cli.js", "node_modules/.bin/gone")
    npm_note(1)


def npm_save():
    retired, retired_link = "node_modules/.left-q3Zx81Ab", "node_modules/.bin/.left-0PkWc7mN"
    # An update that fails: the old package goes aside, half of the new one is unpacked, removed, and the old one put back.
    os.rename("node_modules/left", retired)
    os.rename("node_modules/.bin/left", retired_link)
    npm_unpack("node_modules/left", 2)
    npm_remove("node_modules/left")
    os.rename(retired, "node_modules/left")
    os.rename(retired_link, "node_modules/.bin/left")
    # An update that works: what did not change of the old package is moved into the new one.
    os.rename("node_modules/left", retired)
    os.rename("node_modules/.bin/left", retired_link)
    npm_unpack("node_modules/left", 2)
    os.mkdir("node_modules/left/node_modules")
    os.rename(f"{retired}/node_modules/inner", "node_modules/left/node_modules/inner")
    os.symlink("../left/cli.js", "node_modules/.bin/left")
    npm_remove(retired)
    os.unlink(retired_link)
    npm_note(2)
    # A package is removed.
    os.rename("node_modules/gone", "node_modules/.gone-Yt5Lq0Er")
    os.rename("node_modules/.bin/gone", "node_modules/.bin/.gone-b7Vd2XsK")
    npm_remove("node_modules/.gone-Yt5Lq0Er")
    os.unlink("node_modules/.bin/.gone-b7Vd2XsK")
    npm_note(3)


def npm_after():
    expected = dict.fromkeys(("node_modules", "node_modules/.bin"), FOLDER)
    expected["node_modules/.bin/left"] = link("../left/cli.js")
    for package, version in (("node_modules/left", 2), ("node_modules/left/node_modules/inner", 1)):
        expected.update(dict.fromkeys((os.path.dirname(package), package, f"{package}/lib"), FOLDER))
        for name, data in npm_files(version).items():
            expected[f"{package}/{name}"] = file(0o755 if name == "cli.js" else 0o644, data)
    for name in ("package.json", "package-lock.json", "node_modules/.package-lock.json"):
        expected[name] = file(0o644, b'{"left": "3"}\n' * 50)
    expect(expected)


os.umask(0o022)
globals()[f"{sys.argv[2]}_{sys.argv[1]}"]()
