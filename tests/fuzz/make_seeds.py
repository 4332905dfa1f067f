#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make_seeds.py -- writes corpus/: well-formed inputs from which fuzzing of libopenkvp starts."""
from pathlib import Path
from struct import pack

CORPUS = Path(__file__).parent / "corpus"
SET, DELETE, ENUMERATE = 1, 2, 3
NEGOTIATE, KVP = 0, 2


def seed(target, name, data):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def frame(payload, epoch=1, sequence=1):
    header = pack("<4sIII", b"OVKP", epoch, sequence, len(payload))
    return header + pack("<I", crc32c(header)) + payload


def pipe(message):
    return pack("<II", 1, len(message)) + message


def hello(kind=0x4F4B0001, lowest=0, highest=1):
    return pack("<IIHHI", kind, 0, lowest, highest, 0)


def ic(kind, body, framework=(3, 0), message=(4, 0), status=0, flags=3):
    return pack("<HHHHHHIBBH", *framework, kind, *message, len(body), status, 0, flags, 0) + body


def negotiation(frameworks, messages):
    versions = b"".join(pack("<HH", *version) for version in frameworks + messages)
    return pack("<HHI", len(frameworks), len(messages), 0) + versions


def wire_text(text, field):
    data = text.encode("utf-16-le") + b"\0\0"
    return len(data), data.ljust(field, b"\0")


def kvp(operation, pool, key="", value="", index=None, kind=1):
    """A key-value message; value: a text, or bytes for another kind than REG_SZ."""
    body = pack("<BBH", operation, pool, 0)
    if index is not None:
        body += pack("<I", index)
    if key:
        key_count, key_field = wire_text(key, 512)
        if operation == DELETE:
            return (body + pack("<I", key_count) + key_field).ljust(2580, b"\0")
        value_count, value_field = (wire_text(value, 2048) if kind == 1 else
                                    (len(value), value.ljust(2048, b"\0")))
        body += pack("<III", kind, key_count, value_count) + key_field + value_field
    return body.ljust(2580, b"\0")


def device_item(key, value, kind=1):
    key, value = key.encode() + b"\0", value.encode() + b"\0"
    return (pack("<III", kind, len(key), len(value)) + key.ljust(512, b"\0") + value)


def device_seeds():
    seed("hv_message", "set", pack("<BBH", SET, 0, 0) + device_item("key", "välue"))
    seed("hv_message", "delete", pack("<BBHI4s", DELETE, 0, 0, 4, b"key\0"))
    seed("hv_message", "enumerate", pack("<BBHI", ENUMERATE, 2, 0, 5))
    seed("hv_message", "register", pack("<BBH", 100, 0, 0) + b"3.1\0")
    seed("hv_message", "reply", pack("<II", 0, 5) + device_item("OSName", "Linux"))
    seed("hv_message", "reply_no_more", pack("<I", 0x80070103))


# Steps of fuzz_guest_session.c, in the order of its table.
def step_hello(new_epoch=1):
    return bytes([0, new_epoch, 1, 0])


def step_ic(kind, body, size):
    return bytes([1, kind, 3]) + pack("<HB", size, len(body)) + body + b"\0"


def step_bytes(data):
    return bytes([3, len(data)]) + data


ASK, ANSWER, READ, GIVE_UP, RECONNECT = b"\4", b"\5\0", b"\6\xff\xff", b"\x08", b"\x09"
NOT_READY, READY = b"\7\0", b"\7\1"
OFFER = negotiation([(1, 0), (3, 0)], [(3, 0), (4, 0), (5, 0)])


def session_seeds():
    agree = step_hello() + step_ic(NEGOTIATE, OFFER, len(OFFER))
    set_item = step_ic(KVP, kvp(SET, 0, "k", "v")[:20], 2580)
    enumerate_items = step_ic(KVP, pack("<BBHI", ENUMERATE, 1, 0, 0), 2580)
    seed("guest_session", "set", agree + READ + set_item + ASK + ANSWER + READ)
    seed("guest_session", "enumerate", agree + enumerate_items + ASK + ANSWER + READ)
    seed("guest_session", "new_epoch", agree + set_item + ASK + b"\6\x20\0" + agree + ANSWER +
         set_item + ASK + ANSWER + READ)
    seed("guest_session", "not_ready", NOT_READY + agree + READY + READ + set_item + ASK)
    seed("guest_session", "partial", step_bytes(frame(hello())[:30]) + GIVE_UP + agree + READ)
    seed("guest_session", "reconnect", agree + set_item + ASK + RECONNECT + agree + ANSWER + READ)
    seed("guest_session", "flood", agree + set_item * 6 + (ASK + ANSWER) * 6 + READ)


# What stands behind the checksum of a redo file: sizes, extents, new and old records.
def redo(old_size, new_size, extents, records):
    head = pack("<QQII", old_size, new_size, len(extents), 0)
    return head + b"".join(pack("<QQ", *extent) for extent in extents) + b"".join(records)


def packed(key, value):
    return pack("<HH", len(key), len(value)) + key + value


def unpacked(data):
    return pack("<HH", 0xFFFF, len(data)) + data


def redo_seeds():
    old, new = packed(b"k", b"1"), packed(b"k", b"2")
    seed("pool_redo", "in_place", redo(5120, 5120, [(2560, 2560)], [new, old]))
    seed("pool_redo", "append", redo(2560, 5120, [(2560, 2560)], [new]))
    seed("pool_redo", "shift", redo(7680, 5120, [(0, 5120)], [new, new, old, new]))
    seed("pool_redo", "shorter", redo(2560, 0, [], []))
    seed("pool_redo", "two", redo(7680, 7680, [(0, 2560), (5120, 2560)], [new, new, old, old]))
    seed("pool_redo", "half", redo(2600, 5120, [(2560, 2560)], [new, unpacked(b"h" * 40)]))
    seed("pool_redo", "garbage", redo(2560, 2560, [(0, 2560)], [new, unpacked(b"k" + b"\0g" * 1279 + b"g")]))


def large_value_seeds():
    def large(name, key, rest):
        seed("large_value", name, bytes([len(key)]) + key + rest)

    large("fits", b"key", b"value")
    large("text", b"key", "Grüße €😀 ".encode() * 200)
    large("bytes", b"key", bytes(range(256)) * 9)
    for form, size, count, piece in (("text", 6, 2, b"abc"), ("base64", 4, 2, b"QUI=")):
        value = (b"abc" * count) if form == "text" else b"AB" * count
        large(f"head_{form}", f"openkvp-large 1 {size} {count} {crc32c(value):08x} {form}".encode(), piece)


def main():
    seed("frame", "one", b"\xff" + frame(hello()))
    seed("frame", "two_after_garbage", b"\x03" + b"OVK" + frame(b"") + frame(b"abc", sequence=2))
    seed("frame", "half", b"\x07" + frame(bytes(40))[:30] + frame(hello(), epoch=2))
    seed("link_message", "hello", hello())
    seed("link_message", "hello_answer", hello(0x4F4B0002, 0, 0))
    seed("link_message", "pipe", pipe(ic(NEGOTIATE, b"")))
    seed("ic_message", "offer", ic(NEGOTIATE, OFFER, (0, 0), (0, 0)))
    seed("ic_message", "answer", ic(NEGOTIATE, negotiation([(3, 0)], [(4, 0)]), (0, 0), (0, 0), 0, 5))
    seed("ic_message", "no_version", ic(NEGOTIATE, negotiation([], []), (0, 0), (0, 0), 0, 5))
    seed("ic_message", "failed", ic(KVP, b"", status=0x80004005, flags=5))
    seed("kvp_message", "set", kvp(SET, 0, "key", "välue \U0001F600"))
    seed("kvp_message", "set_dword", kvp(SET, 3, "OSMajorVersion", pack("<I", 6), kind=4))
    seed("kvp_message", "set_qword", kvp(SET, 3, "n", pack("<Q", 1 << 63), kind=11))
    seed("kvp_message", "delete", kvp(DELETE, 0, "key"))
    seed("kvp_message", "enumerate", kvp(ENUMERATE, 2, index=5))
    seed("kvp_message", "found", kvp(ENUMERATE, 2, "OSName", "Linux", index=5))
    seed("unicode", "utf8", "Aé€\U0001F600".encode())
    seed("unicode", "utf16", "Aé€\U0001F600".encode("utf-16-le"))
    device_seeds()
    session_seeds()
    redo_seeds()
    large_value_seeds()


if __name__ == "__main__":
    main()
