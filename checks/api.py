"""A small HTTP client and a server to talk to: what the checks in this folder share. Python's own library only."""

import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

BINARY = os.environ.get("LIANXI_BINARY", "target/debug/lianxi")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Refused(Exception):
    """An answer other than the one that was asked for."""

    def __init__(self, what, status, body):
        super().__init__(f"{what}: {status} {json.dumps(body, ensure_ascii=False)[:600]}")
        self.status = status
        self.body = body


class Server:
    """One instance of the service; several may stand on one database."""

    def __init__(self, database, secret="a secret for checks, of more than thirty-two characters", more=None):
        self.port = free_port()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("LIANXI_")},
            "DATABASE_URL": database,
            "LIANXI_SECRET": secret,
            "LIANXI_LISTEN": f"127.0.0.1:{self.port}",
            "LIANXI_REQUESTS_PER_MINUTE": "10000000",
            "LIANXI_LOGINS_PER_MINUTE": "10000000",
            "LIANXI_LOG": "warn",
            **(more or {}),
        }
        self.process = None

    def command(self, *words, stdin=None):
        return subprocess.run([BINARY, *words], env=self.environment, input=stdin, text=True, capture_output=True, check=False)

    def start(self, within=30):
        self.process = subprocess.Popen([BINARY, "serve"], env=self.environment, stdout=subprocess.DEVNULL, stderr=None)
        end = time.monotonic() + within
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise SystemExit(f"the service ended with {self.process.returncode}")
            try:
                if Client(self.port).ask("GET", "/health/ready")[0] == 200:
                    return self
            except OSError:
                pass
            time.sleep(0.02)
        raise SystemExit("the service did not become ready")

    def kill(self):
        """As a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Client:
    """One caller. Connections are kept, one a thread."""

    def __init__(self, port, token=None):
        self.ports = port if isinstance(port, list) else [port]
        self.token = token
        self.local = threading.local()
        self.turn = 0

    def ask(self, method, path, body=None, headers=None, port=None):
        """(status, headers, json); a broken connection is an OSError."""
        if port is None:
            # Several instances are asked in turn.
            self.turn += 1
            port = self.ports[self.turn % len(self.ports)]
        pool = self.local.__dict__.setdefault("pool", {})
        connection = pool.get(port) or http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        pool[port] = connection
        fields = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if body is not None:
            fields["Content-Type"] = "application/merge-patch+json" if method == "PATCH" else "application/json"
        fields.update(headers or {})
        try:
            connection.request(method, path, None if body is None else json.dumps(body), fields)
            answer = connection.getresponse()
            data = answer.read()
        except (http.client.HTTPException, OSError) as error:
            connection.close()
            pool.pop(port, None)
            raise ConnectionError(str(error)) from error
        return answer.status, answer.headers, json.loads(data) if data else None

    def must(self, status, method, path, body=None, headers=None):
        given, _, answer = self.ask(method, path, body, headers)
        if given != status:
            raise Refused(f"{method} {path}", given, answer)
        return answer

    def get(self, path, **query):
        pairs = [(name, one) for name, value in query.items() for one in (value if isinstance(value, list) else [value])]
        return self.must(200, "GET", path + ("?" + urllib.parse.urlencode(pairs) if pairs else ""))

    def all(self, path, **query):
        """Every item of a list, page by page."""
        cursor = None
        while True:
            page = self.get(path, limit=100, **query, **({"cursor": cursor} if cursor else {}))
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def make(self, path, body, key=None):
        return self.must(201, "POST", path, body, {"Idempotency-Key": key} if key else None)

    def act(self, path, thing, body=None):
        """A deed on a thing as it was last seen; answers the thing as it is now."""
        return self.must(200, "POST", path, body, {"If-Match": thing["etag"]})


def login(ports, account, password):
    client = Client(ports)
    tokens = client.must(200, "POST", "/v1/auth/login", {"account": account, "password": password})
    client.token = tokens["access_token"]
    return client


def several(count, work, items):
    """Runs `work(item)` for all items on `count` threads; the first failure ends the check."""
    queue, lock, faults, results = list(enumerate(items)), threading.Lock(), [], {}
    queue.reverse()

    def run():
        while not faults:
            with lock:
                if not queue:
                    return
                at, item = queue.pop()
            try:
                results[at] = work(item)
            except Exception as error:  # told below, with its cause
                faults.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return [results[at] for at in sorted(results)]


def fail(text):
    print(text, file=sys.stderr)
    raise SystemExit(1)


def fresh_key():
    return secrets.token_hex(12)
