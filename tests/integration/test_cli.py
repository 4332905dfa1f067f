# SPDX-License-Identifier: MIT
"""openkvp against openkvpd, over its socket and by HTTP: what docs/api.md and openkvp(1) promise."""
import json
import os
import pty
import socket
import subprocess
import uuid

import pytest

ODD_KEYS = ["a=b", "a/b", "..", "%2F", "a b", "?q#f", "-x", "日本語", "🦊", "'\"\\", "a&b;c"]


def curl(daemon, method, path, body=None):
    """One request on the local socket: HTTP status and answer."""
    command = ["curl", "-sS", "--path-as-is", "--unix-socket", daemon.socket, "-X", method,
               "-w", "\n%{http_code}", f"http://localhost{path}"]
    if body is not None:
        command += ["--data-binary", body if isinstance(body, str) else json.dumps(body)]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True, timeout=90)
    text, status = done.stdout.rsplit("\n", 1)
    return int(status), json.loads(text) if text else None


def by_http(daemon, user, password, *words):
    env = {**os.environ, "OPENKVP_SERVER": daemon.http, "OPENKVP_USER": user, "OPENKVP_PASSWORD": password}
    return subprocess.run([str(daemon.build.openkvp), *words], env=env, capture_output=True, text=True, timeout=60)


def items(daemon, vm="web1", *options):
    return {item["key"]: item["value"] for item in daemon.cli_json("item", "list", vm, *options)["items"]}


@pytest.fixture
def web1(daemon):
    """A daemon with one VM, which has no channel: it is off."""
    daemon.cli_ok("vm", "define", "web1")
    return daemon


# --- VMs ---

def test_a_vm_is_defined_listed_shown_and_undefined(daemon):
    guid = str(uuid.uuid4()).upper()
    assert daemon.cli_ok("vm", "define", "web1", "--id", guid.lower()) == f"defined: {guid}\n"
    assert [vm["id"] for vm in daemon.cli_json("vm", "list")["vms"]] == [guid]
    vm = daemon.cli_json("vm", "show", guid)
    assert vm["name"] == "web1" and vm["power"] == "off" and vm["contact"] == "none"
    assert "web1" in daemon.cli_ok("vm", "list")
    daemon.cli_ok("vm", "undefine", "WEB1")
    assert daemon.cli_json("vm", "list")["vms"] == []


def test_the_same_definition_again_is_no_error(web1):
    again = web1.cli("vm", "define", "web1")
    assert again.returncode == 0 and again.stdout.startswith("was there already: ")


def test_a_name_that_is_taken_is_refused(web1):
    refused = web1.cli("vm", "define", "WEB1", "--id", str(uuid.uuid4()))
    assert refused.returncode == 1 and refused.stderr.startswith("openkvp: vm define: ")
    assert len(web1.cli_json("vm", "list")["vms"]) == 1


def test_a_renamed_vm_keeps_its_guid_and_items(web1):
    before = web1.cli_json("vm", "show", "web1")
    web1.cli_ok("item", "put", "web1", "a", "1")
    web1.cli_ok("vm", "rename", "web1", "näme/2")
    assert web1.cli_json("vm", "show", "näme/2")["id"] == before["id"]
    assert items(web1, "näme/2") == {"a": "1"}
    assert web1.cli("vm", "show", "web1").returncode == 4


def test_settings_change_one_by_one(web1):
    web1.cli_ok("vm", "set", "web1", "--exchange", "off")
    vm = web1.cli_json("vm", "show", "web1")
    assert vm["exchange_enabled"] is False and vm["host_items"] is True
    web1.cli_ok("vm", "set", "web1", "--exchange", "on", "--host-items", "off")
    vm = web1.cli_json("vm", "show", "web1")
    assert vm["exchange_enabled"] is True and vm["host_items"] is False


def test_a_vm_with_items_is_undefined_only_when_told(web1):
    web1.cli_ok("item", "put", "web1", "a", "1")
    refused = web1.cli("vm", "undefine", "web1")
    assert refused.returncode == 1 and "still has 1 item; items=1 (openkvp: --items)" in refused.stderr
    assert items(web1) == {"a": "1"}
    web1.cli_ok("vm", "undefine", "web1", "--items")


# --- Items, with the VM off ---

def test_items_are_added_changed_and_removed(web1):
    assert web1.cli_ok("item", "add", "web1", "a", "1", "b", "2").startswith("stored; delivery pending")
    web1.cli_ok("item", "modify", "web1", "a", "3")
    web1.cli_ok("item", "put", "web1", "b", "4", "c", "5")
    assert items(web1) == {"a": "3", "b": "4", "c": "5"}
    web1.cli_ok("item", "remove", "web1", "a", "c")
    assert items(web1) == {"b": "4"}
    web1.cli_ok("item", "clear", "web1")
    assert items(web1) == {}


def test_an_item_shows_that_it_is_stored_only(web1):
    web1.cli_ok("item", "add", "web1", "a", "1")
    item, = web1.cli_json("item", "list", "web1")["items"]
    assert item["delivery"] == "stored" and item["reason"] == ""


def test_adding_an_existing_key_is_refused_and_named(web1):
    web1.cli_ok("item", "add", "web1", "color", "blue")
    refused = web1.cli("item", "add", "web1", "size", "5", "color", "red")
    assert refused.returncode == 1
    assert refused.stderr == "openkvp: item add: already there: 'color' (vm 'web1')\n"
    assert items(web1) == {"color": "blue"}


def test_modifying_a_missing_key_is_refused_and_named(web1):
    web1.cli_ok("item", "add", "web1", "a", "1")
    refused = web1.cli("item", "modify", "web1", "a", "2", "gone", "x")
    assert refused.returncode == 4 and "'gone'" in refused.stderr
    assert items(web1) == {"a": "1"}


def test_removing_a_missing_key_is_no_error(web1):
    web1.cli_ok("item", "remove", "web1", "gone")


@pytest.mark.parametrize("key", ODD_KEYS)
def test_odd_keys_and_values_come_back_as_they_went(web1, key):
    value = f"<{key}>\n\té"
    web1.cli_ok("item", "add", "web1", "--", key, value)
    assert items(web1) == {key: value}
    assert web1.cli_ok("item", "get", "web1", "--", key) == value + "\n"
    web1.cli_ok("item", "remove", "web1", "--", key)
    assert items(web1) == {}


def test_a_value_comes_from_standard_input_as_it_is(web1):
    web1.cli_ok("item", "put", "web1", "a", "-", input="two\nlines\n")
    assert items(web1) == {"a": "two\nlines\n"}


def test_values_over_the_limit_are_refused_not_cut(web1):
    web1.cli_ok("item", "put", "web1", "fits", "😀" * 511 + "x")  # 1023 UTF-16 units
    refused = web1.cli("item", "put", "web1", "long", "😀" * 512)
    assert refused.returncode == 1 and "'long'" in refused.stderr and "1023" in refused.stderr
    assert list(items(web1)) == ["fits"]


def test_a_condition_on_the_generation_holds(web1):
    web1.cli_ok("item", "add", "web1", "a", "1")
    generation = web1.cli_json("item", "list", "web1")["generation"]
    web1.cli_ok("item", "put", "web1", "a", "2", "--if-generation", generation)
    refused = web1.cli("item", "put", "web1", "a", "3", "--if-generation", generation)
    assert refused.returncode == 1
    assert items(web1) == {"a": "2"}


def test_host_only_items_are_a_space_of_their_own(web1):
    web1.cli_ok("item", "add", "web1", "a", "guest")
    assert web1.cli_ok("item", "add", "web1", "a", "host", "--host-only") == "stored\n"
    assert items(web1) == {"a": "guest"}
    assert items(web1, "web1", "--host-only") == {"a": "host"}
    web1.cli_ok("item", "clear", "web1", "--host-only")
    assert items(web1) == {"a": "guest"}


def test_what_was_stored_survives_a_kill(web1):
    for number in range(10):
        web1.cli_ok("item", "add", "web1", f"k{number}", str(number))
    web1.kill9()
    web1.start()
    assert items(web1) == {f"k{number}": str(number) for number in range(10)}


def test_the_guest_of_a_vm_that_never_ran_was_never_read(web1):
    assert web1.cli_ok("guest", "list", "web1") == "The guest was never read.\n"
    guest = web1.cli_json("guest", "list", "web1")
    assert guest["live"] is False and guest["read"] is None and guest["guest"] == []


# --- Jobs ---

def test_each_batch_is_a_job(web1):
    job = web1.cli_json("item", "add", "web1", "a", "1")
    assert job["kind"] == "add" and job["state"] == "completed" and job["percent"] == 100
    assert [entry["id"] for entry in web1.cli_json("job", "list")["jobs"]] == [job["id"]]
    assert web1.cli_json("job", "show", job["id"]) == job
    assert "web1" in web1.cli_ok("job", "list")
    waited = web1.cli("job", "wait", job["id"])  # web1 has no channel: nothing is to come
    assert waited.returncode == 5 and waited.stderr == f"openkvp: job wait: {job['text']}\n"


def test_a_job_of_what_stays_on_the_host_is_done(web1):
    assert web1.cli_ok("item", "put", "web1", "note", "1", "--host-only", "--wait", "60") == "stored\n"


def test_waiting_for_a_vm_without_a_road_to_its_guest_ends_at_once(web1):
    for change in (), ("--channel", "unix:/nowhere", "--exchange", "off"):
        if change:
            web1.cli_ok("vm", "attach", "web1", change[1])
            web1.cli_ok("vm", "set", "web1", *change[2:])
        waited = web1.cli("item", "put", "web1", "a", "1", "--wait", "600")  # longer than a command may take here
        assert waited.returncode == 5 and "stored; delivery pending" in waited.stderr
        assert items(web1) == {"a": "1"}


def test_a_refused_batch_is_a_job_with_an_error(web1):
    status, refused = curl(web1, "POST", "/v1/vms/web1/items/external", {"modify": [{"key": "a", "value": "1"}]})
    assert status == 404 and refused["keys"] == ["a"]
    job = web1.cli_json("job", "show", refused["job"])
    assert job["state"] == "exception" and job["error"] == 32773
    assert web1.cli("job", "wait", refused["job"]).returncode == 5


def test_an_unknown_job_is_not_found(daemon):
    assert daemon.cli("job", "show", str(uuid.uuid4())).returncode == 4


# --- Exit statuses and output ---

def test_nobody_answering_is_told_with_the_path(daemon, tmp_path):
    nobody = daemon.cli("--server", tmp_path / "none.sock", "vm", "list")
    assert nobody.returncode == 3 and str(tmp_path / "none.sock") in nobody.stderr


def test_a_wrong_command_line_is_told_and_changes_nothing(web1):
    for words in (["frob"], ["item", "add", "web1", "a"], ["vm", "list", "--wait", "1"], ["item", "put", "web1", "a", "-1"]):
        wrong = web1.cli(*words)
        assert wrong.returncode == 2 and wrong.stderr.startswith("openkvp: ") and wrong.stdout == ""
    assert items(web1) == {}


def test_an_unknown_vm_is_not_found(daemon):
    unknown = daemon.cli("item", "list", "gone")
    assert unknown.returncode == 4
    assert unknown.stderr == "openkvp: item list: no such VM: 'gone'\n"


def test_json_is_the_answer_of_the_api(web1):
    web1.cli_ok("item", "put", "web1", "a", "1")
    assert (200, web1.cli_json("item", "list", "web1")) == curl(web1, "GET", "/v1/vms/web1/items/external")


def test_a_full_disk_is_noticed(web1):
    with open("/dev/full", "w") as full:
        done = subprocess.run([str(web1.build.openkvp), "vm", "list", "--server", str(web1.socket)],
                              stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 1 and "could not be written" in done.stderr


# --- The API's own promises ---

@pytest.mark.parametrize("body, status, name", [
    ("{", 400, "INVALID"),
    ("", 400, "INVALID"),
    ({}, 400, "INVALID"),
    ({"add": [{"key": "a", "value": "1"}], "frob": 1}, 400, "INVALID"),
    ('{"clear": true, "clear": true}', 400, "INVALID"),
    ({"add": [{"key": "a", "value": 1}]}, 400, "WRONG_TYPE"),
    ({"add": [{"key": "a", "value": "\0"}]}, 400, "INVALID_TEXT"),
    ({"add": [{"key": "k" * 256, "value": ""}]}, 400, "TOO_LONG"),
    ({"add": [{"key": "", "value": ""}]}, 400, "INVALID"),
    ({"put": [{"key": "a", "value": "1"}], "remove": ["a"]}, 400, "INVALID"),
    ({"remove": [f"k{number}" for number in range(129)]}, 422, "LIMIT"),
    ({"clear": True, "if_generation": 999}, 409, "CONFLICT"),
    ("[" * 100000, 400, "INVALID"),
])
def test_a_wrong_batch_is_refused_and_changes_nothing(web1, body, status, name):
    before = web1.cli_json("vm", "show", "web1")["generation"]
    answered, refused = curl(web1, "POST", "/v1/vms/web1/items/external", body)
    assert (answered, refused["status"]) == (status, name)
    assert refused["message"]
    tried = name == "CONFLICT" or "named twice" in refused["message"]
    assert ("job" in refused) == tried
    assert web1.cli_json("vm", "show", "web1")["generation"] == before


@pytest.mark.parametrize("query", ["if-generation=999", "if_generation", "flag=secret", "flags=&split=numbered&x=1"])
def test_a_misspelt_parameter_is_refused_and_changes_nothing(web1, query):
    status, answer = curl(web1, "PUT", f"/v1/vms/web1/items/external/p/value?{query}", "x")
    assert status == 400 and answer["status"] == "INVALID"
    assert items(web1) == {}


def test_another_method_or_path_is_refused_in_json(daemon):
    assert curl(daemon, "DELETE", "/v1/status")[0] == 405
    assert curl(daemon, "PUT", "/v1/vms")[0] == 405
    status, refused = curl(daemon, "GET", "/v1/frob")
    assert status == 404 and refused["status"] == "NOT_FOUND"


def test_a_client_that_has_closed_its_sending_half_is_answered(vm):
    vm.daemon.cli_ok("item", "add", "web1", "a", "1")
    (job,) = vm.daemon.cli_json("job", "list")["jobs"]
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(60)
        client.connect(str(vm.daemon.socket))
        client.sendall(f"GET /v1/jobs/{job['id']}?wait=4 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        client.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 200 ") and json.loads(answer.split(b"\r\n\r\n")[1])["id"] == job["id"]


# --- Users, by HTTP ---

def test_users_come_with_their_password_and_role(web1):
    web1.add_user("reader", "r", "read")
    web1.add_user("writer", "w", "write")
    assert by_http(web1, "reader", "r", "vm", "list").returncode == 0
    denied = by_http(web1, "reader", "r", "item", "put", "web1", "a", "1")
    assert denied.returncode == 1 and "write" in denied.stderr
    assert by_http(web1, "writer", "w", "item", "put", "web1", "a", "1").returncode == 0
    assert by_http(web1, "writer", "w", "vm", "define", "web2").returncode == 1
    assert by_http(web1, "writer", "w", "user", "list").returncode == 1
    assert items(web1) == {"a": "1"}


def test_a_wrong_password_is_refused(web1):
    web1.add_user("ann", "right", "admin")
    wrong = by_http(web1, "ann", "wrong", "vm", "list")
    assert wrong.returncode == 1 and wrong.stdout == ""


def test_a_user_changes_and_goes(web1):
    web1.add_user("ann", "one", "admin")
    web1.add_user("ann", "two", "read")
    assert web1.cli_json("user", "list")["users"] == [{"name": "ann", "role": "read"}]
    assert by_http(web1, "ann", "one", "vm", "list").returncode == 1
    assert by_http(web1, "ann", "two", "vm", "list").returncode == 0
    web1.cli_ok("user", "remove", "ann")
    assert web1.cli("user", "remove", "ann").returncode == 4
    assert by_http(web1, "ann", "two", "vm", "list").returncode == 1


def test_a_password_is_asked_for_twice_and_not_shown(web1):
    env = {**os.environ, "OPENKVP_SERVER": str(web1.socket)}
    process, terminal = pty.fork()
    if process == 0:
        os.execve(web1.build.openkvp, ["openkvp", "user", "add", "ann", "--role", "read"], env)
    shown = b""
    for question in (b"New password: ", b"The same again: "):
        while not shown.endswith(question):
            shown += os.read(terminal, 1000)
        os.write(terminal, b"secret\n")
    _, status = os.waitpid(process, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0 and b"secret" not in shown
    assert by_http(web1, "ann", "secret", "vm", "list").returncode == 0


# --- Completion ---

def test_bash_completes_commands_vms_and_keys(web1):
    web1.cli_ok("item", "put", "web1", "color", "blue", "a key", "1")
    openkvp = str(web1.build.openkvp)

    def complete(*words):
        script = ('source <("$1" completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _openkvp "$1"; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        env = {**os.environ, "OPENKVP_SERVER": str(web1.socket)}
        done = subprocess.run(["bash", "-c", script, "bash", openkvp, *words], env=env, capture_output=True,
                              text=True, check=True, timeout=60)
        return done.stdout.split("\n")[:-1]

    assert complete("it") == ["item"]
    assert complete("item", "re") == ["remove"]
    assert complete("item", "list", "w") == ["web1"]
    assert complete("item", "get", "web1", "") == ["color", "a\\ key"]
    assert complete("vm", "set", "web1", "--exchange", "") == ["on", "off"]
