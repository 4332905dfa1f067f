# SPDX-License-Identifier: MIT
"""Fixtures of the integration tests: the real programs, on unix sockets and in temporary folders.

The programs come from the build folder named by OPENKVP_BUILD (default: build, beside tests/).
Programs of the distribution are fetched with apt-get into a cache there; tests that need them are
skipped where that is not possible.
"""
import functools
import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/support"))
collect_ignore = [] if importlib.util.find_spec("pywbem") else ["test_pywbem.py"]  # Debian has no package of it

import cimxml  # noqa: E402
import debian  # noqa: E402
import soap  # noqa: E402
import wmi  # noqa: E402
from programs import Agent, Build, Daemon, wait_until  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "shows(name, ...): rows of tests/conformance/rows.txt that a test shows")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """What a test shows goes into its report, and with that from any worker into the JUnit file: ./dev conformance
    reads it there. Workers end in any order; position is that of the test."""
    for position, item in enumerate(items):
        names = [name for mark in item.iter_markers("shows") for name in mark.args]
        if names:
            item.user_properties += [("position", position), *(("shows", name) for name in names)]


@pytest.fixture(scope="session")
def build():
    """The build folder."""
    path = pathlib.Path(os.environ.get("OPENKVP_BUILD", SOURCE / "build")).resolve()
    if not (path / "build.ninja").exists():
        pytest.exit(f"{path} is no build folder; set OPENKVP_BUILD", 2)
    return path


@pytest.fixture
def start(tmp_path):
    """Starts programs, start(*args, **Popen options); all end with the test."""
    running = []

    def run(*args, **options):
        process = subprocess.Popen([str(arg) for arg in args], **options)
        running.append(process)
        return process

    yield run
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait(10)


@pytest.fixture
def agent(build, tmp_path):
    """The agent's command line on a pool folder of this test: agent("list") -> CompletedProcess.

    agent.folder is that folder, agent.program the program."""

    def run(*args, **options):
        command = [str(run.program), "--folder", str(run.folder), *map(str, args)]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, **options)

    run.program = build / "agent" / "openkvp-agent"
    run.folder = tmp_path / "hyperv"
    return run


@pytest.fixture
def serve(agent, start, tmp_path):
    """Starts the agent's service, connected to a socket: serve("unix:/path") -> Popen."""

    def run(where, **options):
        return start(agent.program, "--folder", agent.folder, "--connect", where, **options)

    return run


@pytest.fixture(scope="session")
def package(build):
    """Unpacks a Debian package: package("hyperv-daemons") -> the folder."""

    def unpack(name):
        try:
            return debian.unpack(name, build / "packages" / name)
        except debian.Unavailable as why:
            pytest.skip(str(why))

    return unpack


@pytest.fixture
def stock_daemon(build, start, tmp_path, agent):
    """Starts the distribution's hv_kvp_daemon on the agent's pool folder: stock_daemon(socket)."""

    def run(device_socket):
        agent.folder.mkdir(exist_ok=True)
        try:
            return start(*debian.stock_daemon_command(build, tmp_path, device_socket))
        except debian.Unavailable as why:
            pytest.skip(str(why))

    return run


@pytest.fixture
def memory_path(tmp_path):
    """A folder in memory, where there is one: for tests that write often and are not about the disk's own speed."""
    if not os.access("/dev/shm", os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="openkvp-", dir="/dev/shm") as folder:
        yield pathlib.Path(folder)


def running_daemons(build, folder):
    """A function that makes daemons, started. All end when the generator goes on, as they should."""
    made = []

    def make(name="host", **settings):
        made.append(Daemon(Build(build), folder / name, **settings))
        return made[-1].start()

    yield make
    for daemon in made:
        status = daemon.stop()
        assert status in (None, 0), f"openkvpd ended with {status}:\n{daemon.log_text()}"
        assert "ERROR: AddressSanitizer" not in daemon.log_text(), daemon.log_text()
        assert "runtime error:" not in daemon.log_text(), daemon.log_text()


@pytest.fixture
def make_daemon(build, tmp_path):
    """Makes daemons with settings of their own, started; all end with the test."""
    yield from running_daemons(build, tmp_path)


@pytest.fixture(scope="module")
def make_shared_daemon(build, tmp_path_factory):
    """The same for tests of one file that leave their daemon as they find it."""
    yield from running_daemons(build, tmp_path_factory.mktemp("shared"))


@pytest.fixture
def daemon(make_daemon):
    """A daemon with the default settings, started."""
    return make_daemon()


class Tls:
    """A certificate for 127.0.0.1, signed by itself, and its key."""

    TEMPLATE = "cn = localhost\ndns_name = localhost\nip_address = 127.0.0.1\nexpiration_days = 1\n" \
        "tls_www_server\nca\ncert_signing_key\n"

    def __init__(self, folder):
        self.certificate, self.key, template = folder / "certificate.pem", folder / "key.pem", folder / "template"
        template.write_text(self.TEMPLATE)
        for words in (["--generate-privkey", "--key-type=ecdsa", "--outfile", self.key],
                      ["--generate-self-signed", "--load-privkey", self.key, "--template", template,
                       "--outfile", self.certificate]):
            subprocess.run(["certtool", *words], check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="session")
def tls(tmp_path_factory):
    return Tls(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def client(daemon):
    """A WS-Management client of the daemon, whose user is an administrator."""
    return soap.Client(daemon.http, *daemon.add_user())


@pytest.fixture
def cim(daemon):
    """A CIM-XML client of the daemon, whose user is an administrator."""
    return cimxml.Client(daemon.cimom, *daemon.add_user())


@pytest.fixture(params=wmi.BINDINGS)
def face_in(request):
    """Makes faces of daemons, over each binding: face_in(daemon, "root/virtualization/v2")."""
    return functools.partial(wmi.face, request.param)


@pytest.fixture
def face(face_in, daemon):
    """The daemon's face in root/virtualization/v2, over each binding."""
    return face_in(daemon)


class Vm:
    """A VM named web1, and its guest."""

    def __init__(self, daemon, build, folder):
        self.daemon, self.name = daemon, "web1"
        self.channel = folder / "web1.sock"
        daemon.cli_ok("vm", "define", self.name, "--channel", f"unix-listen:{self.channel}")
        self.guid = self.show()["id"]
        self.agent = Agent(Build(build), folder / "guest", f"unix:{self.channel}")

    def show(self):
        return self.daemon.cli_json("vm", "show", self.name)

    def wait_for_contact(self):
        wait_until(lambda: self.show()["contact"] == "open", "the guest is in contact")

    def items(self):
        """Key -> item, as the command line lists them."""
        return {item["key"]: item for item in self.daemon.cli_json("item", "list", self.name)["items"]}

    def wait_for_delivery(self, key, state="acknowledged"):
        wait_until(lambda: self.items()[key]["delivery"] == state, f"{key} is {state}")


@pytest.fixture
def vm(daemon, build, tmp_path):
    """A VM whose agent is not started yet: vm.agent.start()."""
    made = Vm(daemon, build, tmp_path)
    yield made
    made.agent.stop()


@pytest.fixture
def running_vm(vm):
    """A VM whose agent is in contact."""
    vm.agent.start()
    vm.wait_for_contact()
    return vm
