# SPDX-License-Identifier: MIT
"""A guest that speaks Hyper-V's messages and does with them what no guest should.

    with HostileGuest(path, misbehaviour="endless enumeration"): ...
"""
import contextlib
import struct

import kvp_wire
from hyperv_guest import LinuxGuest
from kvp_wire import ENUMERATE, HELLO, KVP, LINK, OK, RESPONSE, TRANSACTION, WAKE, ic


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


def pour(make):
    """The same bytes, which make(guest) gives, as fast as they are taken."""
    def begin(guest):
        data, stream, way = make(guest), guest.socket, guest.misbehaviour
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
    "flood": pour(lambda guest: UNASKED * 20),
    "hello storm": pour(lambda guest: kvp_wire.frame(1, 1, kvp_wire.hello(HELLO, 0, 1)) * 100),
    "wake storm": pour(lambda guest: kvp_wire.frame(0, 0, LINK.pack(WAKE, 0)) * 100),
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
