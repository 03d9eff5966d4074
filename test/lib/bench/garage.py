"""A Garage of its own, and the plainest clients of it. Only the standard library."""

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
import subprocess
import sys
import tempfile
import time
import urllib.request


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
        return self.request("GET", f"/{bucket}/{key}", {"range": f"bytes={first}-{last}"})

    def put(self, bucket, key, content):
        self.request("PUT", f"/{bucket}/{key}", {}, content)

    def create_bucket(self, bucket):
        self.request("PUT", f"/{bucket}", {})

    def request(self, method, path, fields, content=None):
        digest = "UNSIGNED-PAYLOAD" if content else hashlib.sha256(b"").hexdigest()
        self.connection.request(method, path, body=content, headers=self.signed(method, path, fields, digest))
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        answer = self.connection.getresponse()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        found = answer.read()
        if answer.status // 100 != 2:
            sys.exit(f"{method} {path} answered {answer.status}: {found[:300]}")
        return found


def distant(stack, garage, milliseconds):
    """From here on everybody reaches the server by a relay that makes a round trip so much longer."""
    relay = subprocess.Popen(
        [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "delay.py"), str(garage.port), milliseconds],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    stack.callback(relay.wait)
    stack.callback(relay.stdin.close)
    garage.port = int(relay.stdout.readline())


def begin(stack, where, milliseconds):
    """A folder and a server for a whole run; whatever ends that, what was started is ended too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = tempfile.mkdtemp(prefix="isle-bench.", dir=where)
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    garage = Garage(os.path.join(folder, "garage"))
    stack.callback(garage.end)
    if float(milliseconds):
        distant(stack, garage, milliseconds)
    return folder, garage
