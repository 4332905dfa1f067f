# SPDX-License-Identifier: MIT
"""Guests that are told how to behave, for tests of openkvpd: they speak over unix sockets, in a thread each.

    with LinuxGuest(path) as guest:         # connects to path, where openkvpd listens, and comes again
        guest.publish("key", "value")       # pool 1
        guest.mute = True                   # from now on it answers nothing
        guest.restart(forget=True)          # a boot with empty pools

What a guest does is in its attributes, which may be set by name when it is made and changed at any time:
see Guest. The guests of hyperv_guest.py speak Hyper-V's messages, OwnGuest (own_guest.py) openkvp's; those of
hostile_hyperv.py and hostile_own.py do what no guest should.
"""
import contextlib
import socket
import threading
import time

import kvp_wire
from kvp_wire import AUTO, AUTO_EXTERNAL, EXTERNAL, GUEST, LINK, OK, WAKE
from programs import wait_until

LINUX_FACTS = ("FullyQualifiedDomainName", "IntegrationServicesVersion", "NetworkAddressIPv4", "NetworkAddressIPv6",
               "OSBuildNumber", "OSName", "OSMajorVersion", "OSMinorVersion", "OSVersion", "ProcessorArchitecture")


class Guest:
    """What all guests have: a stream that is made anew when it ends, and pools."""

    mute = False  # reads, and answers nothing
    deaf = False  # does not read; what was sent meanwhile is answered afterwards
    facts = ()  # names of the items of pool 2
    ipv4, ipv6 = "192.0.2.10", "2001:db8::10"  # what pool 2 says of addresses

    def __init__(self, path, **behaviour):
        self.path = path
        self.lock = threading.RLock()
        self.pools = [[] for _ in range(5)]  # lists of (key, value)
        self.refuse = {}  # key -> status: SETs that fail
        self.adapters = {}  # MAC -> ip_wire.adapter()
        self.set_ip_status = OK
        self.log = []  # requests: ("set", pool, key, value), ("delete", pool, key), ...
        self.contacts = 0  # how often a version was agreed upon
        self.stopped = threading.Event()
        self.socket = None
        self.thread = threading.Thread(target=self._live, daemon=True)
        for name, value in behaviour.items():
            assert hasattr(self, name), name
            setattr(self, name, value)
        addresses = {"NetworkAddressIPv4": self.ipv4, "NetworkAddressIPv6": self.ipv6}
        self.pools[AUTO] = [(name, addresses.get(name, name.lower())) for name in self.facts]

    # --- what a test does with it ---

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.hang_up()
        self.thread.join(10)
        assert not self.thread.is_alive()

    def hang_up(self):
        """Closes the stream; the guest comes again at once, unless it is stopped."""
        with self.lock:
            stream, self.socket = self.socket, None
        if stream:
            with contextlib.suppress(OSError):
                stream.shutdown(socket.SHUT_RDWR)

    def restart(self, forget=False):
        """As a boot; forget: of an image without state."""
        with self.lock:
            if forget:
                for pool in (EXTERNAL, GUEST, AUTO_EXTERNAL):
                    self.pools[pool].clear()
            self.hang_up()

    def wake(self):
        """The program in the guest is another one, on the same stream."""
        self.send(kvp_wire.frame(0, 0, LINK.pack(WAKE, 0)))

    def publish(self, key, value):
        """As a program in the guest: the last record of a key counts."""
        with self.lock:
            self.pools[GUEST].append((key, value))

    def items(self, pool):
        with self.lock:
            return dict(self.pools[pool])

    def requests(self, what):
        """What was asked so far, of one kind: "set", "delete", ..."""
        with self.lock:
            return [entry for entry in self.log if entry[0] == what]

    def wait_for_items(self, pool, wanted):
        """Until these items, and perhaps others, are there."""
        wait_until(lambda: wanted.items() <= self.items(pool).items(), f"pool {pool} has {wanted}")

    def wait_for_contact(self, count=1):
        wait_until(lambda: self.contacts >= count, f"contact {count}")

    # --- its life ---

    def _live(self):
        while not self.stopped.is_set():
            stream = socket.socket(socket.AF_UNIX)
            try:
                stream.connect(str(self.path))
            except OSError:
                stream.close()
                time.sleep(0.01)
                continue
            with self.lock:
                self.socket = stream
            with stream, contextlib.suppress(OSError):
                if not self.stopped.is_set():
                    self.begin()
                    self._serve(stream)

    def _serve(self, stream):
        reader = kvp_wire.FrameReader()
        while True:
            self._wait_while_deaf()
            data = stream.recv(65536)
            if not data:
                return
            self._wait_while_deaf()  # it was perhaps set meanwhile
            for frame in reader.feed(data):
                if not self.mute:
                    self.take(*frame)

    def _wait_while_deaf(self):
        while self.deaf and not self.stopped.is_set():
            time.sleep(0.01)

    def send(self, data):
        with self.lock, contextlib.suppress(OSError):
            if self.socket:
                self.socket.sendall(data)

    # --- what a kind of guest does ---

    def begin(self):
        """A stream is there."""
        self.wake()

    def take(self, epoch, sequence, payload):
        """A frame came."""
        raise NotImplementedError

    def put(self, pool, key, value):
        """As SET: the key has this value from now on."""
        for index, (known, _) in enumerate(self.pools[pool]):
            if known == key:
                self.pools[pool][index] = (key, value)
                return
        self.pools[pool].append((key, value))

    def drop(self, pool, key):
        """Whether it was there."""
        kept = [pair for pair in self.pools[pool] if pair[0] != key]
        gone = len(kept) < len(self.pools[pool])
        self.pools[pool][:] = kept
        return gone
