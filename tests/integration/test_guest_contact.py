# SPDX-License-Identifier: MIT
"""Guests of every kind: that items reach them whatever happens on the way, and what is said of their health.

Tests named test_tN show behaviour N of those that users of the original complain about most.
"""
import concurrent.futures

import pytest
import soap
from hostile_hyperv import MISBEHAVIOURS, STREAM_MISBEHAVIOURS, HostileGuest
from hyperv_guest import LinuxGuest, OldGuest, WindowsGuest
from kvp_wire import AUTO_EXTERNAL, EXTERNAL, GUEST
from own_guest import OwnGuest
from programs import wait_until
from test_main_job import component, ended, pairs

KINDS = [LinuxGuest, WindowsGuest, OldGuest, OwnGuest]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def any_guest(request, vm):
    """A guest of each kind, in contact with web1."""
    with request.param(vm.channel) as guest:
        vm.wait_for_contact()
        yield guest


@pytest.fixture
def quick_vm(make_daemon, build, tmp_path):
    """web1 of a daemon that waits two seconds for a guest's answer."""
    from conftest import Vm
    daemon = make_daemon(guest_answer_timeout=2, negotiation_timeout=2)
    return Vm(daemon, build, tmp_path)


def put(vm, key, value):
    vm.daemon.cli_ok("item", "put", vm.name, key, value)


def client_of(vm):
    return soap.Client(vm.daemon.http, *vm.daemon.add_user())


def health(client, vm):
    answer = component(client, vm)
    return answer.texts("OperationalStatus"), answer.texts("StatusDescriptions")


def wait_for_health(client, vm, codes):
    wait_until(lambda: health(client, vm)[0] == codes, f"OperationalStatus is {codes}")
    return health(client, vm)[1]


# --- the exchange with each kind ---

@pytest.mark.shows("guest kinds")
def test_pairs_travel_both_ways(vm, any_guest, daemon, client):
    put(vm, "color", "blue")
    vm.wait_for_delivery("color")
    assert any_guest.items(EXTERNAL)["color"] == "blue"
    put(vm, "color", "red")
    wait_until(lambda: any_guest.items(EXTERNAL)["color"] == "red", "the change arrived")
    daemon.cli_ok("item", "remove", vm.name, "color")
    wait_until(lambda: "color" not in any_guest.items(EXTERNAL), "the removal arrived")
    any_guest.publish("BBB", "111")
    wait_until(lambda: pairs(component(client, vm), "GuestExchangeItems").get("BBB") == "111", "the guest's item shows")
    assert len(pairs(component(client, vm), "GuestIntrinsicExchangeItems")) == len(any_guest.facts)
    assert any_guest.items(AUTO_EXTERNAL)["VirtualMachineName"] == vm.name
    assert len(any_guest.pools[AUTO_EXTERNAL]) == 16


@pytest.mark.shows("T1")
@pytest.mark.parametrize("kind", [LinuxGuest, OwnGuest], ids=lambda kind: kind.__name__)
def test_t1_each_item_has_a_state_until_the_guest_has_it(vm, daemon, client, kind):
    with kind(vm.channel) as guest:
        vm.wait_for_contact()
        wait_until(lambda: len(guest.items(AUTO_EXTERNAL)) == 16 and vm.show()["guest_read"], "nothing is on its way")
        guest.mute = True
        value, job, _ = client.kvp("AddKvpItems", vm.guid, [soap.data_item("EEE", "555")])
        assert value == 4096
        vm.wait_for_delivery("EEE", "sent")
        assert client.job(job).text_of("JobState") == "4"
    wait_until(lambda: vm.show()["contact"] == "none", "the guest is gone")
    state, error, text = ended(client, job)
    assert (state, error) == (7, 0) and "stored; delivery pending" in text
    assert vm.items()["EEE"]["delivery"] == "stored"
    with kind(vm.channel) as guest:
        vm.wait_for_delivery("EEE")
        assert guest.items(EXTERNAL)["EEE"] == "555"


@pytest.fixture
def waiting(vm):
    """Puts an item and waits for its delivery, in a thread: waiting("20") -> Future, once the job is there."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        def put_and_wait(seconds):
            done = pool.submit(vm.daemon.cli, "item", "put", vm.name, "color", "blue", "--wait", seconds)
            wait_until(lambda: "color" in vm.items(), "it is stored")
            return done
        yield put_and_wait


def only_job(vm):
    job, = vm.daemon.cli_json("job", "list")["jobs"]
    return job


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_who_waits_for_a_vm_that_is_off_is_told_when_it_has_come_up(vm, waiting, kind):
    done = waiting("20")
    assert only_job(vm)["text"].startswith("stored; delivery pending") and only_job(vm)["awaited"]
    with kind(vm.channel):
        assert (done.result().returncode, done.result().stdout) == (0, "delivered\n")
    assert (only_job(vm)["state"], only_job(vm)["text"], only_job(vm)["delivered"]) == ("completed", "delivered", True)


def test_who_waits_for_a_vm_that_stays_off_is_told_that_it_has_nothing(vm, waiting):
    done = waiting("1").result()
    assert done.returncode == 5 and "stored; delivery pending" in done.stderr


def test_who_waits_learns_that_the_guest_refuses(vm, waiting):
    done = waiting("20")
    with LinuxGuest(vm.channel, refuse={"color": 0x80004005}):
        assert done.result().returncode == 5 and "stored, not delivered: 'color'" in done.result().stderr


def test_a_guest_that_dies_in_the_middle_has_nothing(vm, waiting):
    with OwnGuest(vm.channel) as guest:
        vm.wait_for_contact()
        guest.mute = True
        done = waiting("3")
        vm.wait_for_delivery("color", "sent")
    assert done.result().returncode == 5 and "stored; delivery pending" in done.result().stderr


def test_a_pending_delivery_is_told_after_a_restart_too(vm, daemon):
    with OwnGuest(vm.channel) as guest:
        vm.wait_for_contact()
        guest.mute = True
        put(vm, "color", "blue")
        daemon.stop()
    daemon.start()
    assert "delivery pending" in only_job(vm)["text"] and only_job(vm)["awaited"]
    with OwnGuest(vm.channel):
        wait_until(lambda: only_job(vm)["text"] == "delivered", "the job says so")


@pytest.mark.shows("T2")
def test_t2_a_guest_that_lost_its_pools_gets_everything_again(vm, any_guest, daemon):
    daemon.cli_ok("item", "put", vm.name, *(word for n in range(40) for word in (f"key{n}", str(n))))
    wanted = {f"key{n}": str(n) for n in range(40)}
    any_guest.wait_for_items(EXTERNAL, wanted)
    wait_until(lambda: len(any_guest.items(AUTO_EXTERNAL)) == 16, "pool 3 is there")
    any_guest.restart(forget=True)
    any_guest.wait_for_contact(2)
    any_guest.wait_for_items(EXTERNAL, wanted)
    wait_until(lambda: len(any_guest.items(AUTO_EXTERNAL)) == 16, "pool 3 is there again")


@pytest.mark.shows("resync program")
def test_a_new_program_in_the_guest_gets_everything_on_the_same_stream(vm, any_guest):
    put(vm, "color", "blue")
    any_guest.wait_for_items(EXTERNAL, {"color": "blue"})
    any_guest.pools[EXTERNAL].clear()

    def woken():
        any_guest.wake()  # one that comes soon after another is not heard
        return any_guest.items(EXTERNAL).get("color") == "blue"
    wait_until(woken, "the item arrived again")


@pytest.mark.shows("resync removed")
def test_what_was_removed_while_the_vm_was_off_is_removed_from_the_guest(vm, any_guest, daemon):
    put(vm, "color", "blue")
    put(vm, "shape", "round")
    any_guest.wait_for_items(EXTERNAL, {"color": "blue", "shape": "round"})
    any_guest.stopped.set()
    any_guest.hang_up()
    wait_until(lambda: vm.show()["contact"] == "none", "the guest is gone")
    daemon.cli_ok("item", "remove", vm.name, "color")
    with type(any_guest)(vm.channel, pools=any_guest.pools) as again:
        wait_until(lambda: again.items(EXTERNAL) == {"shape": "round"}, "the removal arrived")


@pytest.mark.shows("resync digests")
def test_what_agrees_is_not_sent_again_to_a_guest_that_tells(vm):
    put(vm, "color", "blue")
    with OwnGuest(vm.channel) as guest:
        vm.wait_for_delivery("color")
        wait_until(lambda: len(guest.items(AUTO_EXTERNAL)) == 16, "pool 3 is there")
    with OwnGuest(vm.channel, pools=guest.pools) as guest:
        guest.wait_for_contact()
        vm.wait_for_delivery("color")
        put(vm, "last", "1")
        vm.wait_for_delivery("last")
        assert guest.requests("batch") == [("batch", EXTERNAL, ["last"])]


@pytest.mark.shows("T8")
def test_t8_reading_never_disturbs(vm, daemon, client):
    """The guest starts, is reset and stops all the time."""
    with LinuxGuest(vm.channel) as guest:
        guest.publish("BBB", "111")
        for turn in range(1000):
            if turn % 25 == 0:
                guest.restart(forget=turn % 50 == 0)
            if turn % 25 == 10:
                guest.wake()
            answer = component(client, vm)
            assert answer.status == 200 and answer.text_of("EnabledState") == "2"
            assert answer.texts("OperationalStatus")[0] in ("2", "12", "13")
    assert daemon.log_text().count("web1") <= 2 * 40 + 10


@pytest.mark.shows("push")
def test_a_change_in_the_guest_is_pushed(vm, daemon):
    with OwnGuest(vm.channel) as guest:
        vm.wait_for_contact()
        for n in range(20):
            guest.publish(f"key{n % 7}", str(n))

        def shown():
            listed = daemon.cli_json("guest", "list", vm.name)["guest"]
            return {item["key"]: item["value"] for item in listed} == guest.items(GUEST)
        wait_until(shown, "what the guest has is shown")
        assert len(guest.requests("read")) <= 4  # each pool as the contact began, and none since


@pytest.mark.shows("set back")
def test_what_a_guest_does_to_the_hosts_items_is_set_back(vm):
    put(vm, "color", "blue")
    put(vm, "shape", "round")
    with OwnGuest(vm.channel) as guest:
        vm.wait_for_delivery("shape")
        guest.spoil("color", "red")
        guest.spoil("shape")
        guest.spoil("strange", "x")
        wait_until(lambda: guest.items(EXTERNAL) == {"color": "blue", "shape": "round"}, "all is set back")
        before = len(guest.requests("set"))
        guest.spoil("color", "red")
        put(vm, "last", "1")
        vm.wait_for_delivery("last")
        assert guest.items(EXTERNAL)["color"] == "red"  # once a minute
        assert len(guest.requests("set")) == before + 1


@pytest.mark.shows("T7")
def test_t7_a_guest_that_tells_ends_an_item_for_once_at_once(vm, daemon):
    daemon.cli_ok("item", "put", vm.name, "token", "1", "--once")
    put(vm, "color", "blue")
    with OwnGuest(vm.channel) as guest:
        vm.wait_for_delivery("color")
        guest.spoil("token")
        guest.spoil("color")
        wait_until(lambda: guest.items(EXTERNAL) == {"color": "blue"}, "what is not for once comes back")
        wait_until(lambda: "token" not in vm.items(), "what is for once has ended")


@pytest.mark.shows("T7")
def test_t7_what_was_for_once_and_is_gone_at_the_next_contact_has_ended(vm, daemon):
    daemon.cli_ok("item", "put", vm.name, "token", "1", "--once")
    put(vm, "color", "blue")
    with OwnGuest(vm.channel) as guest:
        vm.wait_for_delivery("color")
    wait_until(lambda: vm.show()["contact"] == "none", "the guest is gone")
    with OwnGuest(vm.channel) as guest:  # whose pools are empty
        guest.wait_for_items(EXTERNAL, {"color": "blue"})
        wait_until(lambda: "token" not in vm.items(), "what is for once has ended")
        assert "token" not in guest.items(EXTERNAL)


@pytest.mark.shows("refusal kept")
@pytest.mark.parametrize("kind", [LinuxGuest, OwnGuest], ids=lambda kind: kind.__name__)
def test_what_a_guest_has_refused_is_shown_after_a_restart(vm, daemon, kind):
    def shown(key):
        item = vm.items()[key]
        return item["delivery"], item["reason"]

    def restart():
        daemon.stop()
        daemon.start()
    with kind(vm.channel) as guest:
        vm.wait_for_contact()
        guest.refuse = {"color": 0x80004005, "shape": 0x80004005}
        daemon.cli("item", "put", vm.name, "color", "blue", "shape", "round")  # fails if the guest is quick
        wait_until(lambda: shown("color")[0] == shown("shape")[0] == "refused", "the guest has refused both")
    refused = shown("color")
    assert "80004005" in refused[1]
    restart()
    assert shown("color") == shown("shape") == refused
    put(vm, "shape", "square")
    restart()
    assert (shown("color"), shown("shape")) == (refused, ("stored", ""))
    with kind(vm.channel):
        vm.wait_for_delivery("color")
        vm.wait_for_delivery("shape")
        daemon.stop()
    daemon.start()
    assert shown("color") == shown("shape") == ("acknowledged", "")


@pytest.mark.shows("T7")
def test_t7_what_is_for_once_does_not_end_because_a_pool_was_too_full_to_be_read(vm, daemon):
    daemon.cli_ok("item", "put", vm.name, "token", "1", "--once")
    put(vm, "gone", "1")
    with OwnGuest(vm.channel) as guest:
        vm.wait_for_delivery("gone")
    wait_until(lambda: vm.show()["contact"] == "none", "the guest is gone")
    daemon.cli_ok("item", "remove", vm.name, "gone")
    full = [(f"foreign{n}", "x") for n in range(4096)] + [("gone", "1"), ("token", "1")]
    with OwnGuest(vm.channel, pools=[full, [], [], [], []]) as guest:
        wait_until(lambda: guest.items(EXTERNAL) == {"token": "1"}, "what is not the host's has gone")
        wait_until(lambda: vm.show()["outstanding"] == 0, "all is acknowledged")
        assert "token" in vm.items()


@pytest.mark.shows("T11")
def test_t11_a_guest_that_hides_secrets_is_told_which_items_are(vm, daemon):
    put(vm, "color", "blue")
    with OwnGuest(vm.channel) as guest:
        daemon.cli_ok("item", "put", vm.name, "password", "hidden", "--secret")
        vm.wait_for_delivery("password")
        assert guest.secrets == {"password"}
    daemon.cli_ok("item", "put", vm.name, "color", "blue", "--secret")
    with OwnGuest(vm.channel, pools=guest.pools) as guest:  # the value is the same
        vm.wait_for_delivery("color")
        assert "color" in guest.secrets


@pytest.mark.shows("set back stock")
@pytest.mark.parametrize("kind", [LinuxGuest, WindowsGuest, OldGuest], ids=lambda kind: kind.__name__)
def test_what_a_stock_guest_did_to_the_hosts_items_is_set_back_with_the_next_contact(vm, kind):
    put(vm, "color", "blue")
    put(vm, "shape", "round")
    with kind(vm.channel) as guest:
        vm.wait_for_delivery("shape")
        guest.put(EXTERNAL, "color", "red")
        guest.drop(EXTERNAL, "shape")
        guest.restart()
        guest.wait_for_contact(2)
        guest.wait_for_items(EXTERNAL, {"color": "blue", "shape": "round"})


@pytest.mark.shows("guest hostile")
@pytest.mark.parametrize("misbehaviour", [*MISBEHAVIOURS, *STREAM_MISBEHAVIOURS])
def test_a_guest_that_misbehaves_hurts_no_other(vm, daemon, tmp_path, misbehaviour):
    daemon.cli_ok("vm", "define", "web2", "--channel", f"unix-listen:{tmp_path}/web2.sock")
    with HostileGuest(vm.channel, misbehaviour=misbehaviour), LinuxGuest(tmp_path / "web2.sock") as good:
        good.wait_for_contact()
        daemon.cli_ok("item", "put", "web2", "color", "blue")
        good.wait_for_items(EXTERNAL, {"color": "blue"})
        assert vm.show()["power"] in ("off", "running")


# --- health ---

@pytest.mark.shows("T15")
@pytest.mark.parametrize("kind, versions, codes, texts", [
    (LinuxGuest, {}, ["2", "32775"], ["OK", "Protocol version: negotiated 4.0, expected 5.0"]),
    (WindowsGuest, {}, ["2"], ["OK"]),
    (OwnGuest, {}, ["2"], ["OK"]),
    (OldGuest, {}, ["3", "32775"], ["Degraded", "Protocol version: negotiated 3.0, expected 5.0"]),
    (LinuxGuest, {"frameworks": [(1, 0)]}, ["2", "32775"], ["OK", "Protocol version: negotiated 4.0, expected 5.0"]),
], ids=["4.0", "5.0", "own", "3.0", "framework 1.0"])
def test_t15_the_status_is_ok_while_all_that_is_needed_works(vm, client, kind, versions, codes, texts):
    with kind(vm.channel, **versions):
        vm.wait_for_contact()
        assert health(client, vm) == (codes, texts)


@pytest.mark.shows("T15", "health 7")
def test_t15_without_a_common_version_the_exchange_cannot_recover(vm, client):
    with LinuxGuest(vm.channel, messages=[(9, 0)]):
        texts = wait_for_health(client, vm, ["7", "32775"])
        assert texts[0] == "Non-Recoverable Error" and "knows no protocol version" in texts[1]
        assert vm.show()["contact"] == "incompatible"


@pytest.mark.shows("health 12")
def test_a_vm_that_is_off_or_never_answered_has_no_contact(vm, client):
    assert health(client, vm) == (["12"], ["No Contact"])
    with LinuxGuest(vm.channel, mute=True):
        wait_until(lambda: vm.show()["contact"] == "connected", "the guest is connected")
        assert health(client, vm) == (["12"], ["No Contact"])
        assert vm.show()["power"] == "running"


@pytest.mark.shows("health 12")
def test_a_connection_that_ends_is_no_contact(vm, client):
    with LinuxGuest(vm.channel):
        vm.wait_for_contact()
    assert wait_for_health(client, vm, ["12"]) == ["No Contact"]


@pytest.mark.shows("health 13")
@pytest.mark.parametrize("kind", [LinuxGuest, OwnGuest], ids=lambda kind: kind.__name__)
def test_a_guest_that_misses_a_deadline_is_lost_and_found(quick_vm, kind):
    client = client_of(quick_vm)
    with kind(quick_vm.channel) as guest:
        quick_vm.wait_for_contact()
        guest.mute = True
        put(quick_vm, "color", "blue")
        texts = wait_for_health(client, quick_vm, ["13", "32784"])
        assert texts[0] == "Lost Communication" and "answer" in texts[1]
        guest.mute = False
        quick_vm.wait_for_delivery("color")
        quick_vm.wait_for_contact()
        assert health(client, quick_vm)[0][0] == "2"


@pytest.mark.shows("health disabled")
def test_with_the_exchange_switched_off_the_component_is_disabled(vm, client, daemon):
    with LinuxGuest(vm.channel):
        vm.wait_for_contact()
        daemon.cli_ok("vm", "set", vm.name, "--exchange", "off")
        answer = component(client, vm)
        assert answer.text_of("EnabledState") == "3"
        assert answer.texts("OperationalStatus") == ["12"]
        assert "switched off" in vm.show()["reason"]
