# SPDX-License-Identifier: MIT
"""The JSON API over the daemon's local socket, by Python's own HTTP client: for tests that ask often."""
import http.client
import json
import socket


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Refused(Exception):
    """An answer with a status above 399."""

    def __init__(self, status, answer):
        super().__init__(f"{status}: {answer}")
        self.status, self.answer = status, answer


class Api:
    """One connection, kept."""

    def __init__(self, path, timeout=60):
        self.connection = UnixConnection(path, timeout)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.connection.close()

    def ask(self, method, path, body=None):
        return self.send(method, path, None if body is None else json.dumps(body), "application/json")

    def send(self, method, path, body, content_type):
        self.connection.request(method, path, body, {"Content-Type": content_type})
        answer = self.connection.getresponse()
        data = answer.read()
        if answer.status > 399:
            raise Refused(answer.status, data.decode())
        return json.loads(data) if data else None

    def get(self, path):
        return self.ask("GET", path)

    def batch(self, vm, pool="external", **changes):
        return self.ask("POST", f"/v1/vms/{vm}/items/{pool}", changes)

    def put_value(self, vm, key, content, query=""):
        """Puts bytes, however many."""
        return self.send("PUT", f"/v1/vms/{vm}/items/external/{key}/value{query}", content, "application/octet-stream")
