# SPDX-License-Identifier: MIT
"""The vsock of Firecracker and Cloud Hypervisor, as far as the host sees it: played over unix sockets.

PATH is the host's end. Whoever connects there and says "CONNECT PORT\\n" is connected to the program of the guest that
listens at that port and told "OK NUMBER\\n"; where nobody listens, the connection ends. A program of the guest that
calls a port of the host is connected to the socket PATH_PORT. In the guest, here a folder, a port is a unix socket:
"listen-PORT" is made by the program that listens, "call-PORT" by this class for those that call.
"""
import pathlib
import socket
import threading


def relay(a, b):
    """Carries bytes from a to b until a ends, and then ends b."""
    try:
        while True:
            data = a.recv(65536)
            if not data:
                break
            b.sendall(data)
    except OSError:
        pass
    for end in (a, b):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def join(a, b):
    for pair in ((a, b), (b, a)):
        threading.Thread(target=relay, args=pair, daemon=True).start()


def connected(path):
    """A connection to a socket, or None."""
    there = socket.socket(socket.AF_UNIX)
    try:
        there.connect(str(path))
        return there
    except OSError:
        there.close()
        return None


class HybridVsock:
    def __init__(self, path, guest, port):
        self.path, self.guest = pathlib.Path(path), pathlib.Path(guest)
        self.guest.mkdir(exist_ok=True)
        self.requests = []  # what the host asked for
        self.sockets = []
        self.serve(self.path, self.host_connected)
        self.serve(self.guest / f"call-{port}", lambda caller: self.guest_called(caller, port))

    def serve(self, path, take):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen(8)
        self.sockets.append(listener)

        def accept():
            while True:
                try:
                    connection = listener.accept()[0]
                except OSError:
                    return
                self.sockets.append(connection)
                take(connection)

        threading.Thread(target=accept, daemon=True).start()

    def host_connected(self, host):
        line = b""
        while not line.endswith(b"\n"):
            byte = host.recv(1)
            if not byte:
                return
            line += byte
        self.requests.append(line.decode())
        word, port = line.split()
        program = connected(self.guest / f"listen-{int(port)}") if word == b"CONNECT" else None
        if not program:
            host.close()
            return
        host.sendall(b"OK 1073741824\n")
        self.sockets.append(program)
        join(host, program)

    def guest_called(self, caller, port):
        host = connected(f"{self.path}_{port}")
        if not host:
            caller.close()
            return
        self.sockets.append(host)
        join(caller, host)

    def close(self):
        """The VM is off. As Firecracker does, it leaves its socket behind."""
        for end in self.sockets:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()
