# SPDX-License-Identifier: MIT
"""What the measures work with: the programs, a folder on disk, stores that are made once and copied."""
import base64
import http.client
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import urllib.parse

import cimxml
import soap
from programs import Build, Daemon

ROOT = pathlib.Path(__file__).resolve().parents[2]

KEY_BYTES, VALUE_BYTES = 16, 64
SOAP = {"Content-Type": "application/soap+xml;charset=UTF-8"}


def vm_guid(number):
    """The GUID of VM number n of a made store: bench_vm() of bench.c."""
    mixed = (number + 1) * 0x9E3779B1 % 2**32
    return f"{mixed.to_bytes(4, 'little').hex()}-0000-4000-8000-000000000000".upper()


def component_keys(vm):
    guid = vm_guid(vm)
    return {"CreationClassName": "Msvm_KvpExchangeComponent",
            "DeviceID": f"Microsoft:{guid}\\2A34B1C2-FD73-4043-8A5B-DD2159BC743F",
            "SystemCreationClassName": "Msvm_ComputerSystem", "SystemName": guid}


class Server:
    """A program that prints its port and serves until it is killed."""

    def __init__(self, *command):
        self.process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Workshop:
    """A folder on disk that goes with it, and the programs."""

    USER = "ann:benchmark"

    def __init__(self, build, agent_build, quick):
        self.build = Build(build)
        self.agent_build = Build(agent_build)
        self.tools = self.build.folder / "tests/bench"
        self.quick = quick
        # Short, because sockets lie in it; and no tmpfs, because commits are measured.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="okvp-bench-", dir="/var/tmp"))
        self.count = 0

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_folder(self, name):
        self.count += 1
        folder = self.folder / f"{self.count}-{name}"
        folder.mkdir()
        return folder

    def tool(self, name, *arguments, prefix=()):
        """Runs one of tests/bench to its end and returns what it printed, as a dictionary."""
        command = [*prefix, self.tools / name, *arguments]
        done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, timeout=300)
        if done.returncode != 0:
            raise RuntimeError(f"{name} ended with {done.returncode}")
        return json.loads(done.stdout) if done.stdout else {}

    def start_tool(self, name, *arguments, prefix=(), **options):
        return subprocess.Popen([str(word) for word in [*prefix, self.tools / name, *arguments]], **options)

    # --- Servers ---

    def store(self, vms, items, channels=None):
        """A store with so many VMs of so many items, made anew; channels: the folder of their sockets."""
        path = self.new_folder("store") / "openkvp.db"
        self.tool("make_store", path, vms, items, VALUE_BYTES, *([channels] if channels else []))
        return path

    def daemon(self, store=None, start=True, **settings):
        """openkvpd on a copy of a store, with one user."""
        folder = self.new_folder("host")
        if store:
            shutil.copyfile(store, folder / "openkvp.db")
        daemon = Daemon(self.build, folder, log_level="error", **settings)
        if start:
            daemon.start()
            daemon.add_user(*self.USER.split(":"), role="admin")
        return daemon

    def bare(self, size, *commit):
        """The server that answers so many bytes from memory."""
        return Server(self.tools / "bare_http", size, *commit)

    def guests(self, channels, count, items, protocol="own"):
        """So many guests, each in contact; ends with close_guests()."""
        process = self.start_tool("guests", channels, count, items, VALUE_BYTES, protocol, stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True)
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("the guests ended")
        return process

    def change_guests(self, process, rate, seconds, port):
        """Has the guests change so many items a second; what was seen of it."""
        process.stdin.write(f"change {rate} {seconds} {port} {self.USER}\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    @staticmethod
    def close_guests(process):
        process.stdin.close()
        process.wait()
        process.stdout.close()

    # --- Requests ---

    def authorization(self):
        return {"Authorization": "Basic " + base64.b64encode(self.USER.encode()).decode()}

    def ask(self, port, request):
        """One request; the body of its answer, which must be 200."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request(request.method, request.path, request.body, {**request.headers, **self.authorization()})
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{request.path}: {answer.status}\n{data.decode(errors='replace')}")
        return data

    def body_file(self, text):
        path = self.new_folder("body") / "request"
        path.write_text(text)
        return path

    def wrk(self, port, request, connections, seconds, close=False):
        """wrk with one thread."""
        headers = {**request.headers, **self.authorization(), **({"Connection": "close"} if close else {})}
        env = {**os.environ, "BENCH_HEADERS": "\n".join(f"{name}: {value}" for name, value in headers.items())}
        if request.body:
            env["BENCH_BODY"] = str(self.body_file(request.body))
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(ROOT / "tests/bench/post.lua"),
                   f"http://127.0.0.1:{port}{request.path}"]
        done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=True, timeout=120)
        result = json.loads(done.stdout.splitlines()[-1])
        if result["wrong"] > 0:
            raise RuntimeError(f"wrk: {result['wrong']} of {result['requests']} requests went wrong")
        return result


def port_of(daemon, binding="http"):
    """The port of WS-Management and JSON, or with "cimom" that of CIM-XML."""
    return urllib.parse.urlsplit(getattr(daemon, binding)).port


def resident_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"no process {pid}")


def processor_seconds(pid):
    """What a process has used so far, of all cores."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# --- Requests ---

class Request:
    """One of HTTP, without who asks."""

    def __init__(self, path, body=None, headers=None):
        self.path, self.body, self.headers = path, body, headers or {}
        self.method = "POST" if body else "GET"


def get_component(vm):
    """A Get of a VM's Msvm_KvpExchangeComponent by WS-Management."""
    return Request("/wsman", soap.envelope(soap.GET, soap.WMI + "Msvm_KvpExchangeComponent", keys=component_keys(vm)),
                   SOAP)


def get_component_cimxml(vm):
    """The same by CIM-XML."""
    path = cimxml.Path("Msvm_KvpExchangeComponent", **component_keys(vm))
    return Request("/cimom", cimxml.message(cimxml.operation_call("GetInstance", path.ns, InstanceName=path)),
                   {"Content-Type": 'application/xml; charset="utf-8"', "CIMOperation": "MethodCall",
                    "CIMMethod": "GetInstance", "CIMObject": path.ns})


def get_items_json(vm):
    """A VM with its items by JSON."""
    return Request(f"/v1/vms/{vm_guid(vm)}/items/external")
