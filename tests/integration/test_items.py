# SPDX-License-Identifier: MIT
"""Items that are special, and values of any size: from the command line into the guest, and back."""
import json
import random
import subprocess

import pytest

import wmi
from programs import wait_until
from test_stock_daemon import pool, stock_vm  # noqa: F401 (a fixture)

MIB = 1 << 20


def blob(size, seed=1):
    return random.Random(seed).randbytes(size)


def text(size):
    return "".join(chr(0x20 + i * 7 % 95) if i % 80 else "\n" for i in range(size)).encode()


@pytest.fixture
def file_of(tmp_path):
    """A file with these bytes."""
    def make(content, name="value"):
        path = tmp_path / name
        path.write_bytes(content)
        return path
    return make


def put_file(vm, key, path, *options):
    vm.daemon.cli_ok("item", "put", vm.name, key, "--file", path, *options)


def delivered(vm, key):
    vm.wait_for_delivery(key)
    return vm


def guest_bytes(vm, key, tmp_path):
    out = tmp_path / "got"
    done = vm.agent.run("get", key, "--file", out)
    assert done.returncode == 0, done.stderr
    return out.read_bytes()


# --- Large values ---


@pytest.mark.shows("T9")
@pytest.mark.parametrize("content", [text(MIB), blob(MIB), blob(1), b"", "漢😀\n".encode() * 30000],
                         ids=["text", "bytes", "a byte", "nothing", "characters"])
def test_T9_a_value_of_any_kind_and_size_arrives_in_the_guest(vm, tmp_path, file_of, content):
    put_file(vm, "rules", file_of(content))
    assert vm.daemon.cli("item", "get", vm.name, "rules", "--file", tmp_path / "back").returncode == 0
    assert (tmp_path / "back").read_bytes() == content
    vm.agent.start()
    delivered(vm, "rules")
    assert guest_bytes(vm, "rules", tmp_path) == content


@pytest.mark.shows("T9")
@pytest.mark.parametrize("content", [text(MIB), blob(MIB)], ids=["text", "bytes"])
def test_T9_a_value_that_the_guest_publishes_arrives_on_the_host(running_vm, tmp_path, file_of, content):
    assert running_vm.agent.run("set", "report", "--file", file_of(content)).returncode == 0
    out = tmp_path / "report"

    def read():
        out.unlink(missing_ok=True)
        done = running_vm.daemon.cli("guest", "get", "web1", "report", "--file", out)
        return done.returncode == 0 and out.read_bytes() == content
    wait_until(read, "the value is there, and whole")
    (entry,) = running_vm.daemon.cli_json("guest", "list", "web1")["guest"]
    assert entry["key"] == "report" and entry["size"] == len(content) and entry["value"] is None


@pytest.mark.shows("T9")
def test_T9_a_value_that_lacks_a_piece_is_reported_and_never_short(running_vm, tmp_path, file_of):
    content = blob(5000)
    put_file(running_vm, "rules", file_of(content), "--wait", 20)
    lines = running_vm.agent.run("list", "-p", "0", "--json")
    assert json.loads(lines.stdout) == [{"pool": "external", "key": "rules", "size": 5000}]
    raw = running_vm.agent.pool(0).read_bytes()
    piece = raw[2 * 2560:2 * 2560 + 512].rstrip(b"\0").decode()
    assert piece.startswith("rules#") and piece.endswith(".2")
    running_vm.agent.stop()
    running_vm.agent.run("delete", "-p", "0", piece)
    out = tmp_path / "got"
    done = running_vm.agent.run("get", "rules", "--file", out)
    assert done.returncode == 1 and "1 of 7 pieces are missing, the first is number 2" in done.stderr
    assert not out.exists() and running_vm.agent.run("get", "rules").stdout == ""
    running_vm.agent.start()
    wait_until(lambda: running_vm.agent.run("get", "rules", "--file", out).returncode == 0, "it is repaired")
    assert out.read_bytes() == content


@pytest.mark.shows("T9")
def test_T9_on_the_host_a_value_that_lacks_a_piece_is_reported(running_vm, tmp_path, file_of):
    running_vm.agent.run("set", "report", "--file", file_of(blob(5000)))
    out = tmp_path / "out"
    wait_until(lambda: running_vm.daemon.cli("guest", "get", "web1", "report", "--file", out).returncode == 0,
               "it is there")
    key = next(k for k in keys_of_pool(running_vm.agent.pool(1)) if k.endswith(".0"))
    running_vm.agent.run("delete", key)

    def refusal():
        out.unlink(missing_ok=True)
        done = running_vm.daemon.cli("guest", "get", "web1", "report", "--file", out)
        return done.returncode == 1 and done.stderr
    assert "1 of 7 pieces are missing" in wait_until(refusal, "the missing piece is noticed")
    assert not out.exists()


def keys_of_pool(path):
    data = path.read_bytes()
    return [data[at:at + 512].split(b"\0")[0].decode() for at in range(0, len(data), 2560)]


def test_another_value_takes_the_place_of_a_large_one_with_all_its_pieces(running_vm, file_of):
    put_file(running_vm, "rules", file_of(blob(100000)), "--wait", 30)
    assert running_vm.show()["items"] == 132
    put_file(running_vm, "rules", file_of(blob(50000, seed=2)), "--wait", 30)
    assert running_vm.show()["items"] == 67
    wait_until(lambda: len(keys_of_pool(running_vm.agent.pool(0))) == 67, "the old pieces are gone from the guest")
    running_vm.daemon.cli_ok("item", "put", "web1", "rules", "short", "--wait", 20)
    assert running_vm.show()["items"] == 1
    wait_until(lambda: keys_of_pool(running_vm.agent.pool(0)) == ["rules"], "and so are these")


def test_a_large_value_is_removed_as_one(vm, file_of):
    put_file(vm, "rules", file_of(blob(100000)))
    vm.daemon.cli_ok("item", "add", "web1", "other", "1")
    vm.daemon.cli_ok("item", "remove", "web1", "rules")
    assert vm.items().keys() == {"other"} and vm.show()["items"] == 1


def test_a_large_value_is_one_line_in_listings(vm, file_of):
    put_file(vm, "rules", file_of(blob(100000)))
    assert list(vm.items()) == ["rules"]
    assert "(100000 bytes)" in vm.daemon.cli_ok("item", "list", "web1")


def test_a_reader_in_the_guest_sees_one_whole_value_or_the_other(running_vm, tmp_path, file_of):
    contents = [blob(60000, seed) for seed in range(4)]
    put_file(running_vm, "rules", file_of(contents[0]), "--wait", 30)
    for content in contents[1:]:
        put_file(running_vm, "rules", file_of(content))
        while guest_bytes(running_vm, "rules", tmp_path) != content:
            assert (tmp_path / "got").read_bytes() in contents


def test_a_value_over_the_limits_is_refused_with_the_usage(vm, file_of):
    done = vm.daemon.cli("item", "put", "web1", "rules", "--file", file_of(bytes(MIB + 1)))
    assert done.returncode == 2 and "1048576" in done.stderr
    put_file(vm, "rules", file_of(blob(MIB)))
    done = vm.daemon.cli("item", "put", "web1", "more", "--file", file_of(blob(MIB)))
    assert done.returncode == 1 and "2,048 is the most" in done.stderr
    assert vm.items().keys() == {"rules"}


def test_a_large_value_is_there_after_kill_9(vm, file_of, tmp_path):
    content = blob(MIB)
    put_file(vm, "rules", file_of(content))
    vm.daemon.kill9()
    vm.daemon.start()
    vm.daemon.cli_ok("item", "get", "web1", "rules", "--file", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == content


def test_pieces_travel_to_the_stock_daemon(stock_vm, tmp_path, file_of, agent):  # noqa: F811
    content = blob(20000)
    put_file(stock_vm, "rules", file_of(content), "--wait", 30)
    out = tmp_path / "got"
    assert agent("get", "rules", "--file", out).returncode == 0
    assert out.read_bytes() == content


def test_the_agents_files_appear_whole_and_private(agent, tmp_path, file_of):
    assert agent("set", "-p", "0", "key", "--file", file_of(b"12")).returncode == 0
    out = tmp_path / "out"
    assert agent("get", "key", "--file", out).returncode == 0
    assert out.stat().st_mode & 0o777 == 0o600
    assert agent("get", "key", "--file", "-").stdout == "12"
    assert agent("set", "a", "1", "--file", out).returncode == 2
    assert agent("set", "a", "--file", tmp_path / "none").returncode == 1
    assert agent("get", "key", "--file", tmp_path / "no" / "file").returncode == 1


def test_what_is_no_text_is_not_given_as_json(agent, file_of):
    agent("set", "-p", "0", "key", "--file", file_of(b"\xff"))
    done = agent("get", "key", "--json")
    assert done.returncode == 1 and "no text" in done.stderr
    agent("set", "-p", "0", "key", "--file", file_of(b"x" * 3000))
    assert json.loads(agent("get", "key", "--json").stdout)["value"] == "x" * 3000


# --- Ignition ---


def test_an_ignition_configuration_stands_where_ignition_looks(vm, file_of):
    config = json.dumps({"ignition": {"version": "3.4.0"}, "storage": "ü" * 3000}, ensure_ascii=False).encode()
    vm.daemon.cli_ok("item", "add", "web1", "ignition.config", "old", "ignition.config.9", "old", "ignition.x", "1")
    vm.daemon.cli_ok("item", "put-ignition", "web1", file_of(config))
    vm.agent.start()
    delivered(vm, "ignition.config.2")
    # As Ignition reads: the single key first, then numbers from 0 on until one is missing.
    assert vm.agent.get("ignition.config") is None
    parts = []
    while (part := vm.agent.get(f"ignition.config.{len(parts)}")) is not None:
        parts.append(part)
    assert "".join(parts).encode() == config
    assert vm.items().keys() == {"ignition.x", *(f"ignition.config.{i}" for i in range(len(parts)))}
    vm.daemon.cli_ok("item", "put-ignition", "web1", file_of(b'{"ignition":{"version":"3.4.0"}}'))
    assert vm.items().keys() == {"ignition.x", "ignition.config.0"}


# --- Secrets ---


@pytest.mark.shows("T11")
def test_T11_a_secret_is_not_shown_unasked(client, vm, daemon):
    daemon.cli_ok("item", "add", "web1", "token", "hunter2", "--secret")
    daemon.cli_ok("item", "modify", "web1", "token", "hunter3")
    assert "hunter" not in daemon.cli_ok("item", "list", "web1")
    assert "hunter" not in daemon.cli_ok("item", "list", "web1", "--json")
    assert "hunter" not in daemon.cli_ok("item", "get", "web1", "token", "--json")
    assert "hunter3" in daemon.cli_ok("item", "list", "web1", "--secrets")
    assert daemon.cli_ok("item", "get", "web1", "token") == "hunter3\n"
    answer = client.get("Msvm_KvpExchangeComponentSettingData", {
        "InstanceID": f"Microsoft:{vm.guid}\\2A34B1C2-FD73-4043-8A5B-DD2159BC743F"})
    assert "token" in answer.text and "hunter" not in answer.text


@pytest.mark.shows("T11")
def test_T11_a_reader_gets_no_secret(daemon, vm):
    daemon.cli_ok("item", "add", "web1", "token", "hunter2", "--secret", "plain", "1")
    name, password = daemon.add_user("rita", "pass word", "read")

    def ask(path):
        return subprocess.run(["curl", "-sS", "-u", f"{name}:{password}", daemon.http + path],
                              capture_output=True, text=True, timeout=30).stdout
    items = f"/v1/vms/{vm.guid}/items/external"
    assert "hunter2" not in ask(items)
    for path in (items + "?secrets=1", items + "/token?secrets=1", items + "/token/value"):
        assert json.loads(ask(path))["status"] == "DENIED"


@pytest.mark.shows("T11")
def test_T11_a_guest_that_cannot_hide_a_secret_gets_it_only_if_the_vm_allows_it(stock_vm):  # noqa: F811
    done = stock_vm.daemon.cli("item", "put", "web1", "token", "hunter2", "--secret", "--wait", 20)
    assert done.returncode == 5 and "allow-secrets" in done.stderr and "hunter2" not in done.stderr
    assert stock_vm.items()["token"]["delivery"] == "refused" and pool(stock_vm) == {}
    stock_vm.daemon.cli_ok("vm", "set", "web1", "--allow-secrets", "on")
    stock_vm.wait_for_delivery("token")
    assert pool(stock_vm) == {"token": "hunter2"}


@pytest.mark.shows("T11")
def test_T11_no_log_has_a_secret(daemon, running_vm, file_of):
    daemon.cli_ok("vm", "set", "web1", "--allow-secrets", "on")
    daemon.cli_ok("item", "put", "web1", "token", "hunter2", "--secret", "--once", "--wait", 20)
    put_file(running_vm, "key", file_of(b"hunter2" * 300), "--secret", "--wait", 20)
    running_vm.agent.run("delete", "-p", "0", "token")
    running_vm.agent.stop()
    running_vm.agent.start()
    wait_until(lambda: "token" not in running_vm.items(), "the guest has ended it")
    assert "hunter2" not in daemon.log_text() + running_vm.agent.log_text()


# --- Once and transient ---


def restart_agent(vm):
    vm.agent.stop()
    wait_until(lambda: vm.show()["power"] == "off", "the VM is off")
    vm.agent.start()
    vm.wait_for_contact()


@pytest.mark.shows("T7")
def test_T7_what_the_guest_removes_comes_back_unless_it_is_for_once(running_vm):
    running_vm.daemon.cli_ok("item", "put", "web1", "used", "1", "unused", "2", "--once", "--wait", 20)
    running_vm.daemon.cli_ok("item", "put", "web1", "lasting", "3", "--wait", 20)
    for key in ("used", "lasting"):
        assert running_vm.agent.run("delete", "-p", "0", key).returncode == 0
    restart_agent(running_vm)
    wait_until(lambda: running_vm.items().keys() == {"unused", "lasting"}, "what was used has ended")
    wait_until(lambda: running_vm.agent.get("lasting") == "3", "the other is back")
    assert running_vm.agent.get("used") is None and running_vm.agent.get("unused") == "2"
    assert running_vm.daemon.cli_json("item", "list", "web1")["removing"] == []


@pytest.mark.shows("T7")
def test_T7_a_large_value_for_once_ends_with_all_its_pieces(running_vm, file_of):
    put_file(running_vm, "rules", file_of(blob(5000)), "--once", "--wait", 20)
    running_vm.agent.run("delete", "-p", "0", "rules")
    restart_agent(running_vm)
    wait_until(lambda: running_vm.show()["items"] == 0, "all has ended")


@pytest.mark.shows("T7")
def test_T7_to_the_stock_daemon_as_well(build, stock_vm, agent, start, stock_daemon, tmp_path):  # noqa: F811
    stock_vm.daemon.cli_ok("item", "put", "web1", "used", "1", "unused", "2", "--once", "--wait", 20)
    assert agent("delete", "-p", "0", "used").returncode == 0
    stock_vm.daemon.cli_ok("vm", "set", "web1", "--exchange", "off")
    stock_vm.daemon.cli_ok("vm", "set", "web1", "--exchange", "on")
    stock_vm.wait_for_contact()
    wait_until(lambda: stock_vm.items().keys() == {"unused"}, "what was used has ended")
    assert pool(stock_vm) == {"unused": "2"}


def test_a_transient_item_goes_with_the_contact(running_vm):
    running_vm.daemon.cli_ok("item", "put", "web1", "passing", "1", "--transient", "--wait", 20)
    running_vm.daemon.cli_ok("item", "put", "web1", "lasting", "1", "--wait", 20)
    running_vm.agent.stop()
    wait_until(lambda: running_vm.items().keys() == {"lasting"}, "it goes on the host")
    assert running_vm.agent.get("passing") == "1"
    running_vm.agent.start()
    wait_until(lambda: running_vm.agent.get("passing") is None, "and in the guest, when it is back")
    assert running_vm.agent.get("lasting") == "1"


def test_a_transient_item_goes_when_the_daemon_ends_or_is_killed(running_vm):
    def put():
        running_vm.daemon.cli_ok("item", "put", "web1", "passing", "1", "--transient", "--wait", 20)
        wait_until(lambda: running_vm.show()["acknowledged"] == running_vm.show()["generation"], "it is acknowledged")
        running_vm.daemon.cli_ok("item", "put", "web1", "lasting", "1", "--wait", 20)  # and that is on disk
    for end in (running_vm.daemon.stop, running_vm.daemon.kill9):
        put()
        end()
        running_vm.daemon.start()
        wait_until(lambda: running_vm.items().keys() == {"lasting"}, "it is gone")
        running_vm.wait_for_contact()
        wait_until(lambda: running_vm.agent.get("passing") is None, "in the guest as well")


def test_a_transient_item_that_nobody_has_seen_waits_for_its_contact(vm):
    vm.daemon.cli_ok("item", "put", "web1", "passing", "1", "--transient")
    vm.daemon.stop()
    vm.daemon.start()
    assert vm.items().keys() == {"passing"}
    vm.agent.start()
    vm.wait_for_delivery("passing")
    vm.agent.stop()
    wait_until(lambda: vm.items() == {}, "it goes with it")


@pytest.mark.shows("T4")
def test_T4_with_the_vm_off_items_are_added_listed_and_cleared(face, vm):
    vm.daemon.cli_ok("item", "add", "web1", "a", "1", "b", "2", "c", "3")
    script = wmi.Script(face)
    settings = script.settings(script.component(script.vm("web1")))
    assert settings.items("HostExchangeItems") == {"a": "1", "b": "2", "c": "3"} and len(vm.items()) == 3
    vm.daemon.cli_ok("item", "clear", "web1")
    settings = script.settings(script.component(script.vm("web1")))
    assert settings.items("HostExchangeItems") == {} and vm.items() == {}


@pytest.mark.shows("T3")
def test_T3_adding_twice_fails_and_names_the_key_while_putting_twice_succeeds(face, vm):
    script = wmi.Script(face)
    for code in ("0", "32773"):
        job = script.change("AddKvpItems", script.vm("web1"), wmi.data_item("color", "blue"))
        assert job["ErrorCode"] == code
    (error,) = script.face.call(job, "GetError")["Error"]
    assert "color" in error
    for _ in range(2):
        vm.daemon.cli_ok("item", "put", "web1", "color", "red")


def test_flags_are_kept_shown_and_taken_off(vm):
    def flags():
        return vm.items()["key"]["flags"]
    vm.daemon.cli_ok("item", "add", "web1", "key", "1", "--secret", "--transient")
    assert flags() == ["secret", "transient"]
    vm.daemon.cli_ok("item", "put", "web1", "key", "2")
    assert flags() == ["secret", "transient"]
    vm.daemon.cli_ok("item", "modify", "web1", "key", "3", "--once")
    assert flags() == ["once"]
    vm.daemon.cli_ok("item", "put", "web1", "key", "4", "--plain")
    assert flags() == [] and vm.items()["key"]["value"] == "4"
    done = vm.daemon.cli("item", "put", "web1", "key", "5", "--once", "--host-only")
    assert done.returncode == 1 and "stays on the host" in done.stderr
