# SPDX-License-Identifier: MIT
"""Header and body of an answer leave in one write, on both HTTP listeners: with two, Nagle's algorithm and a
delayed acknowledgement hold each answer on a kept-alive connection back for 40 ms."""
import base64
import http.client
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import urllib.parse

import pytest

import cimxml
import soap
from programs import wait_until

ROUNDS = 20
DATA_SEGMENTS_IN = 152  # where struct tcp_info has tcpi_data_segs_in


def identify():
    return (f'<s:Envelope xmlns:s="{soap.NS["s"]}" xmlns:wsmid="{soap.NS["wsmid"]}"><s:Header/>'
            "<s:Body><wsmid:Identify/></s:Body></s:Envelope>")


def listing():
    body = "<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>99</w:MaxElements></n:Enumerate>"
    return soap.envelope(soap.ENUMERATE, soap.WMI + "Msvm_ComputerSystem", body)


def fault():
    return soap.envelope(soap.GET, soap.WMI + "Msvm_Nothing")


def cim_call(name, class_name):
    parameter = f'<IPARAMVALUE NAME="ClassName">{cimxml.value(cimxml.Class(class_name))}</IPARAMVALUE>'
    return cimxml.message(f'<IMETHODCALL NAME="{name}">{cimxml.local_namespace("root/virtualization/v2")}'
                          f"{parameter}</IMETHODCALL>")


def names():
    return cim_call("EnumerateInstanceNames", "Msvm_ComputerSystem")


def error():
    return cim_call("GetClass", "Msvm_Nothing")


LISTENERS = {
    "WS-Management": ("http", "/wsman", "application/soap+xml;charset=UTF-8", [identify, listing, fault]),
    "CIM-XML": ("cimom", "/cimom", 'application/xml; charset="utf-8"', [names, error]),
}


class Connection:
    """A kept-alive connection, and how many answers came over it."""

    def __init__(self, daemon, listener):
        where, self.path, self.content_type, self.requests = LISTENERS[listener]
        name, password = daemon.add_user()
        self.authorization = "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
        self.http = http.client.HTTPConnection(urllib.parse.urlsplit(getattr(daemon, where)).netloc, timeout=30)
        self.http.connect()
        self.http.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answers = 0

    def ask(self, request):
        self.http.request("POST", self.path, request().encode(), {
            "Content-Type": self.content_type, "Authorization": self.authorization})
        answer = self.http.getresponse()
        assert len(answer.read()) > 0 and not answer.will_close
        self.answers += 1

    def ask_all(self):
        self.ask(self.requests[0])  # the password is known from now on
        for _ in range(ROUNDS):
            for request in self.requests:
                self.ask(request)

    def segments(self):
        """How many segments with data came in."""
        info = self.http.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        if len(info) < DATA_SEGMENTS_IN + 4:
            pytest.skip("this system does not count segments")
        return struct.unpack_from("I", info, DATA_SEGMENTS_IN)[0]


@pytest.fixture(params=LISTENERS)
def connection(request, daemon, vm):
    made = Connection(daemon, request.param)
    yield made
    made.http.close()


@pytest.mark.shows("wsman 8")
def test_each_answer_is_one_segment(connection):
    connection.ask_all()
    assert connection.segments() == connection.answers


@pytest.fixture
def writes(daemon, start, tmp_path):
    """Traces what the daemon writes from now on: writes() -> descriptor -> what the calls were given."""
    if not shutil.which("strace"):
        pytest.skip("strace is missing")
    process = start("strace", "-ff", "-qq", "-s", "12", "-o", tmp_path / "strace", "-p", daemon.process.pid,
                    "-e", "trace=write,writev,send,sendto,sendmsg,sendmmsg,sendfile", stderr=subprocess.PIPE, text=True)

    def attached():
        """Whether all threads of the daemon are traced."""
        if process.poll() is not None:
            pytest.skip(f"strace cannot trace here: {process.stderr.read()}")
        tasks = pathlib.Path(f"/proc/{daemon.process.pid}/task").iterdir()
        return all(re.search(r"TracerPid:\s+[1-9]", (task / "status").read_text()) for task in tasks)

    def look():
        found = {}
        for thread in tmp_path.glob("strace.*"):
            for call in re.finditer(r"^\w+\((\d+), (.*)\) += [1-9]\d*$", thread.read_text(), re.M):
                found.setdefault(call[1], []).append(call[2])
        return found

    wait_until(attached, "strace is attached")
    yield look
    process.terminate()


@pytest.mark.shows("wsman 8")
def test_header_and_body_leave_in_one_write(connection, writes):
    connection.ask_all()

    def calls():
        """The writes to the connection."""
        return next((calls for calls in writes().values() if any('"HTTP/1.1 ' in call for call in calls)), [])

    # A call is written down after its client has seen what it sent.
    wait_until(lambda: len(calls()) >= connection.answers, "all writes are written down")
    assert len(calls()) == connection.answers
    assert all('"HTTP/1.1 ' in call for call in calls())
