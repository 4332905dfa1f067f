# SPDX-License-Identifier: MIT
"""openkvp's own protocol, version 1, from docs/protocol.md: messages as bytes, and both ends.

Nothing here is taken from the C code, so that each checks the other.
"""
import struct

import kvp_wire
from kvp_wire import LINK, HostEnd

STATE, CHANGED, ADAPTERS, HEARTBEAT = 0x4F4B0010, 0x4F4B0011, 0x4F4B0012, 0x4F4B0013
BATCH, READ, SET_IP = 0x4F4B0020, 0x4F4B0021, 0x4F4B0022
ANSWER, MORE = 0x8000, 1
PIECE_MAX, BODY_MAX = 65536 - 8, 1024 * 1024
REMOVE, SECRET, UNTOLD, CAN_SET_IP = 1, 2, 1, 1
DHCP, SOFTWARE = 1, 2
CANCELLED = 0x800704C7

RECORD = struct.Struct("<HHBB")
M64 = (1 << 64) - 1
UNREAD = (0xFFFFFFFF, M64)  # how a pool stands that cannot be read


def siphash(data, key=bytes(range(16))):
    """SipHash-2-4."""
    def rotate(x, n):
        return (x << n | x >> (64 - n)) & M64

    def rounds(v, count):
        for _ in range(count):
            v[0] = (v[0] + v[1]) & M64
            v[1] = rotate(v[1], 13) ^ v[0]
            v[0] = rotate(v[0], 32)
            v[2] = (v[2] + v[3]) & M64
            v[3] = rotate(v[3], 16) ^ v[2]
            v[0] = (v[0] + v[3]) & M64
            v[3] = rotate(v[3], 21) ^ v[0]
            v[2] = (v[2] + v[1]) & M64
            v[1] = rotate(v[1], 17) ^ v[2]
            v[2] = rotate(v[2], 32)

    k0, k1 = struct.unpack("<QQ", key)
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]
    padded = data + bytes(-(len(data) + 1) % 8) + bytes([len(data) & 255])
    for (word,) in struct.iter_unpack("<Q", padded):
        v[3] ^= word
        rounds(v, 2)
        v[0] ^= word
    v[2] ^= 0xFF
    rounds(v, 4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def digest(pool, items):
    """Of a list of (key, value)."""
    total = 0
    for index, (key, value) in enumerate(items):
        k, v = key.encode(), value.encode()
        head = struct.pack("<IHH", index if pool in (1, 2) else 0, len(k), len(v))
        total += siphash(head + k + v)
    return total & M64


def record(key, value, flags=0, kind=0):
    k, v = key.encode(), value.encode()
    return RECORD.pack(len(k), len(v), kind, flags) + k + v


def records(items):
    return b"".join(record(*item) for item in items)


def parse_records(data, count):
    """A list of (key, value, flags)."""
    found, at = [], 0
    for _ in range(count):
        key_length, value_length, _kind, flags = RECORD.unpack_from(data, at)
        at += RECORD.size
        key, value = data[at : at + key_length], data[at + key_length : at + key_length + value_length]
        assert len(key) == key_length and len(value) == value_length, "a record is cut"
        at += key_length + value_length
        found.append((key.decode(), value.decode(), flags))
    return found


def frames(epoch, sequence, kind, body=b""):
    """The bytes of a message: as many frames as it needs."""
    out, at = b"", 0
    while True:
        piece = body[at : at + PIECE_MAX]
        at += len(piece)
        out += kvp_wire.frame(epoch, sequence, LINK.pack(kind, MORE if at < len(body) else 0) + piece)
        if at >= len(body):
            return out


# --- bodies --------------------------------------------------------------------------------------


def state(pools, key_bytes=511, value_bytes=2047, abilities=CAN_SET_IP):
    """Of four lists of (key, value)."""
    body = struct.pack("<HHI", key_bytes, value_bytes, abilities)
    return body + b"".join(struct.pack("<IQ", len(items), digest(pool, items)) for pool, items in enumerate(pools))


def parse_state(body):
    key_bytes, value_bytes, abilities = struct.unpack_from("<HHI", body)
    pools = [struct.unpack_from("<IQ", body, 8 + 12 * pool) for pool in range(4)]
    return {"key_bytes": key_bytes, "value_bytes": value_bytes, "abilities": abilities, "pools": pools}


def changed(pool, before, after, count, at, gone, come):
    return struct.pack("<BBHQQIIII", pool, 0, 0, before, after, count, at, gone, len(come)) + records(come)


def parse_changed(body):
    pool, flags, _, before, after, count, at, gone, come = struct.unpack_from("<BBHQQIIII", body)
    return {"pool": pool, "untold": bool(flags & UNTOLD), "before": before, "after": after, "count": count,
            "at": at, "gone": gone, "come": [r[:2] for r in parse_records(body[36:], come)]}


def batch(pool, changes):
    """Of (key, value) to set and (key, "", REMOVE)."""
    return struct.pack("<BBH", pool, 0, len(changes)) + records(changes)


def parse_batch(body):
    pool, _, count = struct.unpack_from("<BBH", body)
    return pool, parse_records(body[4:], count)


def batch_answer(statuses):
    failed = [status for status in statuses if status not in (0, CANCELLED)]
    return struct.pack(f"<IHH{len(statuses)}I", failed[0] if failed else 0, len(statuses), 0, *statuses)


def parse_batch_answer(body):
    status, count, _ = struct.unpack_from("<IHH", body)
    return status, list(struct.unpack_from(f"<{count}I", body, 8))


def read_answer(pool, items, first, count):
    return struct.pack("<IB3xQIII", 0, pool, digest(pool, items), len(items), first, count) + records(
        items[first : first + count])


def parse_read_answer(body):
    (status,) = struct.unpack_from("<I", body)
    if status:
        return {"status": status}
    status, pool, total_digest, total, first, count = struct.unpack_from("<IB3xQIII", body)
    return {"status": status, "pool": pool, "digest": total_digest, "total": total, "first": first,
            "items": [r[:2] for r in parse_records(body[28:], count)]}


def address(data, prefix=0, origin=0):
    """data: 4 or 16 bytes."""
    return struct.pack("<BBBB", 4 if len(data) == 4 else 6, prefix, origin, 0) + data


def adapter(mac, name="", addresses=(), gateways=(), dns=(), flags=0):
    """addresses: (bytes, prefix, origin); gateways, dns: bytes."""
    lists = [address(*a) for a in addresses] + [address(a) for a in (*gateways, *dns)]
    head = struct.pack("<6sBBBBBB", mac, flags, len(name), len(addresses), len(gateways), len(dns), 0)
    return head + name.encode() + b"".join(lists)


def adapters(entries):
    return struct.pack("<I", len(entries)) + b"".join(entries)


def _parse_address(body, at):
    family, prefix, origin, _ = struct.unpack_from("<BBBB", body, at)
    size = {4: 4, 6: 16}[family]
    return (body[at + 4 : at + 4 + size], prefix, origin), at + 4 + size


def parse_adapter(body, at=0):
    """A dictionary, and where the next one begins."""
    mac, flags, name_length, *counts, _ = struct.unpack_from("<6sBBBBBB", body, at)
    at += 12
    name = body[at : at + name_length].decode()
    at += name_length
    lists = []
    for count in counts:
        lists.append([])
        for _ in range(count):
            found, at = _parse_address(body, at)
            lists[-1].append(found)
    return {"mac": mac.hex(":").upper(), "flags": flags, "name": name, "addresses": lists[0],
            "gateways": [a[0] for a in lists[1]], "dns": [a[0] for a in lists[2]]}, at


def parse_adapters(body):
    found, at = [], 4
    for _ in range(body[0]):
        one, at = parse_adapter(body, at)
        found.append(one)
    assert at == len(body), "bytes behind the last adapter"
    return found


def result(status, text=""):
    return struct.pack("<IH", status, len(text.encode())) + text.encode()


def parse_result(body):
    (status,) = struct.unpack_from("<I", body)
    return status, body[6 : 6 + struct.unpack_from("<H", body, 4)[0]].decode() if len(body) > 4 else ""


# --- ends ----------------------------------------------------------------------------------------


class Messages:
    """Puts own messages together from the payloads of frames."""

    def __init__(self):
        self.begun, self.body = None, b""

    def take(self, sequence, payload):
        """(type, sequence, body) when a message is complete, else None."""
        kind, flags = LINK.unpack_from(payload)
        if self.begun != (kind, sequence):
            self.begun, self.body = (kind, sequence), b""
        self.body += payload[LINK.size :]
        if flags & MORE:
            return None
        self.begun = None
        return kind, sequence, self.body


class OwnHostEnd(HostEnd):
    """The host: OwnHostEnd.listening(path), greet(), batch(), read() ..."""

    def __init__(self, **options):
        super().__init__(**options)
        self.messages = Messages()
        self.pushed = []

    def greet(self, accept=True):
        """HELLO, and how the guest stands."""
        if accept and self.listener:
            self.accept()
        assert self.hello(0, 1) == (1, 1)
        return parse_state(self.expect(STATE))

    def next_message(self):
        """The next message of this epoch."""
        while True:
            epoch, sequence, payload = self.receive()
            if epoch == self.epoch:
                whole = self.messages.take(sequence, payload)
                if whole:
                    return whole

    def expect(self, kind):
        """The body of the next message of a kind that the guest says by itself; others are kept."""
        for i, (pushed, body) in enumerate(self.pushed):
            if pushed == kind:
                del self.pushed[i]
                return body
        while True:
            got, sequence, body = self.next_message()
            assert sequence == 0, hex(got)
            if got == kind:
                return body
            self.pushed.append((got, body))

    def send_own(self, kind, body):
        self.sequence += 1
        self.send_raw(frames(self.epoch, self.sequence, kind, body))
        return self.sequence

    def answer_to(self, kind, sequence):
        while True:
            got, number, body = self.next_message()
            if (got, number) == (kind + ANSWER, sequence):
                return body
            assert number == 0, (hex(got), number)
            self.pushed.append((got, body))

    def ask(self, kind, body):
        return self.answer_to(kind, self.send_own(kind, body))

    def batch(self, pool, *changes):
        return parse_batch_answer(self.ask(BATCH, batch(pool, changes)))

    def read(self, pool, first=0):
        return parse_read_answer(self.ask(READ, struct.pack("<II", pool, first)))

    def expect_changed(self, pool):
        """The next change of a pool."""
        while True:
            found = parse_changed(self.expect(CHANGED))
            if found["pool"] == pool:
                return found
