# SPDX-License-Identifier: MIT
"""What openkvpd says to settings and users that are wrong, before it starts and while it runs."""
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
