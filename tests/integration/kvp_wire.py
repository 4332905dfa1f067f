# SPDX-License-Identifier: MIT
"""The exchange's bytes, written a second time: frames, IC messages, KVP messages, and both ends.

Nothing here is taken from the C code, so that each checks the other. HostEnd stands for openkvpd,
GuestEnd for an agent; both speak over a unix socket.
"""
import contextlib
import os
import random
import socket
import struct
import threading
import time

MAGIC = 0x504B564F
FRAME = struct.Struct("<IIIII")  # magic, epoch, sequence, length, crc32c of the 16 bytes before
LINK = struct.Struct("<II")  # type, size or flags
IC = struct.Struct("<HHHHHHIBBH")  # framework, type, message version, size, status, transaction ...

PIPE, HELLO, HELLO_ANSWER, WAKE = 1, 0x4F4B0001, 0x4F4B0002, 0x4F4B0003
NEGOTIATE, KVP = 0, 2
TRANSACTION, REQUEST, RESPONSE = 1, 2, 4
GET, SET, DELETE, ENUMERATE, GET_IP, SET_IP = range(6)
REG_SZ, REG_EXPAND_SZ, REG_DWORD, REG_QWORD = 1, 2, 4, 11
EXTERNAL, GUEST, AUTO, AUTO_EXTERNAL, AUTO_INTERNAL = range(5)

OK, FAIL, NO_MORE_ITEMS = 0, 0x80004005, 0x80070103
NOT_FOUND, NOT_SUPPORTED, INVALID_ARGUMENT = 0x80041002, 0x80070032, 0x80070057

MESSAGE_SIZE = 2580
FRAME_PAYLOAD_MAX = 65536


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


# --- frames -------------------------------------------------------------------------------------


def frame(epoch, sequence, payload):
    head = struct.pack("<IIII", MAGIC, epoch, sequence, len(payload))
    return head + struct.pack("<I", crc32c(head)) + payload


class FrameReader:
    """Finds frames in a stream, whatever stands between them."""

    def __init__(self):
        self.bytes = b""
        self.skipped = 0

    def feed(self, data):
        """Takes bytes; returns (epoch, sequence, payload) of each frame that is complete."""
        self.bytes += data
        found = []
        while len(self.bytes) >= FRAME.size:
            magic, epoch, sequence, length, crc = FRAME.unpack_from(self.bytes)
            if magic != MAGIC or crc != crc32c(self.bytes[:16]) or length > FRAME_PAYLOAD_MAX:
                self.bytes = self.bytes[1:]
                self.skipped += 1
                continue
            end = FRAME.size + length
            if len(self.bytes) < end:
                break
            found.append((epoch, sequence, self.bytes[FRAME.size : end]))
            self.bytes = self.bytes[end:]
        return found


# --- messages -----------------------------------------------------------------------------------


def hello(kind, lowest, highest):
    return LINK.pack(kind, 0) + struct.pack("<HHI", lowest, highest, 0)


def ic(kind, body, framework=(0, 0), message=(0, 0), status=0, transaction=0, flags=0):
    head = IC.pack(*framework, kind, *message, len(body), status, transaction, flags, 0)
    return LINK.pack(PIPE, len(head) + len(body)) + head + body


def parse_ic(payload):
    """A pipe message's IC header as a dictionary, with its body."""
    kind, size = LINK.unpack_from(payload)
    assert kind == PIPE and size == len(payload) - LINK.size, (kind, size, len(payload))
    values = IC.unpack_from(payload, LINK.size)
    body = payload[LINK.size + IC.size :]
    assert values[5] == len(body), (values, len(body))
    return {
        "framework": values[0:2],
        "type": values[2],
        "message": values[3:5],
        "status": values[6],
        "transaction": values[7],
        "flags": values[8],
        "body": body,
    }


def negotiation(frameworks, messages):
    versions = b"".join(struct.pack("<HH", *v) for v in [*frameworks, *messages])
    return struct.pack("<HHI", len(frameworks), len(messages), 0) + versions


def parse_negotiation(body):
    framework_count, message_count, _ = struct.unpack_from("<HHI", body)
    versions = [struct.unpack_from("<HH", body, at) for at in range(8, len(body), 4)]
    end = framework_count + message_count
    return versions[:framework_count], versions[framework_count:end]


def utf16(text):
    return (text + "\0").encode("utf-16-le")


def from_utf16(field):
    return field.decode("utf-16-le").split("\0")[0]


def item(key, value):
    """The value structure of SET and ENUMERATE; an int travels as a DWORD."""
    kind = REG_DWORD if isinstance(value, int) else REG_SZ
    name = utf16(key)
    data = struct.pack("<I", value) if isinstance(value, int) else utf16(value)
    sizes = struct.pack("<III", kind, len(name), len(data))
    return sizes + name.ljust(512, b"\0") + data.ljust(2048, b"\0")


def parse_item(body):
    """As item(); the sizes count, since Linux does not end its texts with a NUL."""
    kind, name_size, data_size = struct.unpack_from("<III", body)
    name, data = body[12 : 12 + name_size], body[524 : 524 + data_size]
    if kind == REG_DWORD:
        return from_utf16(name), struct.unpack("<I", data)[0]
    return from_utf16(name), from_utf16(data)


def kvp(operation, pool, body):
    return (struct.pack("<BBH", operation, pool, 0) + body).ljust(MESSAGE_SIZE, b"\0")


# --- the ends -----------------------------------------------------------------------------------


class End:
    """A stream of frames over a unix socket; see connect() and listen()."""

    def __init__(self, timeout=10):
        self.timeout = timeout
        self.listener = self.socket = None
        self._forget()

    def _forget(self):
        self.reader = FrameReader()
        self.frames = []

    @classmethod
    def listening(cls, path, **options):
        end = cls(**options)
        end.listener = socket.socket(socket.AF_UNIX)
        end.listener.bind(str(path))
        end.listener.listen(1)
        end.listener.settimeout(end.timeout)
        return end

    @classmethod
    def connected(cls, path, **options):
        end = cls(**options)
        end.connect(path)
        return end

    def connect(self, path):
        """Connects as soon as somebody listens there."""
        deadline = time.monotonic() + self.timeout
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                self.socket.connect(str(path))
                break
            except OSError:
                self.socket.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
        self.socket.settimeout(self.timeout)
        self._forget()

    def accept(self):
        self.socket, _ = self.listener.accept()
        self.socket.settimeout(self.timeout)
        self._forget()

    def hang_up(self):
        if self.socket:
            self.socket.close()
        self.socket = None

    def close(self):
        self.hang_up()
        if self.listener:
            self.listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send_raw(self, data):
        self.socket.sendall(data)

    def receive(self):
        """The next frame; EOFError when the other end is closed."""
        while not self.frames:
            data = self.socket.recv(65536)
            if not data:
                raise EOFError("the other end is closed")
            self.frames += self.reader.feed(data)
        return self.frames.pop(0)


class HostEnd(End):
    """The host: HostEnd.listening(path), accept(), open(), set() ..."""

    def __init__(self, **options):
        super().__init__(**options)
        self.epoch = self.sequence = 0
        self.framework = self.message = (0, 0)

    def send(self, payload):
        self.sequence += 1
        self.send_raw(frame(self.epoch, self.sequence, payload))

    def receive_answer(self):
        """The payload of the answer to the frame sent last; what is older is dropped."""
        while True:
            epoch, sequence, payload = self.receive()
            if (epoch, sequence) == (self.epoch, self.sequence):
                return payload

    def hello(self, lowest=0, highest=0):
        """Begins a new epoch; returns the own version that the guest chose."""
        self.epoch = random.randrange(1 << 32)
        self.send(hello(HELLO, lowest, highest))
        payload = self.receive_answer()
        assert LINK.unpack_from(payload)[0] == HELLO_ANSWER
        return struct.unpack_from("<HH", payload, LINK.size)

    def negotiate(self, frameworks=((1, 0), (3, 0)), messages=((3, 0), (4, 0), (5, 0))):
        """Agrees on versions; returns the guest's (frameworks, messages)."""
        self.send(ic(NEGOTIATE, negotiation(frameworks, messages), flags=TRANSACTION | REQUEST))
        answer = parse_ic(self.receive_answer())
        assert answer["type"] == NEGOTIATE and answer["flags"] & RESPONSE
        chosen = parse_negotiation(answer["body"])
        if [len(versions) for versions in chosen] == [1, 1]:
            self.framework, self.message = chosen[0][0], chosen[1][0]
        return chosen

    def open(self, accept=True):
        """Everything up to the first request."""
        if accept and self.listener:
            self.accept()
        self.hello()
        self.negotiate()
        return self

    def request(self, operation, pool, body):
        """Sends a request; returns status and body of its answer."""
        message = kvp(operation, pool, body)
        flags = TRANSACTION | REQUEST
        self.send(ic(KVP, message, self.framework, self.message, flags=flags))
        answer = parse_ic(self.receive_answer())
        assert answer["type"] == KVP and answer["flags"] == TRANSACTION | RESPONSE, answer
        assert answer["message"] == self.message
        return answer["status"], answer["body"]

    def set(self, pool, key, value):
        return self.request(SET, pool, item(key, value))[0]

    def delete(self, pool, key):
        name = utf16(key)
        return self.request(DELETE, pool, struct.pack("<I", len(name)) + name)[0]

    def enumerate_at(self, pool, index):
        """Status, and the item there or None."""
        status, body = self.request(ENUMERATE, pool, struct.pack("<I", index))
        return status, parse_item(body[8:]) if status == OK else None

    def enumerate(self, pool):
        """All items of a pool, in order."""
        items = []
        while True:
            status, found = self.enumerate_at(pool, len(items))
            if status == NO_MORE_ITEMS:
                return items
            assert status == OK, hex(status)
            items.append(found)


class GuestEnd(End):
    """A guest: GuestEnd.connected(path) and serve() or, in a thread of its own, serving().

    Its behaviour is in plain attributes: pools (a dictionary each, pool 2 as it is put there),
    frameworks and messages that it knows, refuse {key: status}, mute (answers nothing), log of
    the requests seen.
    """

    def __init__(self, **options):
        super().__init__(**options)
        self.pools = [{} for _ in range(5)]
        self.frameworks, self.messages = [(3, 0), (1, 0)], [(4, 0), (3, 0)]
        self.refuse = {}
        self.mute = False
        self.log = []
        self.negotiated = threading.Event()

    def wake(self):
        """Says that this guest is new here."""
        self.send_raw(frame(0, 0, LINK.pack(WAKE, 0)))

    def serve(self):
        """Answers until the host hangs up."""
        with contextlib.suppress(EOFError, ConnectionError, OSError):
            while True:
                self.serve_one()

    def serve_one(self):
        epoch, sequence, payload = self.receive()
        kind = LINK.unpack_from(payload)[0]
        if self.mute:
            return
        if kind == HELLO:
            answer = hello(HELLO_ANSWER, 0, 0)
        else:
            request = parse_ic(payload)
            answer = self.negotiation(request) if request["type"] == NEGOTIATE else self.answer(request)
        self.send_raw(frame(epoch, sequence, answer))

    @contextlib.contextmanager
    def serving(self):
        """Serves in a thread for the length of a with block."""
        self.socket.settimeout(None)
        thread = threading.Thread(target=self.serve, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)
            thread.join(self.timeout)

    def negotiation(self, request):
        offered = parse_negotiation(request["body"])
        chosen = [
            [version for version in known if version in theirs][:1]
            for known, theirs in zip((self.frameworks, self.messages), offered)
        ]
        if [] in chosen:
            chosen = [[], []]
        else:
            self.negotiated.set()
        return ic(NEGOTIATE, negotiation(*chosen), flags=TRANSACTION | RESPONSE)

    def answer(self, request):
        """Answers in place, as the driver of Linux does."""
        message = bytearray(request["body"])
        operation, pool = message[0], message[1]
        status = self.apply(operation, pool, message) if pool < 5 else FAIL
        return ic(
            request["type"],
            bytes(message),
            request["framework"],
            request["message"],
            status=status,
            transaction=request["transaction"],
            flags=TRANSACTION | RESPONSE,
        )

    def apply(self, operation, pool, message):
        if operation == SET:
            key, value = parse_item(bytes(message[4:]))
            self.log.append(("set", pool, key, value))
            if key in self.refuse:
                return self.refuse[key]
            self.pools[pool][key] = value
            return OK
        if operation == DELETE:
            size = struct.unpack_from("<I", message, 4)[0]
            key = from_utf16(bytes(message[8 : 8 + size]))
            self.log.append(("delete", pool, key))
            return OK if self.pools[pool].pop(key, None) is not None else NO_MORE_ITEMS
        if operation == ENUMERATE:
            index = struct.unpack_from("<I", message, 4)[0]
            items = list(self.pools[pool].items())
            self.log.append(("enumerate", pool, index))
            if index >= len(items):
                return NO_MORE_ITEMS
            body = item(*items[index])
            message[8 : 8 + len(body)] = body
            return OK
        return NOT_SUPPORTED


def records(path):
    """A pool file as a list of (key, value), as any reader has to take it."""
    with open(path, "rb") as file:
        data = file.read()
    whole = [data[at : at + 2560] for at in range(0, len(data) - 2559, 2560)]
    return [
        (record[:512].split(b"\0")[0].decode(), record[512:].split(b"\0")[0].decode())
        for record in whole
    ]


def pool_path(folder, pool):
    return os.path.join(folder, f".kvp_pool_{pool}")
