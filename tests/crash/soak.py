#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Mixed load for some minutes: readers, writers, guests that come and go, clients that misbehave. At the end the
daemon must hold no more memory and no more descriptors than after the beginning.

The load is even, so what the daemon holds in the last quarter of the time is compared with the second quarter; the
first is for filling what is bounded. The last line says what was seen; exit status 1 when something grew.
"""
import argparse
import base64
import http.client
import itertools
import pathlib
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import soap  # noqa: E402
from api import Api  # noqa: E402
from programs import Agent, Build, Daemon, wait_until  # noqa: E402

VMS, GUESTS = 60, 40  # the last VMs never have a guest
PAUSE = 0.01  # of each client between two requests: the load is to be even, not as much as possible
IDLE_TIMEOUT, WARM_UP = 5, 5  # seconds
MEMORY_GROWTH, MEMORY_SLACK = 0.05, 2 << 20
SOAP_TYPE = "application/soap+xml;charset=UTF-8"


def guid(vm):
    return f"{vm + 1:08X}-0000-4000-8000-000000000000"


class Soak:
    def __init__(self, build, folder):
        self.folder = pathlib.Path(folder)
        self.build = Build(build)
        # Bounds that are reached soon, so that nothing that is bounded grows for long.
        self.daemon = Daemon(self.build, self.folder / "host", log_level="error", jobs_max=2000, idle_timeout=IDLE_TIMEOUT,
                             enumeration_idle=5, guest_poll_interval=2, wrong_password_delay=100)
        self.stopping = threading.Event()
        self.failures = []
        self.requests = itertools.count()

    def open(self):
        self.daemon.start()
        user, password = self.daemon.add_user()
        self.headers = {"Content-Type": SOAP_TYPE,
                        "Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}
        self.port = int(self.daemon.http.rsplit(":", 1)[1])
        with Api(self.daemon.socket) as api:
            for vm in range(VMS):
                api.ask("POST", "/v1/vms", {"name": f"vm-{vm}", "id": guid(vm),
                                            "channel": f"unix-listen:{self.folder}/{vm}"})

    # --- What clients do, each again and again ---

    def post(self, connection, text):
        connection.request("POST", "/wsman", text, self.headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def ask(self, text):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            return self.post(connection, text)
        finally:
            connection.close()

    def change_items(self):
        with Api(self.daemon.socket) as api:
            while self.go_on():
                vm = random.randrange(VMS)
                keys = random.sample(range(50), 8)
                api.batch(guid(vm), put=[{"key": f"key-{key}", "value": "v" * random.randrange(500)} for key in keys[:4]],
                          remove=[f"key-{key}" for key in keys[4:]])

    def add_and_remove(self):
        """By WS-Management; now and then what cannot be done, whose job is kept for longer than others."""
        class_name = "Msvm_VirtualSystemManagementService"
        for number in itertools.count():
            methods = ["AddKvpItems", "RemoveKvpItems"] if number % 100 else ["ModifyKvpItems"]
            vm = guid(random.randrange(VMS))
            for method in methods:
                if not self.go_on():
                    return
                body = soap.kvp_input(method, vm, [soap.data_item(f"soap-{number % 100}", "x" * random.randrange(200))])
                self.expect(200, *self.ask(soap.envelope(f"{soap.WMI}{class_name}/{method}", soap.WMI + class_name,
                                                         body)))

    def read_components(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        while self.go_on():
            vm = guid(random.randrange(VMS))
            keys = {"CreationClassName": "Msvm_KvpExchangeComponent",
                    "DeviceID": f"Microsoft:{vm}\\2A34B1C2-FD73-4043-8A5B-DD2159BC743F",
                    "SystemCreationClassName": "Msvm_ComputerSystem", "SystemName": vm}
            uri = soap.WMI + "Msvm_KvpExchangeComponent"
            self.expect(200, *self.post(connection, soap.envelope(soap.GET, uri, keys=keys)))

    def list_systems(self):
        """Some listings are left behind, and end by themselves."""
        while self.go_on():
            uri = soap.WMI + random.choice(["Msvm_ComputerSystem", "Msvm_KvpExchangeComponent", "Msvm_ConcreteJob"])
            self.expect(200, *self.ask(soap.envelope(
                soap.ENUMERATE, uri, "<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>10</w:MaxElements>"
                "</n:Enumerate>")))
            time.sleep(0.1)  # not more than may be open at a time

    def read_json(self):
        with Api(self.daemon.socket) as api:
            while self.go_on():
                vm = guid(random.randrange(VMS))
                api.get(random.choice(["/v1/vms", "/v1/jobs", "/v1/status", f"/v1/vms/{vm}/items/external",
                                       f"/v1/vms/{vm}/guest"]))

    def define_and_undefine(self):
        with Api(self.daemon.socket) as api:
            for number in itertools.count():
                if not self.go_on():
                    break
                name = f"passing-{number}"
                api.ask("POST", "/v1/vms", {"name": name, "channel": f"unix-listen:{self.folder}/passing"})
                api.batch(name, put=[{"key": "k", "value": "v"}])
                api.ask("DELETE", f"/v1/vms/{name}?items=1")

    def misbehave(self):
        while self.go_on():
            with socket.create_connection(("127.0.0.1", self.port), 30) as connection:
                connection.sendall(random.choice([
                    b"GET / HTTP/1.1\r\n", b"\x16\x03\x01garbage\r\n\r\n",
                    b"POST /wsman HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n<half",
                    b"POST /wsman HTTP/1.1\r\nHost: x\r\nAuthorization: Basic YW5uOndyb25n\r\nContent-Length: 0\r\n\r\n",
                    b"POST /wsman HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n<a><b"]))
                time.sleep(random.random() / 10)

    def guests_come_and_go(self):
        """All guests but the first, which is the agent, live in a process that is killed and started anew."""
        while self.go_on():
            process = subprocess.Popen([str(self.build.folder / "tests/bench/guests"), str(self.folder), str(GUESTS),
                                        "20", "64", random.choice(["own", "hyper-v"])], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
            self.stopping.wait(random.uniform(1, 4))
            process.kill()
            process.wait()
            process.stdin.close()

    def agent_comes_and_goes(self):
        agent = Agent(self.build, self.folder / "guest", f"unix:{self.folder}/{GUESTS}")
        while self.go_on():
            agent.start()
            for _ in range(20):
                agent.run("set", f"key-{random.randrange(10)}", str(random.random()))
                if self.stopping.wait(0.2):
                    break
            agent.stop()

    CLIENTS = [change_items, change_items, add_and_remove, read_components, read_components, list_systems, read_json,
               define_and_undefine, misbehave, guests_come_and_go, agent_comes_and_goes]

    # --- Running ---

    def go_on(self):
        next(self.requests)
        return not self.stopping.wait(PAUSE)

    @staticmethod
    def expect(status, found, text):
        if found != status:
            raise AssertionError(f"an answer with status {found}:\n{text}")

    def run_client(self, client):
        try:
            client(self)
        except Exception as error:  # told at the end, by the main thread
            self.failures.append(error)
            self.stopping.set()

    def figures(self):
        """Resident bytes, descriptors."""
        process = pathlib.Path(f"/proc/{self.daemon.process.pid}")
        pages = int((process / "statm").read_text().split()[1])
        return pages * 4096, len(list((process / "fd").iterdir()))

    def run(self, seconds):
        """Figures of each second under load."""
        self.stopping.clear()
        threads = [threading.Thread(target=self.run_client, args=(client,)) for client in self.CLIENTS]
        for thread in threads:
            thread.start()
        samples = []
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.stopping.wait(1) and self.daemon.running():
            samples.append(self.figures())
        self.stopping.set()
        for thread in threads:
            thread.join()
        if self.failures:
            raise self.failures[0]
        return samples

    def descriptors_at_rest(self, expected=None):
        """When all connections are gone, which may take as long as they may be idle; with how many there are to
        be, as soon as there are no more."""
        def at_rest():
            seen = self.figures()[1]
            if expected is not None and seen <= expected:
                return seen
            time.sleep(IDLE_TIMEOUT + 1)
            return seen if seen == self.figures()[1] and not self.clients() else None
        return wait_until(at_rest, "connections end", 60)

    def clients(self):
        with Api(self.daemon.socket) as api:
            return api.get("/v1/status")["in_contact"]


def judge(samples, first, last):
    quarter = len(samples) // 4
    early = statistics.median(memory for memory, _ in samples[quarter:2 * quarter])
    late = statistics.median(memory for memory, _ in samples[3 * quarter:])
    flat = late <= early * (1 + MEMORY_GROWTH) + MEMORY_SLACK
    print(f"memory {early / 1e6:.1f} MB in the second quarter, {late / 1e6:.1f} MB in the last; "
          f"descriptors {first} before, {last} after: {'flat' if flat and last <= first else 'GROWING'}")
    return flat and last <= first


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("minutes", nargs="?", type=float, default=30)
    parser.add_argument("--build", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="okvp-soak-", dir="/var/tmp") as folder:
        soak = Soak(arguments.build, folder)
        try:
            soak.open()
            soak.run(WARM_UP)  # opens what is opened when it is needed first
            first = soak.descriptors_at_rest()
            samples = soak.run(60 * arguments.minutes)
            if not soak.daemon.running():
                raise AssertionError(f"openkvpd ended:\n{soak.daemon.log_text()}")
            last = soak.descriptors_at_rest(first)
        finally:
            if soak.daemon.running():
                soak.daemon.stop()
        print(f"{next(soak.requests)} requests in {arguments.minutes:g} minutes")
        return 0 if judge(samples, first, last) else 1


if __name__ == "__main__":
    sys.exit(main())
