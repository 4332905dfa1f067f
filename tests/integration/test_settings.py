# SPDX-License-Identifier: MIT
"""What openkvpd says to settings and users that are wrong, before it starts and while it runs."""
import socket
import subprocess

import pytest

from programs import Build, Daemon, wait_until

BROKEN = "ann:king:hash"


@pytest.fixture
def daemon(build, tmp_path):
    """One that has not been started."""
    daemon = Daemon(Build(build), tmp_path / "host")
    yield daemon
    if daemon.running():
        daemon.stop()


def check(daemon, *words):
    return subprocess.run([*daemon.command(), "--check-config", *words], capture_output=True, text=True, timeout=30)


def test_a_line_of_no_user_is_named_before_the_start(daemon):
    (daemon.folder / "users").write_text(f"# people\n{BROKEN}\n")

    done = check(daemon)

    assert done.returncode == 1 and done.stdout == ""
    assert f"users_file: {daemon.folder}/users:2: not name:role:hash" in done.stderr


def test_a_line_of_no_user_is_named_once_in_the_log(daemon):
    users = daemon.folder / "users"
    users.write_text(f"{BROKEN}\n")
    daemon.start()
    wait_until(lambda: f"{users}:1: not name:role:hash" in daemon.log_text(), "the line is named")

    users.write_text("# people\ngarbage\n")
    for _ in range(3):
        subprocess.run(["curl", "-s", "-u", "ann:x", f"{daemon.http}/v1/vms"], check=True, capture_output=True)

    wait_until(lambda: f"{users}:2:" in daemon.log_text(), "the other line is named")
    assert daemon.log_text().count("not name:role:hash") == 2


@pytest.mark.parametrize("words", [["--set", "nosuch=1"], ["--set", "vms=many"], ["--set", "vms"], ["--frob"], ["frob"],
                                   ["--state-dir", "/" + "x" * 300]])
def test_a_wrong_command_line_is_wrong_usage(daemon, words):
    done = check(daemon, *words)
    assert done.returncode == 2 and done.stdout == "" and done.stderr


@pytest.mark.parametrize("line", ["nosuch = 1", "vms = many", "listen_http = 0.0.0.0:80"])
def test_a_wrong_file_is_a_fault(daemon, line):
    section = "http" if "listen" in line else "items"
    daemon.settings.clear()
    (daemon.folder / "openkvpd.conf").write_text(f"[{section}]\n{line}\n")
    assert check(daemon).returncode == 1


@pytest.mark.parametrize("setting", ["listen_http", "listen_cimxml_http"])
def test_an_address_in_use_is_told_with_its_setting(daemon, setting):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = "%s:%d" % taken.getsockname()
        daemon.settings[setting] = address
        done = subprocess.run(daemon.command(), capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and f"{setting}: cannot listen on {address}: Address already in use" in done.stderr


@pytest.mark.parametrize("settings, told", [
    ({"listen_http": "127.0.0.1:99999"}, "listen_http: '127.0.0.1:99999' is no address"),
    ({"listen_cimxml_https": "nowhere:1"}, "listen_cimxml_https: 'nowhere' is no numeric address"),
    ({"listen_https": "127.0.0.1:0", "certificate": "/nonexistent/pem"}, "listen_https: /nonexistent/pem: No such file"),
    ({"listen_https": "127.0.0.1:0", "key": "/etc/passwd"}, "listen_https: /etc/passwd: there is no PRIVATE KEY"),
    ({"indication_ca": "/nonexistent/ca"}, "indication_ca: /nonexistent/ca: No such file"),
    ({"socket": "/tmp/" + "x" * 200}, "socket: "),
])
def test_what_would_keep_it_from_starting_is_told_before(daemon, tls, settings, told):
    daemon.settings |= {"certificate": tls.certificate, "key": tls.key, **settings}
    done = check(daemon)
    assert done.returncode == 1 and told in done.stderr, done.stderr


def test_what_is_right_passes(daemon, tls):
    daemon.settings |= {"certificate": tls.certificate, "key": tls.key, "listen_https": "127.0.0.1:0"}
    done = check(daemon)
    assert done.returncode == 0 and done.stdout == "the settings are right\n"
