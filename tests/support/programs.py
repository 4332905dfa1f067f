# SPDX-License-Identifier: MIT
"""The programs under test, each in a folder of its own: openkvpd, openkvp, openkvp-agent."""
import json
import os
import pathlib
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def wait_until(condition, what, timeout=20.0):
    """Calls condition() until it gives something true, which is returned."""
    deadline = time.monotonic() + timeout
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(0.02)


class Build:
    """A build folder and the programs in it."""

    def __init__(self, folder):
        self.folder = (ROOT / folder).resolve()
        self.openkvpd = self.folder / "daemon/openkvpd"
        self.openkvp = self.folder / "cli/openkvp"
        self.agent = self.folder / "agent/openkvp-agent"


class Program:
    """A process with its output in a file."""

    def __init__(self, log):
        self.log = pathlib.Path(log)
        self.process = None

    def launch(self, *command, env=None):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([str(word) for word in command], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, env=env)

    def running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, number=signal.SIGTERM):
        """Ends the process and returns its exit status."""
        if self.process is None:
            return None
        if self.running():
            self.process.send_signal(number)
        try:
            status = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"still running 30 s after signal {number}:\n{self.log_text()}")
        self.process = None
        return status

    def kill9(self):
        self.stop(signal.SIGKILL)

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""


class Daemon(Program):
    """openkvpd with everything in one state folder, and the command line that talks to it."""

    USER, PASSWORD = "ann", "correct horse"

    def __init__(self, build, folder, **settings):
        self.build = build
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        super().__init__(self.folder / "openkvpd.log")
        self.settings = {"listen_http": "127.0.0.1:0", "listen_cimxml_http": "127.0.0.1:0", **settings}
        self.socket = self.folder / "openkvpd.sock"
        self.database = self.folder / "openkvp.db"
        self.http = self.cimom = self.cimom_tls = None

    def command(self):
        """The words that start it."""
        options = [f"--set={name}={value}" for name, value in self.settings.items()]
        return [self.build.openkvpd, "--state-dir", self.folder, *options]

    def start(self):
        self.launch(*self.command())
        wait_until(self._ready, "the daemon answers")
        listeners = self.cli_json("status")["listeners"]
        def first(scheme, of_cimxml):
            return next((address for address in listeners if address.startswith(scheme + "://") and
                         address.endswith("/cimom") == of_cimxml), None)
        self.http, self.cimom, self.cimom_tls = first("http", False), first("http", True), first("https", True)
        return self

    def _ready(self):
        if not self.running():
            raise AssertionError(f"openkvpd ended with {self.process.returncode}:\n{self.log_text()}")
        return self.socket.exists() and self.cli("status").returncode == 0

    def cli(self, *words, **options):
        """Runs openkvp and returns its CompletedProcess, whatever its exit status."""
        env = {**os.environ, "OPENKVP_SERVER": str(self.socket)}
        return subprocess.run([str(self.build.openkvp), *map(str, words)], env=env, text=True,
                              capture_output=True, timeout=60, **options)

    def cli_ok(self, *words, **options):
        """Runs openkvp and returns what it printed; it must succeed."""
        done = self.cli(*words, **options)
        assert done.returncode == 0, f"openkvp {' '.join(map(str, words))}: {done.stderr or done.stdout}"
        return done.stdout

    def cli_json(self, *words, **options):
        return json.loads(self.cli_ok(*words, "--json", **options))

    def add_user(self, name=USER, password=PASSWORD, role="admin"):
        self.cli_ok("user", "add", name, "--role", role, "--password-stdin", input=password + "\n")
        return name, password


class Memory:
    """The memory of the daemon that is resident; it is not looked at under a sanitizer, which keeps what is freed."""

    def __init__(self, daemon):
        self.pid = daemon.process.pid
        self.measured = b"__asan_init" not in daemon.build.openkvpd.read_bytes()
        self.before = self.now()

    def now(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

    def check(self, more_kib):
        """It has grown by less than that."""
        if self.measured:
            assert self.now() - self.before < more_kib


class Agent(Program):
    """openkvp-agent with pool files in a folder, on a unix socket."""

    def __init__(self, build, folder, connect):
        self.build = build
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.connect = connect
        super().__init__(self.folder.parent / (self.folder.name + ".log"))

    def start(self):
        self.launch(self.build.agent, "--folder", self.folder, "--connect", self.connect, "serve")
        return self

    def run(self, *words):
        return subprocess.run([str(self.build.agent), "--folder", str(self.folder), *map(str, words)],
                              text=True, capture_output=True, timeout=30)

    def get(self, key):
        """A value as a guest program gets it; None when there is no such key."""
        done = self.run("get", key)
        return done.stdout[:-1] if done.returncode == 0 else None

    def pool(self, number):
        return self.folder / f".kvp_pool_{number}"
