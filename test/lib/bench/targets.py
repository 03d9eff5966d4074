"""What the bench times: isle, a plain folder, a passthrough of one, and isle's rivals. Each has a folder to work in."""

import glob
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request

from garage import free_port
from steps import timed

OPTIONS = "default_permissions,big_writes,atomic_o_trunc,hard_remove,max_readahead=1048576"
LONGEST_START = 60
# Of rivals that want one; nobody keeps anything under it.
PASSWORD = "a password for the bench alone"
LONGEST_SETTLE = 900
TICKS = os.sysconf("SC_CLK_TCK")


def await_none(name, count):
    end = time.monotonic() + LONGEST_SETTLE
    while count():
        if time.monotonic() > end:
            sys.exit(f"{name} does not get done")
        time.sleep(0.01)


class Disk:
    """A plain folder."""

    name = "disk"
    # What settle takes when everything is there, in seconds.
    asking = 0

    def __init__(self, folder):
        self.mount = os.path.join(folder, "plain")
        os.mkdir(self.mount)

    def path(self, name):
        return os.path.join(self.mount, name)

    def settle(self):
        """Returns when everything is where it has to go in the end."""

    def cold(self):
        """Afterwards nothing of any content is in a cache of the program; names and attributes may be."""

    def processes(self):
        return []

    def end(self):
        pass

    def cpu(self):
        """Seconds of processor time that its processes have used."""
        total = 0
        for pid in self.processes():
            with open(f"/proc/{pid}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def memory(self, field="VmHWM"):
        """The most memory that its processes have had resident (VmRSS: have now), in MiB."""
        total = 0
        for pid in self.processes():
            with open(f"/proc/{pid}/status") as file:
                total += next(int(line.split()[1]) for line in file if line.startswith(field + ":"))
        return total / 1024


class Mounted(Disk):
    """A program that mounts, started as a child of the bench."""

    def __init__(self, name, folder):
        self.name = name
        self.folder = os.path.join(folder, name.lower())
        os.mkdir(self.folder)
        self.mount = os.path.join(self.folder, "mount")
        self.cache = os.path.join(self.folder, "cache")
        os.mkdir(self.mount)
        os.mkdir(self.cache)
        self.log = open(os.path.join(self.folder, "log"), "wb")
        self.process = None

    def start(self, command, environment=None):
        self.command, self.environment = command, dict(os.environ, **(environment or {}))
        self.run()

    def run(self):
        self.process = subprocess.Popen(
            self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log
        )
        end = time.monotonic() + LONGEST_START
        while not os.path.ismount(self.mount):
            if self.process.poll() is not None or time.monotonic() > end:
                sys.exit(f"{self.name} does not mount; see {self.log.name}")
            time.sleep(0.02)

    def cold(self):
        self.end()
        shutil.rmtree(self.cache, ignore_errors=True)
        os.makedirs(self.cache)
        self.run()

    def processes(self):
        return [self.process.pid]

    def end(self):
        subprocess.run(["fusermount", "-u", self.mount], capture_output=True)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Passthrough(Mounted):
    """A folder of the disk through the kernel's FUSE and back, in C: the least that FUSE costs."""

    def __init__(self, folder):
        super().__init__("passthrough", folder)
        program = os.path.join(self.folder, "passthrough")
        flags = subprocess.run(
            ["pkg-config", "--cflags", "--libs", "fuse"], capture_output=True, text=True, check=True
        )
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "passthrough.c")
        subprocess.run(["gcc", "-O2", "-o", program, source, *flags.stdout.split()], check=True)
        backing = os.path.join(self.folder, "backing")
        os.mkdir(backing)
        self.start([program, self.mount, "-f", "-o", f"{OPTIONS},root={backing}"])


class Isle(Disk):
    """A profile of its own, on a Garage or on a folder."""

    def __init__(self, name, root, folder, garage=None, settings="", volume="public"):
        self.name = name
        self.volume = volume
        self.folder = os.path.join(folder, name.replace("/", "-"))
        self.home = os.path.join(self.folder, "home")
        os.makedirs(os.path.join(self.home, "config"))
        self.program = os.path.join(root, "cli", "isle")
        self.mount = os.path.join(self.folder, "Isle")
        self.environment = dict(os.environ, ISLE_HOME=self.home)
        self.options = []
        if garage:
            self.environment.update(AWS_ACCESS_KEY_ID=garage.key, AWS_SECRET_ACCESS_KEY=garage.secret)
            address = f"http://127.0.0.1:{garage.port}"
            own = "" if volume == "public" else volume + "-"
            self.options = ["--store", address]
            for each in ("public", "protected", "private"):
                self.options += ["--bucket", f"{each}=bench-{own}{each}"]
        if settings:
            with open(os.path.join(self.home, "config", "daemon.yml"), "w") as file:
                file.write(settings)

    def isle(self, *arguments):
        done = subprocess.run(
            [self.program, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            sys.exit(f"isle {' '.join(arguments)} ended with {done.returncode}: {done.stdout}")

    def start(self):
        self.isle("mount", self.mount, "--no-open", *self.options)
        self.options = []
        if not self.asking:
            self.asking = min(timed(self.settle) for _ in range(5))

    def status(self):
        with open(os.path.join(self.mount, ".isle", "status.json")) as file:
            return json.load(file)

    def settle(self):
        self.isle("wait", "--timeout", str(LONGEST_SETTLE))

    def stop(self):
        process = self.processes()[0]
        self.isle("unmount")
        # It puts its cache in order after that.
        await_none(self.name, lambda: os.path.exists(f"/proc/{process}"))

    def restart(self):
        self.stop()
        self.start()

    def cold(self, of_names=False):
        """of_names: what this host knows of the names in private/ goes, too."""
        self.stop()
        shutil.rmtree(os.path.join(self.home, "cache"), ignore_errors=True)
        if of_names:
            for kept in glob.glob(os.path.join(self.home, "**", "mirror", "mirror"), recursive=True):
                os.unlink(kept)
        self.start()

    def processes(self):
        return [self.status()["pid"]]

    def end(self):
        subprocess.run([self.program, "unmount"], env=self.environment, capture_output=True)

    def path(self, name):
        return os.path.join(self.mount, self.volume, name)


class Gocryptfs(Mounted):
    """On a folder of the disk: it has no store."""

    def __init__(self, folder):
        super().__init__("gocryptfs", folder)
        sealed = os.path.join(self.folder, "sealed")
        os.mkdir(sealed)
        password = os.path.join(self.folder, "password")
        with open(os.open(password, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(PASSWORD)
        # The cost of its passphrase is paid at the start, which is not timed.
        command = ["gocryptfs", "-q", "-passfile", password]
        subprocess.run([*command, "-init", "-scryptn", "10", sealed], stdout=self.log, stderr=self.log, check=True)
        self.start([*command, "-fg", sealed, self.mount])


class Rclone(Mounted):
    """With crypt also names and contents are encrypted, file by file."""

    def __init__(self, program, folder, garage, bucket, crypt=False):
        super().__init__("rclone crypt" if crypt else "rclone", folder)
        self.control = free_port()
        remote = {
            "TYPE": "s3",
            "PROVIDER": "Other",
            "ENDPOINT": f"http://127.0.0.1:{garage.port}",
            "REGION": "garage",
            "ACCESS_KEY_ID": garage.key,
            "SECRET_ACCESS_KEY": garage.secret,
        }
        settings = {"RCLONE_CONFIG_BENCH_" + name: value for name, value in remote.items()}
        shown = f"bench:{bucket}"
        if crypt:
            hidden = subprocess.run([program, "obscure", PASSWORD], capture_output=True, text=True, check=True)
            settings["RCLONE_CONFIG_SEALED_TYPE"] = "crypt"
            settings["RCLONE_CONFIG_SEALED_REMOTE"] = shown
            settings["RCLONE_CONFIG_SEALED_PASSWORD"] = hidden.stdout.strip()
            shown = "sealed:"
        command = [program, "mount", shown, self.mount, "--config", "/dev/null", "--cache-dir", self.cache]
        command += ["--vfs-cache-mode", "full", "--vfs-write-back", "0s", "--s3-directory-markers"]
        command += ["--rc", "--rc-no-auth", "--rc-addr", f"127.0.0.1:{self.control}"]
        self.start(command, settings)

    def waiting(self):
        asked = urllib.request.Request(f"http://127.0.0.1:{self.control}/vfs/stats", data=b"{}", method="POST")
        asked.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(asked, timeout=30) as answer:
            cache = json.load(answer)["diskCache"]
        return cache["uploadsInProgress"] + cache["uploadsQueued"]

    def settle(self):
        await_none(self.name, self.waiting)


class S3fs(Mounted):
    """It stores at close, so there is nothing to wait for."""

    def __init__(self, folder, garage, bucket):
        super().__init__("s3fs", folder)
        secret = os.path.join(self.folder, "passwd")
        with open(os.open(secret, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(f"{garage.key}:{garage.secret}")
        options = f"url=http://127.0.0.1:{garage.port},use_path_request_style,endpoint=garage,passwd_file={secret}"
        self.start(["s3fs", bucket, self.mount, "-f", "-o", f"{options},use_cache={self.cache}"])


class JuiceFs(Mounted):
    """With an RSA key its blocks are encrypted, its names are not: they are in SQLite."""

    def __init__(self, program, folder, garage, bucket, encrypted=False):
        super().__init__("JuiceFS", folder)
        names = "sqlite3://" + os.path.join(self.folder, "names.db")
        environment = {"ACCESS_KEY": garage.key, "SECRET_KEY": garage.secret, "AWS_REGION": "garage"}
        address = f"http://127.0.0.1:{garage.port}/{bucket}"
        sealing = []
        if encrypted:
            key = os.path.join(self.folder, "key.pem")
            subprocess.run(
                ["openssl", "genrsa", "-out", key, "-aes256", "-passout", "pass:" + PASSWORD, "2048"],
                stdout=self.log,
                stderr=self.log,
                check=True,
            )
            environment["JFS_RSA_PASSPHRASE"] = PASSWORD
            sealing = ["--encrypt-rsa-key", key]
        subprocess.run(
            [program, "format", "--storage", "s3", "--bucket", address, *sealing, names, "bench"],
            env=dict(os.environ, **environment),
            stdout=self.log,
            stderr=self.log,
            check=True,
        )
        command = [program, "mount", "--writeback", "--cache-dir", self.cache, "--no-usage-report", "--no-syslog"]
        self.start([*command, names, self.mount], environment)

    def staged(self):
        with open(os.path.join(self.mount, ".stats")) as file:
            values = dict(line.rsplit(None, 1) for line in file if line.startswith("juicefs_staging_blocks"))
        return sum(float(value) for value in values.values())

    def settle(self):
        await_none(self.name, self.staged)

    def processes(self):
        # The program that mounts is a child of the one that was started, by any of its threads.
        found = [self.process.pid]
        for children in glob.glob(f"/proc/{self.process.pid}/task/*/children"):
            with open(children) as file:
                found.extend(map(int, file.read().split()))
        return found
