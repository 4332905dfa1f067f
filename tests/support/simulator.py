# SPDX-License-Identifier: MIT
"""Guests that are told how to behave, for tests of openkvpd: they speak over unix sockets, in a thread each.

    with LinuxGuest(path) as guest:         # connects to path, where openkvpd listens, and comes again
        guest.publish("key", "value")       # pool 1
        guest.mute = True                   # from now on it answers nothing
        guest.restart(forget=True)          # a boot with empty pools

What a guest does is in its attributes, which may be set by name when it is made and changed at any time:
see Guest. LinuxGuest, WindowsGuest and OldGuest speak Hyper-V's messages, OwnGuest openkvp's; HostileGuest
does what no guest should: see MISBEHAVIOURS and STREAM_MISBEHAVIOURS.
"""
import contextlib
import ipaddress
import socket
import struct
import threading
import time

import ip_wire
import kvp_wire
import own_wire
from kvp_wire import (AUTO, AUTO_EXTERNAL, DELETE, ENUMERATE, EXTERNAL, FAIL, GUEST, HELLO, HELLO_ANSWER, KVP, LINK,
                      NEGOTIATE, NO_MORE_ITEMS, NOT_SUPPORTED, OK, RESPONSE, SET, TRANSACTION, WAKE, ic)
from programs import wait_until

NOT_FOUND = 0x80041002
GET, GET_IP, SET_IP = 0, 4, 5
REG_EXPAND_SZ, REG_QWORD = 2, 11

LINUX_FACTS = ("FullyQualifiedDomainName", "IntegrationServicesVersion", "NetworkAddressIPv4", "NetworkAddressIPv6",
               "OSBuildNumber", "OSName", "OSMajorVersion", "OSMinorVersion", "OSVersion", "ProcessorArchitecture")
WINDOWS_FACTS = ("FullyQualifiedDomainName", "OSName", "OSVersion", "CSDVersion", "OSMajorVersion", "OSMinorVersion",
                 "OSBuildNumber", "OSPlatformId", "ServicePackMajor", "ServicePackMinor", "SuiteMask", "ProductType",
                 "OSEditionId", "ProcessorArchitecture", "IntegrationServicesVersion", "NetworkAddressIPv4",
                 "NetworkAddressIPv6", "RDPAddressIPv4", "RDPAddressIPv6")


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


class HyperVGuest(Guest):
    """Answers one request after another, in place."""

    frameworks, messages = [(3, 0), (1, 0)], [(4, 0), (3, 0)]
    delay_negotiation = None  # an Event: negotiation is answered when it is set, as by Linux without its daemon

    def take(self, epoch, sequence, payload):
        kind = LINK.unpack_from(payload)[0]
        if kind == HELLO:
            self.reply(epoch, sequence, kvp_wire.hello(HELLO_ANSWER, 0, 0))
        elif kind == kvp_wire.PIPE:
            request = kvp_wire.parse_ic(payload)
            if request["type"] == NEGOTIATE:
                self.negotiate(epoch, sequence, request)
            else:
                self.answer(epoch, sequence, request)

    def reply(self, epoch, sequence, payload):
        self.send(kvp_wire.frame(epoch, sequence, payload))

    def negotiate(self, epoch, sequence, request):
        offered = kvp_wire.parse_negotiation(request["body"])
        chosen = [[version for version in known if version in theirs][:1]
                  for known, theirs in zip((self.frameworks, self.messages), offered)]
        if self.delay_negotiation:
            self.delay_negotiation.wait()
        if [] in chosen:
            chosen = [[], []]
        self.reply(epoch, sequence, ic(NEGOTIATE, kvp_wire.negotiation(*chosen), flags=TRANSACTION | RESPONSE))
        self.contacts += [] not in chosen

    def answer(self, epoch, sequence, request):
        message = bytearray(request["body"])
        with self.lock:
            status = self.do(request["message"], message)
        self.reply(epoch, sequence, self.as_answer(request, message, status))

    def as_answer(self, request, message, status):
        return ic(KVP, bytes(message), request["framework"], request["message"], status=status,
                  transaction=request["transaction"], flags=TRANSACTION | RESPONSE)

    def do(self, version, message):
        operations = {GET: self.get, SET: self.set, DELETE: self.delete, ENUMERATE: self.enumerate,
                      GET_IP: self.get_ip, SET_IP: self.set_ip}
        if version < (4, 0):
            del operations[GET_IP], operations[SET_IP]
        operation, pool = message[0], message[1]
        if operation not in operations:
            return NOT_SUPPORTED
        return operations[operation](pool, message)

    def get(self, pool, message):
        """Of no use anywhere: it succeeds, and tells nothing."""
        self.log.append(("get", pool))
        return OK

    def set(self, pool, message):
        key, value = kvp_wire.parse_item(bytes(message[4:]))
        self.log.append(("set", pool, key, value))
        if key in self.refuse:
            return self.refuse[key]
        return self.keep(pool, key, value, struct.unpack_from("<I", message, 4)[0])

    def delete(self, pool, message):
        size = struct.unpack_from("<I", message, 4)[0]
        key = kvp_wire.from_utf16(bytes(message[8 : 8 + size]))
        self.log.append(("delete", pool, key))
        return OK if self.drop(pool, key) else self.no_such_item

    def enumerate(self, pool, message):
        index = struct.unpack_from("<I", message, 4)[0]
        self.log.append(("enumerate", pool, index))
        if index >= len(self.pools[pool]):
            return NO_MORE_ITEMS
        return self.tell_item(message, *self.pools[pool][index])

    def get_ip(self, pool, message):
        binary = len(message) == ip_wire.BINARY_SIZE
        families, request = (ip_wire.parse_binary if binary else ip_wire.parse_text)(message)
        self.log.append(("get_ip", request["id"], families))
        found = self.find_adapter(request["id"])
        if not found:
            return self.no_such_adapter
        (ip_wire.write_binary if binary else ip_wire.write_text)(message, ip_wire.of_families(found, families or 3))
        return OK

    def set_ip(self, pool, message):
        binary = len(message) == ip_wire.BINARY_SIZE
        _, wanted = (ip_wire.parse_binary if binary else ip_wire.parse_text)(message)
        self.log.append(("set_ip", wanted))
        found = self.find_adapter(wanted.pop("id"))
        if self.set_ip_status == OK and not found:
            return NOT_FOUND
        if self.set_ip_status == OK:
            found.update(wanted)
        return self.set_ip_status

    def find_adapter(self, name):
        return self.adapters.get(name)


class LinuxGuest(HyperVGuest):
    """hv_kvp_daemon behind the kernel's driver: version 4.0 and what is peculiar to it.

    It answers into the bytes of the request, ends no text with a NUL and clears nothing; UTF-8 that does not fit
    is cut, and numbers other than DWORD are empty; whatever fails is "no more items"; a record of pool 1 that is
    not UTF-8 (a bytes key) is answered FAIL; pools are not checked: the daemon dies of one that is not there.
    """

    facts = LINUX_FACTS
    no_such_item, no_such_adapter = NO_MORE_ITEMS, FAIL

    def do(self, version, message):
        if message[1] > 4:
            self.hang_up()
            raise OSError("the daemon died")
        return super().do(version, message)

    def keep(self, pool, key, value, kind):
        if kind in (REG_EXPAND_SZ, REG_QWORD):
            value = ""
        cut = [str(text).encode()[:most].decode(errors="ignore") for text, most in ((key, 511), (value, 2047))]
        self.put(pool, *cut)
        return OK

    def tell_item(self, message, key, value):
        if isinstance(key, bytes):
            return FAIL
        name, data = key.encode("utf-16-le")[:508], value.encode("utf-16-le")[:2044]
        struct.pack_into("<III", message, 8, kvp_wire.REG_SZ, len(name) + 2, len(data) + 2)
        message[20 : 20 + len(name)] = name
        message[532 : 532 + len(data)] = data
        return OK


class WindowsGuest(HyperVGuest):
    """Version 5.0: keys without case, IP information as binary, answers that are whole."""

    messages = [(5, 0), (4, 0), (3, 0)]
    facts = WINDOWS_FACTS
    no_such_item, no_such_adapter = NOT_FOUND, NOT_FOUND

    def keep(self, pool, key, value, kind):
        same = [known for known, _ in self.pools[pool] if known.lower() == key.lower()]
        self.put(pool, same[0] if same else key, value)
        return OK

    def drop(self, pool, key):
        same = [known for known, _ in self.pools[pool] if known.lower() == key.lower()]
        return super().drop(pool, same[0] if same else key)

    def tell_item(self, message, key, value):
        body = kvp_wire.item(key, value)
        message[8 : 8 + len(body)] = body
        return OK


class OldGuest(LinuxGuest):
    """The first integration services: framework 1.0, messages 3.0, and nothing of IP."""

    frameworks, messages = [(1, 0)], [(3, 0)]


class OwnGuest(Guest):
    """openkvp's own protocol, version 1: tells how its pools stand, and what changes."""

    facts = LINUX_FACTS
    key_bytes, value_bytes = 511, 2047
    set_ip_text = ""  # what SET_IP is answered besides its status

    def __init__(self, path, **behaviour):
        super().__init__(path, **behaviour)
        self.epoch = None
        self.messages = own_wire.Messages()
        self.secrets = set()  # keys that came as such

    # --- what a test does with it ---

    def publish(self, key, value):
        with self.lock:
            before = list(self.pools[GUEST])
            self.put(GUEST, key, value)
            self.tell_change(GUEST, before)

    def spoil(self, key, value=None):
        """As a program in the guest that changes, or removes, what is the host's."""
        with self.lock:
            before = list(self.pools[EXTERNAL])
            if value is None:
                self.drop(EXTERNAL, key)
            else:
                self.put(EXTERNAL, key, value)
            self.tell_change(EXTERNAL, before)

    def set_adapters(self, adapters):
        """MAC -> ip_wire.adapter(name=..., software=...)"""
        with self.lock:
            self.adapters = adapters
            self.say(own_wire.ADAPTERS, self.adapters_body())

    # --- what it says ---

    def say(self, kind, body=b"", sequence=0):
        with self.lock:
            if self.epoch is not None:
                self.send(own_wire.frames(self.epoch, sequence, kind, body))

    def tell_change(self, pool, before):
        """Everything from the first record that is another one."""
        after, at = self.pools[pool], 0
        while at < min(len(before), len(after)) and before[at] == after[at]:
            at += 1
        self.say(own_wire.CHANGED, own_wire.changed(
            pool, own_wire.digest(pool, before), own_wire.digest(pool, after), len(after), at,
            len(before) - at, after[at:]))

    def adapters_body(self):
        def interface(text):
            found = ipaddress.ip_interface(text)
            return found.ip.packed, found.network.prefixlen, 2

        def plain(texts):
            return [ipaddress.ip_address(text).packed for text in texts]
        return own_wire.adapters([own_wire.adapter(
            bytes.fromhex(mac.replace(":", "")), found.get("name", ""), [interface(text) for text in found["addresses"]],
            plain(found["gateways"]), plain(found["dns"]),
            own_wire.DHCP * found["dhcp"] | own_wire.SOFTWARE * found.get("software", False))
            for mac, found in self.adapters.items()])

    # --- what it is asked ---

    def begin(self):
        self.epoch = None
        self.wake()

    def take(self, epoch, sequence, payload):
        kind = LINK.unpack_from(payload)[0]
        if kind == HELLO:
            self.greet(epoch, sequence)
        elif epoch == self.epoch:
            whole = self.messages.take(sequence, payload)
            if whole:
                with self.lock:
                    self.do(*whole)

    def greet(self, epoch, sequence):
        with self.lock:
            self.epoch, self.messages = epoch, own_wire.Messages()
            self.send(kvp_wire.frame(epoch, sequence, kvp_wire.hello(HELLO_ANSWER, 1, 1)))
            self.say(own_wire.STATE, own_wire.state(self.pools[:4], self.key_bytes, self.value_bytes))
            self.say(own_wire.ADAPTERS, self.adapters_body())
            self.contacts += 1

    def do(self, kind, sequence, body):
        answers = {own_wire.BATCH: self.batch, own_wire.READ: self.read, own_wire.SET_IP: self.set_ip}
        if kind in answers:
            self.say(kind + own_wire.ANSWER, answers[kind](body), sequence)
        elif kind < 0x4F4B8000:
            self.say(kind + own_wire.ANSWER, struct.pack("<I", NOT_SUPPORTED), sequence)

    def batch(self, body):
        pool, changes = own_wire.parse_batch(body)
        self.log.append(("batch", pool, [change[0] for change in changes]))
        if any(key in self.refuse for key, _, _ in changes):
            return own_wire.batch_answer([self.refuse.get(key, own_wire.CANCELLED) for key, _, _ in changes])
        for key, value, flags in changes:
            if flags & own_wire.REMOVE:
                self.drop(pool, key)
                self.log.append(("delete", pool, key))
            else:
                self.put(pool, key, value)
                self.log.append(("set", pool, key, value))
                if flags & own_wire.SECRET:
                    self.secrets.add(key)
        return own_wire.batch_answer([OK] * len(changes))

    def read(self, body):
        pool, first = struct.unpack("<II", body)
        self.log.append(("read", pool, first))
        return own_wire.read_answer(pool, self.pools[pool], first, len(self.pools[pool]) - first)

    def set_ip(self, body):
        wanted, _ = own_wire.parse_adapter(body)
        addresses = [f"{ipaddress.ip_address(address)}/{prefix}" for address, prefix, _ in wanted["addresses"]]
        text = {name: [str(ipaddress.ip_address(address)) for address in wanted[name]]
                for name in ("gateways", "dns")}
        made = ip_wire.adapter(addresses, dhcp=bool(wanted["flags"] & own_wire.DHCP), **text)
        self.log.append(("set_ip", {"id": wanted["mac"], **made}))
        status = self.set_ip_status
        if status == OK and wanted["mac"] not in self.adapters:
            status = NOT_FOUND
        if status == OK:
            self.adapters[wanted["mac"]].update(made)
            self.say(own_wire.ADAPTERS, self.adapters_body())
        return own_wire.result(status, self.set_ip_text)


# --- what no guest should do -----------------------------------------------------------------------


def right_answer(guest, request):
    """The message and the status of what a good guest answers."""
    message = bytearray(request["body"])
    with guest.lock:
        return message, guest.do(request["message"], message)


def endless_enumeration(guest, epoch, sequence, request):
    message = bytearray(request["body"])
    if message[0] != ENUMERATE:
        LinuxGuest.answer(guest, epoch, sequence, request)
        return
    index = struct.unpack_from("<I", message, 4)[0]
    guest.log.append(("enumerate", message[1], index))
    guest.reply(epoch, sequence, guest.as_answer(request, message, guest.tell_item(message, f"key{index}", "v" * 1000)))


def spoilt_item(spoil):
    """Enumerations begin with an item that is spoilt."""
    def answer(guest, epoch, sequence, request):
        message = bytearray(request["body"])
        if message[0] != ENUMERATE or struct.unpack_from("<I", message, 4)[0] > 3:
            LinuxGuest.answer(guest, epoch, sequence, request)
            return
        guest.tell_item(message, "key", "value")
        spoil(message)
        guest.reply(epoch, sequence, guest.as_answer(request, message, OK))
    return answer


def wrong_transaction(guest, epoch, sequence, request):
    guest.reply(epoch, sequence, guest.as_answer({**request, "transaction": 77}, *right_answer(guest, request)))


def wrong_sequence(guest, epoch, sequence, request):
    guest.reply(epoch, sequence + 1000, guest.as_answer(request, *right_answer(guest, request)))


def wrong_epoch(guest, epoch, sequence, request):
    guest.reply(epoch ^ 1, sequence, guest.as_answer(request, *right_answer(guest, request)))


def many_answers(guest, epoch, sequence, request):
    answer = guest.as_answer(request, *right_answer(guest, request))
    for _ in range(20):
        guest.reply(epoch, sequence, answer)


def half_a_frame(guest, epoch, sequence, request):
    whole = kvp_wire.frame(epoch, sequence, guest.as_answer(request, *right_answer(guest, request)))
    guest.send(whole[: len(whole) // 2])


def noise(guest, epoch, sequence, request):
    guest.send(b"OVKP" * 500)
    guest.reply(epoch, sequence, guest.as_answer(request, *right_answer(guest, request)))


def short_body(guest, epoch, sequence, request):
    message, status = right_answer(guest, request)
    guest.reply(epoch, sequence, guest.as_answer(request, message[:7], status))


def pour(data):
    """The same bytes, as fast as they are taken."""
    def begin(guest):
        stream, way = guest.socket, guest.misbehaviour
        stream.settimeout(0.2)
        while guest.misbehaviour == way and not guest.stopped.is_set():
            with contextlib.suppress(TimeoutError):
                stream.send(data)
        stream.settimeout(None)
    return begin


def hang_up_at_once(guest):
    guest.hang_up()
    raise OSError("closed")


def stop_reading(guest):
    guest.deaf = True


UNASKED = kvp_wire.frame(1, 1, ic(KVP, bytes(kvp_wire.MESSAGE_SIZE), flags=TRANSACTION | RESPONSE))

MISBEHAVIOURS = {  # to what is asked
    "endless enumeration": endless_enumeration,
    "size beyond its field": spoilt_item(lambda m: struct.pack_into("<I", m, 12, 0xFFFFFFF0)),
    "half a surrogate pair": spoilt_item(lambda m: struct.pack_into("<H", m, 20, 0xD800)),
    "odd sizes": spoilt_item(lambda m: struct.pack_into("<II", m, 12, 3, 5)),
    "wrong transaction": wrong_transaction,
    "wrong sequence": wrong_sequence,
    "wrong epoch": wrong_epoch,
    "many answers": many_answers,
    "half a frame": half_a_frame,
    "noise between frames": noise,
    "short body": short_body,
}
STREAM_MISBEHAVIOURS = {  # as soon as there is a stream
    "flood": pour(UNASKED * 20),
    "hello storm": pour(kvp_wire.frame(1, 1, kvp_wire.hello(HELLO, 0, 1)) * 100),
    "wake storm": pour(kvp_wire.frame(0, 0, LINK.pack(WAKE, 0)) * 100),
    "reconnect storm": hang_up_at_once,
    "stops reading": stop_reading,
}


class HostileGuest(LinuxGuest):
    """A LinuxGuest that misbehaves in one way: HostileGuest(path, misbehaviour="endless enumeration")."""

    misbehaviour = ""

    def stop_misbehaving(self):
        """From now on it is as good as any other."""
        self.misbehaviour, self.deaf = "", False

    def begin(self):
        super().begin()
        if self.misbehaviour in STREAM_MISBEHAVIOURS:
            STREAM_MISBEHAVIOURS[self.misbehaviour](self)

    def answer(self, epoch, sequence, request):
        MISBEHAVIOURS.get(self.misbehaviour, LinuxGuest.answer)(self, epoch, sequence, request)
