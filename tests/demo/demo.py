#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The main job, shown: a pair travels from a management call into the guest, and back.

Each step prints one line with what was seen on the wire or on disk. A step that fails ends the demo with
status 1.
"""
import argparse
import base64
import json
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import soap  # noqa: E402
from programs import Agent, Build, Daemon, wait_until  # noqa: E402

RECORD, KEY_SIZE = 2560, 512
PIECE = 990  # bytes of an ignition.config.N item, as libhvee cuts them


class Demo:
    def __init__(self, arguments):
        self.arguments = arguments
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="openkvp-demo-"))
        self.build = Build(arguments.build)
        self.daemon = Daemon(self.build, self.folder / "host")
        self.channel = self.folder / "web1.sock"
        self.agent = Agent(self.build, self.folder / "guest", f"unix:{self.channel}")
        self.passed = 0

    # --- What the steps use ---

    def say(self, text):
        if not self.arguments.machine:
            print(text, flush=True)

    def vm(self):
        return self.daemon.cli_json("vm", "show", "web1")

    def in_contact(self):
        return self.vm()["contact"] == "open"

    def ended_job(self, job):
        """JobState, ErrorCode and JobStatus, polled as the clients of Hyper-V do."""
        def look():
            answer = self.client.job(job)
            state = int(answer.text_of("JobState"))
            return (state, int(answer.text_of("ErrorCode")), answer.text_of("JobStatus")) if state >= 7 else None
        return wait_until(look, f"job {job} ends")

    def change(self, method, *items):
        value, job, answer = self.client.kvp(method, self.guid, items)
        assert value == 4096, f"{method} returned {value}: {answer.text}"
        return self.ended_job(job)

    def record(self, key):
        """A record of the guest's pool 0 as it is on disk; None when there is none."""
        data = self.agent.pool(0).read_bytes()
        assert len(data) % RECORD == 0, f"{len(data)} bytes are no whole records"
        for at in range(0, len(data), RECORD):
            if data[at:at + KEY_SIZE].rstrip(b"\0") == key.encode():
                return data[at:at + RECORD]
        return None

    def expect_record(self, key, value):
        expected = key.encode().ljust(KEY_SIZE, b"\0") + value.encode().ljust(RECORD - KEY_SIZE, b"\0")
        assert self.record(key) == expected, f"{key}: another record in {self.agent.pool(0)}"

    def component(self):
        return self.client.get("Msvm_KvpExchangeComponent", {
            "CreationClassName": "Msvm_KvpExchangeComponent",
            "DeviceID": f"Microsoft:{self.guid}\\2A34B1C2-FD73-4043-8A5B-DD2159BC743F",
            "SystemCreationClassName": "Msvm_ComputerSystem", "SystemName": self.guid})

    def items_of(self, answer, property_name):
        """Name -> Data of the embedded instances of an array property."""
        pairs = {}
        for text in answer.texts(property_name):
            instance = soap.ElementTree.fromstring(text)
            values = {p.get("NAME"): p.findtext("VALUE") or "" for p in instance}
            pairs[values["Name"]] = values["Data"]
        return pairs

    # --- The steps ---

    def daemon_starts(self):
        self.daemon.start()
        magic = self.daemon.database.read_bytes()[:15]
        self.daemon.add_user()
        self.client = soap.Client(self.daemon.http, Daemon.USER, Daemon.PASSWORD)
        answer = self.client.post(soap.envelope("", "", "<wsmid:Identify/>").replace("<a:Action", "<x:none").replace(
            "</a:Action>", "</x:none>"))
        vendor = answer.text_of("ProductVendor")
        return f"openkvpd answers Identify on {self.daemon.http} ('{vendor}'), its store begins with {magic}"

    def vm_is_defined(self):
        self.daemon.cli_ok("vm", "define", "web1", "--channel", f"unix-listen:{self.channel}")
        self.guid = self.vm()["id"]
        answer = self.client.get("Msvm_ComputerSystem", {
            "CreationClassName": "Msvm_ComputerSystem", "Name": self.guid})
        return f"VM web1 is {self.guid}; WS-Management shows ElementName '{answer.text_of('ElementName')}', " \
               f"EnabledState {answer.text_of('EnabledState')}"

    def agent_connects(self):
        self.agent.start()
        wait_until(self.in_contact, "the agent is in contact")
        vm = self.vm()
        return f"the agent is in contact: framework {vm['framework_version']}, message {vm['message_version']}"

    def items_arrive(self):
        state, error, text = self.change("AddKvpItems", soap.data_item("color", "blue"),
                                         soap.data_item("motto", "Grüße & <more>"))
        assert (state, error) == (7, 0), f"job ended with state {state}, error {error}: {text}"
        for key, value in (("color", "blue"), ("motto", "Grüße & <more>")):
            seen = self.agent.get(key)
            assert seen == value, f"openkvp-agent get {key}: {seen!r}"
            self.expect_record(key, value)
        return f"AddKvpItems returned 4096, its job is Completed ('{text}'); openkvp-agent get color: " \
               f"'{self.agent.get('color')}'; .kvp_pool_0 holds both records byte by byte"

    def guest_publishes(self):
        done = self.agent.run("set", "guest.said", "hello host")
        assert done.returncode == 0, done.stderr
        answer = wait_until(lambda: (a := self.component()) and "guest.said" in self.items_of(a, "GuestExchangeItems")
                            and a, "the item shows in GuestExchangeItems")
        intrinsic = self.items_of(answer, "GuestIntrinsicExchangeItems")
        assert len(intrinsic) >= 10 and intrinsic["ProcessorArchitecture"], intrinsic
        return f"GuestExchangeItems has guest.said = '{self.items_of(answer, 'GuestExchangeItems')['guest.said']}', " \
               f"beside {len(intrinsic)} intrinsic items: OSName '{intrinsic['OSName']}', OSVersion " \
               f"'{intrinsic['OSVersion']}', ProcessorArchitecture '{intrinsic['ProcessorArchitecture']}'"

    def adding_again_fails(self):
        before = self.agent.pool(0).read_bytes()
        state, error, text = self.change("AddKvpItems", soap.data_item("size", "1"), soap.data_item("color", "red"))
        assert (state, error) == (10, 32773), f"job ended with state {state}, error {error}: {text}"
        assert self.agent.pool(0).read_bytes() == before and self.agent.get("size") is None
        return f"adding color again: job ErrorCode 32773, '{text}'; nothing changed, neither here nor in the guest"

    def modify_and_remove_arrive(self):
        assert self.change("ModifyKvpItems", soap.data_item("color", "green"))[:2] == (7, 0)
        assert self.agent.get("color") == "green"
        assert self.change("RemoveKvpItems", soap.data_item("motto"))[:2] == (7, 0)
        assert self.agent.get("motto") is None and self.record("motto") is None
        self.expect_record("color", "green")
        return "ModifyKvpItems: color is 'green' in the guest; RemoveKvpItems: motto is gone from .kvp_pool_0"

    def item_waits_for_guest(self):
        self.agent.stop()
        wait_until(lambda: self.vm()["power"] == "off", "the VM counts as off")
        state, error, text = self.change("AddKvpItems", soap.data_item("while.off", "kept for you"))
        assert (state, error) == (7, 0) and "pending" in text, text
        assert self.agent.get("while.off") is None
        self.agent.start()
        wait_until(lambda: self.agent.get("while.off") == "kept for you", "the item arrives")
        return f"agent stopped: job '{text}'; agent started: while.off = '{self.agent.get('while.off')}'"

    def daemon_survives_kill(self):
        before = self.daemon.cli_json("item", "list", "web1")["items"]
        self.daemon.kill9()
        self.daemon.settings["listen_http"] = self.daemon.http.removeprefix("http://")
        self.daemon.start()
        after = self.daemon.cli_json("item", "list", "web1")["items"]
        assert [(i["key"], i["value"]) for i in after] == [(i["key"], i["value"]) for i in before]
        wait_until(self.in_contact, "the agent is in contact again")
        return f"kill -9 of openkvpd and restart: {len(after)} items are still there, the agent is in contact again"

    def ignition_arrives(self):
        script = base64.b64encode(bytes(range(256)) * 24).decode()
        config = json.dumps({
            "ignition": {"version": "3.4.0"},
            "passwd": {"users": [{"name": "core", "sshAuthorizedKeys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 demo"]}]},
            "storage": {"files": [{"path": "/opt/blob", "mode": 420,
                                   "contents": {"source": "data:;base64," + script}}]}})
        pieces = [config[at:at + PIECE] for at in range(0, len(config), PIECE)]
        names = [f"ignition.config.{number}" for number in range(len(pieces))]
        state, error, text = self.change("AddKvpItems", *map(soap.data_item, names, pieces))
        assert (state, error) == (7, 0), text
        joined = "".join(self.agent.get(name) for name in names)
        assert joined == config and json.loads(joined)["ignition"]["version"] == "3.4.0"
        return f"an Ignition configuration of {len(config)} bytes arrived whole in {len(names)} items"

    STEPS = (daemon_starts, vm_is_defined, agent_connects, items_arrive, guest_publishes, adding_again_fails,
             modify_and_remove_arrive, item_waits_for_guest, daemon_survives_kill, ignition_arrives)

    # --- Running them ---

    def run(self):
        for step in self.STEPS:
            try:
                seen = step(self)
            except (AssertionError, OSError, KeyError, ValueError, TypeError) as fault:
                print(f"{step.__name__.replace('_', ' ')}: FAILED: {fault}", file=sys.stderr)
                print(self.daemon.log_text()[-2000:], file=sys.stderr)
                return False
            self.passed += 1
            self.say(f"{self.passed:2}. {step.__name__.replace('_', ' ')}: {seen}")
        return True

    def tell_how_to_go_on(self):
        facts = {
            "SERVER": self.daemon.socket, "HTTP": self.daemon.http, "WSMAN": self.daemon.http + "/wsman",
            "USER": Daemon.USER, "PASSWORD": Daemon.PASSWORD, "VM": "web1", "VM_GUID": self.guid,
            "GUEST_FOLDER": self.agent.folder, "CHANNEL": self.channel,
            "OPENKVP": self.build.openkvp, "AGENT": self.build.agent, "FOLDER": self.folder,
            "PIDS": f"{self.daemon.process.pid} {self.agent.process.pid}",
            "STOP": f"kill {self.daemon.process.pid} {self.agent.process.pid}; rm -r {self.folder}",
        }
        if self.arguments.machine:
            for name, value in facts.items():
                print(f"{name}={value}")
            return
        print("\nEverything is left running.")
        print(f"  openkvp:        OPENKVP_SERVER={facts['SERVER']} {facts['OPENKVP']} item list web1")
        print(f"  WS-Management:  {facts['WSMAN']}, user {facts['USER']}, password '{facts['PASSWORD']}'")
        print(f"  JSON API:       {facts['HTTP']}/v1/vms, the same user")
        print(f"  the VM:         web1, {facts['VM_GUID']}")
        print(f"  in the guest:   {facts['AGENT']} --folder {facts['GUEST_FOLDER']} list")
        print(f"  stop it:        {facts['STOP']}")

    def clean_up(self):
        self.agent.stop()
        self.daemon.stop()
        shutil.rmtree(self.folder)


def main():
    parser = argparse.ArgumentParser(description="Runs the main job of openkvp and says what it saw.")
    parser.add_argument("--build", required=True, help="build folder")
    parser.add_argument("--keep", action="store_true", help="leave everything running and say how to use it")
    parser.add_argument("--machine", action="store_true", help="print only NAME=VALUE lines (with --keep)")
    demo = Demo(parser.parse_args())
    good = demo.run()
    if good and demo.arguments.keep:
        demo.tell_how_to_go_on()
    else:
        demo.clean_up()
    demo.say(f"demo: {demo.passed} steps passed" if good else
             f"demo: {demo.passed} steps passed, {len(demo.STEPS) - demo.passed} failed or not run")
    return 0 if good else 1


sys.exit(main())
