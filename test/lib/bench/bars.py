"""What test/bench does. Only the standard library; everything it starts it ends."""

import contextlib
import datetime
import hashlib
import hmac
import http.client
import os
import re
import secrets
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import steps

MIB = 1 << 20
BLOCK = 128 << 10
SMALL_FILES = 1000
SMALL_BYTES = 4096
SAMPLES = 7
WARMING_FILES = 300


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Garage:
    """A server of its own, with one bucket a volume."""

    def __init__(self, folder):
        os.makedirs(folder)
        self.folder = folder
        self.port, self.admin, rpc = free_port(), free_port(), free_port()
        self.token = secrets.token_hex(16)
        self.key, self.secret = "GK" + secrets.token_hex(12), secrets.token_hex(32)
        path = os.path.join(folder, "garage.toml")
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(
                f"""
metadata_dir = "{folder}/meta"
data_dir = "{folder}/data"
db_engine = "lmdb"
replication_factor = 1
metadata_fsync = true
data_fsync = true
rpc_bind_addr = "127.0.0.1:{rpc}"
rpc_public_addr = "127.0.0.1:{rpc}"
rpc_secret = "{secrets.token_hex(32)}"
[s3_api]
s3_region = "garage"
api_bind_addr = "127.0.0.1:{self.port}"
[admin]
api_bind_addr = "127.0.0.1:{self.admin}"
admin_token = "{self.token}"
"""
            )
        environment = dict(
            os.environ,
            GARAGE_DEFAULT_ACCESS_KEY=self.key,
            GARAGE_DEFAULT_SECRET_KEY=self.secret,
            GARAGE_DEFAULT_BUCKET="bench-public",
        )
        log = open(os.path.join(folder, "garage.log"), "wb")
        self.process = subprocess.Popen(
            [os.environ["GARAGE"], "-c", path, "server", "--single-node", "--default-bucket"],
            env=environment,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
        end = time.monotonic() + 30
        while not self.is_healthy():
            if self.process.poll() is not None or time.monotonic() > end:
                sys.exit(f"garage does not start; see {log.name}")
            time.sleep(0.05)

    def is_healthy(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/health", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def requests(self):
        """Requests so far, by operation."""
        asked = urllib.request.Request(f"http://127.0.0.1:{self.admin}/metrics")
        asked.add_header("Authorization", "Bearer " + self.token)
        with urllib.request.urlopen(asked, timeout=5) as answer:
            text = answer.read().decode()
        found = re.findall(r'^api_s3_request_counter\{api_endpoint="(\w+)"\} (\d+)', text, re.M)
        return {name: int(count) for name, count in found}

    @contextlib.contextmanager
    def away(self):
        """The server answers nobody."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class RawClient:
    """Requests on one connection, each answer acknowledged at once: the least that a read of an object can take."""

    def __init__(self, garage):
        self.garage = garage
        self.host = f"127.0.0.1:{garage.port}"
        self.connection = http.client.HTTPConnection(self.host, timeout=60)

    def signed(self, method, path, fields, digest):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        fields = dict(fields, host=self.host)
        fields["x-amz-content-sha256"], fields["x-amz-date"] = digest, now
        names = ";".join(sorted(fields))
        lines = "".join(f"{name}:{fields[name]}\n" for name in sorted(fields))
        canonical = "\n".join([method, path, "", lines, names, digest])
        scope = f"{now[:8]}/garage/s3/aws4_request"
        text = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = ("AWS4" + self.garage.secret).encode()
        for part in (now[:8], "garage", "s3", "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        fields["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self.garage.key}/{scope},SignedHeaders={names},Signature={signature}"
        )
        return fields

    def get(self, bucket, key, first, last):
        path = f"/{bucket}/{key}"
        fields = self.signed("GET", path, {"range": f"bytes={first}-{last}"}, hashlib.sha256(b"").hexdigest())
        self.connection.request("GET", path, headers=fields)
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        answer = self.connection.getresponse()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        content = answer.read()
        if answer.status // 100 != 2:
            sys.exit(f"GET {path} answered {answer.status}: {content[:300]}")
        return content


class Isle:
    """A profile of its own, on the Garage or on a folder."""

    def __init__(self, root, folder, garage=None, settings=""):
        os.makedirs(os.path.join(folder, "home", "config"))
        self.program = os.path.join(root, "cli", "isle")
        self.folder = folder
        self.mount = os.path.join(folder, "Isle")
        self.environment = dict(os.environ, ISLE_HOME=os.path.join(folder, "home"))
        self.options = []
        if garage:
            self.environment.update(AWS_ACCESS_KEY_ID=garage.key, AWS_SECRET_ACCESS_KEY=garage.secret)
            address = f"http://127.0.0.1:{garage.port}"
            self.options = ["--store", address, "--bucket", "public=bench-public", "--bucket", "protected=bench-public-2"]
        if settings:
            with open(os.path.join(folder, "home", "config", "daemon.yml"), "w") as file:
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

    def start_cold(self):
        """Nothing of any content is left here, names and attributes are."""
        self.isle("unmount")
        shutil.rmtree(os.path.join(self.folder, "home", "cache"), ignore_errors=True)
        self.start()

    def end(self):
        subprocess.run([self.program, "unmount"], env=self.environment, capture_output=True)

    def path(self, name):
        return os.path.join(self.mount, "public", name)


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


class Table:
    def __init__(self):
        self.missed = 0
        print(f"{'what':58}{'isle':>12}{'beside':>12}{'ratio':>8}  may be", flush=True)

    def row(self, what, isle, beside, bar, holds):
        ratio = isle / beside if beside else float("nan")
        self.missed += not holds
        shown = f"{what:58}{isle * 1000:10.2f}ms{beside * 1000:10.2f}ms{ratio:8.2f}  {bar}"
        print(shown + ("" if holds else "   MISSED"), flush=True)

    def heading(self, text):
        print(f"\n{text}", flush=True)

    def count(self, what, text, holds):
        self.missed += not holds
        print(f"{what:58}{text}" + ("" if holds else "   MISSED"), flush=True)


def large_file(table, isle, raw, garage, source):
    copy(source, isle.path("large"))
    isle.isle("wait", "--timeout", "300")
    ours, theirs = [], []
    for sample in range(SAMPLES):
        isle.start_cold()
        os.listdir(isle.path(""))
        os.stat(isle.path("large"))
        # A warmed mount: what a Java machine loads at first use is there.
        for i in range(WARMING_FILES):
            read_at(isle.path(f"small/f{i}"), 0, SMALL_BYTES)
        offset = (sample * 131 + 17) * MIB
        ours.append(timed(read_at, isle.path("large"), offset, 1))
        raw.get("bench-public", "small/f0", 0, SMALL_BYTES - 1)
        theirs.append(timed(raw.get, "bench-public", "large", offset, offset + BLOCK - 1))
    mine, other = statistics.median(ours), statistics.median(theirs)
    table.row("first byte of a cold 1 GiB file, beside a ranged GET", mine, other, "+ 4 ms", mine <= other + 0.004)


def small_files(table, isle, raw, garage):
    folder = isle.path("small")
    os.mkdir(folder)
    isle.isle("wait", "--timeout", "300")
    before = garage.requests()
    content = os.urandom(SMALL_BYTES)
    for i in range(SMALL_FILES):
        with open(os.path.join(folder, f"f{i}"), "wb") as file:
            file.write(content)
    isle.isle("wait", "--timeout", "300")
    after = garage.requests()
    did = {name: count - before.get(name, 0) for name, count in after.items() if count != before.get(name, 0)}
    holds = did.get("PutObject", 0) <= SMALL_FILES and did.get("HeadObject", 0) == 0
    shown = ", ".join(f"{count} {name}" for name, count in sorted(did.items()))
    table.count(f"requests for {SMALL_FILES} new files of 4 KiB", f"{shown} (may be 1 PutObject each, no HeadObject)", holds)

    isle.start_cold()
    os.listdir(folder)

    def read_all():
        for i in range(SMALL_FILES):
            read_at(os.path.join(folder, f"f{i}"), 0, SMALL_BYTES)

    def get_all():
        for i in range(SMALL_FILES):
            raw.get("bench-public", f"small/f{i}", 0, SMALL_BYTES - 1)

    mine, other = timed(read_all), timed(get_all)
    table.row(f"{SMALL_FILES} cold files of 4 KiB, one by one, beside GETs", mine, other, "<= 2", mine <= 2 * other)


def forces(table, isle, folder):
    bare = os.path.join(folder, "forced")
    ours, theirs = [], []
    for i in range(3):
        ours.append(timed(steps.write_forced, isle.path(f"forced{i}")))
        theirs.append(timed(steps.write_forced, bare + str(i)))
    table.row("100 x 4 KiB and fsync, beside the bare disk", min(ours), min(theirs), "", True)


def beyond_cap(table, isle, folder, source):
    isle.start()
    mine = timed(copy, source, isle.path("large"))
    other = timed(copy, source, os.path.join(folder, "copy"))
    table.row("cp of 1 GiB through a journal of 128 MiB, beside the disk", mine, other, "works", True)
    stored = timed(isle.isle, "wait", "--timeout", "300")
    table.row("  and until the store has it", mine + stored, other, "", True)
    subprocess.run(["cmp", source, isle.path("large")], check=True)


def daily_work(table, isle, garage, folder, root):
    with contextlib.ExitStack() as stack:
        passthrough = steps.Passthrough(os.path.join(root, "test", "lib"), folder)
        stack.callback(passthrough.end)
        os.mkdir(os.path.join(folder, "material"))
        material = steps.Material(os.path.join(folder, "material"))
        table.heading("Beside a passthrough in C, with the store and all that goes there on the same processors")
        steps.compare(table, isle, passthrough, material, False, lambda: isle.isle("wait", "--timeout", "300"))
        table.heading("The same with the store away")
        with garage.away():
            steps.compare(table, isle, passthrough, material, True, lambda: None)
        isle.isle("wait", "--timeout", "600")


def main(root, where=None):
    with contextlib.ExitStack() as stack:
        folder = tempfile.mkdtemp(prefix="isle-bench.", dir=where)
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        source = os.path.join(folder, "source")
        subprocess.run(["dd", "if=/dev/urandom", "of=" + source, "bs=1M", "count=1024", "status=none"], check=True)
        garage = Garage(os.path.join(folder, "garage"))
        stack.callback(garage.end)
        isle = Isle(root, os.path.join(folder, "on-garage"), garage)
        stack.callback(isle.end)
        isle.start()
        raw = RawClient(garage)
        table = Table()
        small_files(table, isle, raw, garage)
        forces(table, isle, folder)
        large_file(table, isle, raw, garage, source)
        daily_work(table, isle, garage, folder, root)
        isle.end()
        small = Isle(root, os.path.join(folder, "on-garage-small"), garage, "journal:\n  cap: 256MiB\n")
        stack.callback(small.end)
        beyond_cap(table, small, folder, source)
        return 1 if table.missed else 0


sys.exit(main(*sys.argv[1:]))
