# SPDX-License-Identifier: MIT
"""A guest that speaks openkvp's own protocol and does with it what no guest should; see hostile_hyperv.py.

    with HostileOwnGuest(path, misbehaviour="endless changes"): ...
"""
import os
import struct

import kvp_wire
import own_wire
from hostile_hyperv import pour
from kvp_wire import GUEST, LINK, OK
from own_guest import OwnGuest

COUNT_MOST = 0xFFFFFFFF


def message(guest, kind, body=b"", sequence=0):
    return own_wire.frames(guest.epoch, sequence, kind, body)


def other_state(guest):
    """How its pools stand, and in the next message how else they stand."""
    return b"".join(message(guest, own_wire.STATE, own_wire.state([[("k", str(n))]] * 4)) for n in range(20))


def changes_of_nothing(guest):
    """A change that makes the host read the pool."""
    body = own_wire.changed(GUEST, 1, 2, COUNT_MOST, COUNT_MOST, COUNT_MOST, [])
    return message(guest, own_wire.CHANGED, body) * 100


def following_changes(guest):
    """The pool grows and shrinks by one item, and each change follows the one before."""
    grown = [*guest.pools[GUEST], ("more", "x" * 1000)]
    digests = [own_wire.digest(GUEST, items) for items in (guest.pools[GUEST], grown)]
    at = len(guest.pools[GUEST])
    to = own_wire.changed(GUEST, digests[0], digests[1], at + 1, at, 0, grown[-1:])
    back = own_wire.changed(GUEST, digests[1], digests[0], at, at, 1, [])
    return (message(guest, own_wire.CHANGED, to) + message(guest, own_wire.CHANGED, back)) * 50


def spoilt_pool(guest):
    body = own_wire.changed(kvp_wire.EXTERNAL, 1, 2, 3, 0, 0, [])
    return message(guest, own_wire.CHANGED, body) * 100


def adapters(guest):
    entries = [own_wire.adapter(os.urandom(6), "eth0", [(bytes(4), 24, 1)] * 64) for _ in range(64)]
    return message(guest, own_wire.ADAPTERS, own_wire.adapters(entries))


def endless_message(guest):
    return kvp_wire.frame(guest.epoch, 0, LINK.pack(own_wire.CHANGED, own_wire.MORE) + bytes(own_wire.PIECE_MAX))


def unasked_answers(guest):
    return message(guest, own_wire.BATCH + own_wire.ANSWER, own_wire.batch_answer([OK] * 128), 77) * 20


# As soon as there is a contact.
FLOODS = {
    "states": pour(other_state),
    "changes of nothing": pour(changes_of_nothing),
    "changes that follow each other": pour(following_changes),
    "changes of the host's pool": pour(spoilt_pool),
    "adapters": pour(adapters),
    "an endless message": pour(endless_message),
    "unasked answers": pour(unasked_answers),
    "heartbeats": pour(lambda guest: message(guest, own_wire.HEARTBEAT) * 500),
    "unknown messages": pour(lambda guest: message(guest, 0x4F4B001F, bytes(100)) * 200),
}


def endless_pool(guest, body):
    """Each part has one item, and more are to come."""
    pool, first = struct.unpack("<II", body)
    head = struct.pack("<IB3xQIII", OK, pool, first, COUNT_MOST, first, 1)
    return head + own_wire.record(f"key{first}", "v" * 1000)


def lying_counts(guest, body):
    pool, first = struct.unpack("<II", body)
    return struct.pack("<IB3xQIII", OK, pool, 1, COUNT_MOST, first, COUNT_MOST) + own_wire.record("k", "v")


def broken_records(guest, body):
    pool, first = struct.unpack("<II", body)
    head = struct.pack("<IB3xQIII", OK, pool, 1, 2, first, 2)
    return head + own_wire.RECORD.pack(2, 60000, 0, 0) + b"\xff\xfe"


def strange_pool(guest, body):
    """The host's pool has other keys, which nobody knows, at each look; and has just changed."""
    pool, first = struct.unpack("<II", body)
    if pool != kvp_wire.EXTERNAL:
        return own_wire.read_answer(pool, guest.pools[pool], first, len(guest.pools[pool]) - first)
    keys = [(os.urandom(8).hex(), "") for _ in range(2000)]
    guest.say(own_wire.CHANGED, own_wire.changed(kvp_wire.EXTERNAL, 1, 2, 3, 0, 0, []))
    return struct.pack("<IB3xQIII", OK, pool, 1, len(keys), 0, len(keys)) + own_wire.records(keys)


def contradiction(guest, body):
    """All is well, and nothing of it."""
    count = len(own_wire.parse_batch(body)[1])
    return struct.pack(f"<IHH{count}I", OK, count, 0, *[kvp_wire.FAIL] * count)


def too_many_statuses(guest, body):
    return struct.pack("<IHH", kvp_wire.FAIL, 0xFFFF, 0) + bytes(4 * 2000)


# To what is asked: the kind of the request, and the body of its answer.
ANSWERS = {
    "an endless pool": (own_wire.READ, endless_pool),
    "counts beyond the message": (own_wire.READ, lying_counts),
    "records beyond the message": (own_wire.READ, broken_records),
    "a strange pool": (own_wire.READ, strange_pool),
    "a contradiction": (own_wire.BATCH, contradiction),
    "too many statuses": (own_wire.BATCH, too_many_statuses),
}


class HostileOwnGuest(OwnGuest):
    misbehaviour = ""

    def greet(self, epoch, sequence):
        super().greet(epoch, sequence)
        if self.misbehaviour in FLOODS:
            FLOODS[self.misbehaviour](self)

    def do(self, kind, sequence, body):
        asked, answer = ANSWERS.get(self.misbehaviour, (None, None))
        if kind == asked:
            self.log.append(("spoilt", kind))
            self.say(kind + own_wire.ANSWER, answer(self, body), sequence)
        else:
            super().do(kind, sequence, body)
