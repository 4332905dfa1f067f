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
    seed("hv_message", "reply_ip", pack("<I256sBB2048s2048s1024s2048s", 0, b"00:15:5D:01:02:03", 3, 1,
                                        b"192.0.2.10;2001:db8::10;", b"255.255.255.0;/64;", b"192.0.2.1;", b"192.0.2.53;"))
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


def own(kind, body, flags=0):
    return pack("<II", 0x4F4B0000 + kind, flags) + body


# Further steps of fuzz_guest_session.c.
def step_own(kind, length, more=0):
    return bytes([10, kind]) + pack("<HBB", length, more, 0)


ASK_OWN, OFFER_OWN = b"\x0b", b"\x0c\1"


def own_session_seeds():
    greet = OFFER_OWN + step_hello() + READ
    seed("guest_session", "own_read", greet + step_own(0x11, 8) + ASK_OWN + READ)
    seed("guest_session", "own_pieces", greet + step_own(0x10, 60000, 1) + step_own(0x10, 9) + ASK_OWN + READ)
    seed("guest_session", "own_too_long", greet + step_own(0x10, 65000, 1) * 18 + step_own(0x11, 8) + ASK_OWN)
    seed("guest_session", "own_new_epoch", greet + step_own(0x10, 60000, 1) + step_hello() + step_own(0x11, 8) +
         ASK_OWN + READ)
    seed("guest_session", "get_ip", step_hello() + step_ic(NEGOTIATE, OFFER, len(OFFER)) +
         step_ic(KVP, b"\4\1", 7428) + ASK + ANSWER + READ)


def record(key, value, kind=0, flags=0):
    return pack("<HHBB", len(key), len(value), kind, flags) + key + value


def address(data, prefix=0, origin=0):
    return bytes([4 if len(data) == 4 else 6, prefix, origin, 0]) + data


V4, V6 = bytes([192, 0, 2, 10]), bytes.fromhex("20010db8" + "00" * 11 + "10")
ADAPTER = (bytes([0, 21, 93, 1, 2, 3, 1, 4, 2, 1, 1, 0]) + b"eth0" + address(V4, 24, 1) + address(V6, 64, 2) +
           address(V4) + address(V4))


def own_seeds():
    records = record("größe".encode(), b"1") + record(b"gone", b"", flags=1) + record(b"n", b"42", 1, 2)
    bodies = [
        ("state", pack("<HHI", 511, 2047, 1) + pack("<IQ", 2, 77) * 4),
        ("changed", pack("<BBHQQIIII", 1, 0, 0, 1, 2, 9, 3, 1, 3) + records),
        ("batch", pack("<BBH", 0, 0, 3) + records),
        ("batch_answer", pack("<IHHII", 0x80070057, 2, 0, 0x800704C7, 0x80070057)),
        ("read", pack("<II", 1, 7)),
        ("read_answer", pack("<IIQIII", 0, 1, 5, 9, 6, 3) + records),
        ("result", pack("<IH", 0x80041002, 4) + b"none"),
        ("adapters", pack("<I", 2) + ADAPTER * 2),
        ("adapter", ADAPTER),
    ]
    for selector, (name, body) in enumerate(bodies):
        seed("own_message", name, bytes([selector]) + body)
    seed("link_message", "own", own(0x20, b"body", 1))


def utf16(text, units):
    return text.encode("utf-16-le").ljust(2 * units, b"\0")


def ip_text(operation, addresses="", subnets="", gateways="", dns="", mac="00:15:5D:01:02:03"):
    return (pack("<BB", operation, 1) + utf16(mac, 128) + pack("<BB", 3, 1) + utf16(addresses, 1024) +
            utf16(subnets, 1024) + utf16(gateways, 512) + utf16(dns, 1024))


def ip_binary(operation, v4=(), v6=(), mac="00:15:5D:01:02:03"):
    counts = pack("<6I", len(v4), len(v6), len(v4[:5]), len(v6[:5]), len(v4), len(v6))
    masks = b"".join(b"\xff\xff\xff\0" for _ in v4).ljust(256, b"\0")
    prefixes = b"".join(pack("<I", 64) for _ in v6).ljust(256, b"\0")
    four, six = b"".join(v4), b"".join(v6)
    return (pack("<BBH", operation, 1, 0) + counts + utf16(mac, 128) + pack("<BBH", 3, 1, 0) +
            four.ljust(256, b"\0") + six.ljust(1024, b"\0") + masks + prefixes +
            four[:20].ljust(20, b"\0") + six[:80].ljust(80, b"\0") +
            four.ljust(256, b"\0") + six.ljust(1024, b"\0") + b"\2\0" * len(v4 + v6)).ljust(3716, b"\0")


def ip_seeds():
    seed("ip_message", "get_text", b"\4" + ip_text(4))
    seed("ip_message", "text", b"\4" + ip_text(4, "192.0.2.10;fe80::1;", "255.255.255.0;/64;", "192.0.2.1;",
                                               "search example.org;192.0.2.53"))
    seed("ip_message", "get_binary", b"\5" + ip_binary(4))
    seed("ip_message", "binary", b"\5" + ip_binary(5, (V4, V4), (V6,)))


# Steps of fuzz_session.c, in the order of its table.
def say_ic(kind, body, size, version=4, status=0):
    return bytes([1, kind | 5 << 2 | (version & 3) << 5 | (0x80 if status else 0)]) + pack("<HB", size, len(body)) + body + b"\0"


def say_own(kind, body=b"", length=None, flags=0):
    return bytes([2, kind, flags]) + pack("<HB", len(body) if length is None else length, len(body)) + body + b"\x1f"


STATE_BODY = pack("<HHI", 511, 2047, 1) + pack("<IQ", 2, 77) * 4
SEND_BATCH, READ_POOL, GET_IP, SET_IP, RUN, AGAIN = b"\5\1", b"\6\1", b"\7\0", b"\7\1", b"\x08", b"\x09"


def host_session_seeds():
    chosen = negotiation([(3, 0)], [(4, 0)])
    old = b"\0\0\0" + say_ic(NEGOTIATE, chosen, len(chosen))
    own_contact = b"\0\1\0" + say_own(0x10, STATE_BODY)
    records = pack("<HHBB", 1, 1, 0, 0) + b"k1"
    seed("session", "set", old + SEND_BATCH + say_ic(KVP, pack("<BBH", SET, 0, 0), 2580) + RUN)
    seed("session", "enumerate", old + READ_POOL + say_ic(KVP, kvp(ENUMERATE, 1, "k", "v", index=0)[:30], 2580))
    seed("session", "ip", old + GET_IP + say_ic(KVP, b"\4\1", 7428) + SET_IP)
    seed("session", "refused", b"\0\0\0" + say_ic(NEGOTIATE, bytes(8), 8) + AGAIN + old)
    seed("session", "own_batch", own_contact + SEND_BATCH + say_own(0xA0, pack("<IHHII", 0, 2, 0, 0, 0), flags=2))
    seed("session", "own_read", own_contact + READ_POOL +
         say_own(0xA1, pack("<IB3xQIII", 0, 1, 5, 1, 0, 1) + records, flags=2))
    seed("session", "own_ip", own_contact + SET_IP + say_own(0xA2, pack("<IH", 0, 2) + b"ok", flags=2))
    seed("session", "own_changed", own_contact + say_own(0x11, pack("<BBHQQIIII", 1, 0, 0, 1, 2, 1, 0, 0, 1) + records))
    seed("session", "own_adapters", own_contact + say_own(0x12, pack("<I", 1) + ADAPTER))
    seed("session", "own_pieces", own_contact + say_own(0x11, length=60000, flags=1) * 3 + say_own(0x11, length=9))
    seed("session", "wake", old + b"\3\0" + own_contact + b"\4\x1c" + frame(hello())[:28] + RUN)
    seed("session", "flood", own_contact + say_own(0x13) * 250)


def image_seeds():
    record_a, record_key = pack("<BH", 1, 0) + b"a", pack("<BH", 3, 0) + b"key"
    seed("pool_image", "two", b"\2" + record_a + record_key + bytes([0x10, 0x14, 0x21]))
    seed("pool_image", "twice", b"\3" + record_a * 3 + bytes([0x30, 0x04, 0x1B, 0x05]))
    seed("pool_image", "behind", b"\1" + pack("<BH", 4, 510) + b"kkvv" + bytes([0x12, 0x16]))


# What stands behind the checksum of a redo file: sizes, extents, new, old and last old records.
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
    seed("pool_redo", "shift", redo(7680, 5120, [(0, 5120)], [new, new, old, new, new]))
    seed("pool_redo", "shorter", redo(2560, 0, [], [old]))
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
    host_session_seeds()
    image_seeds()
    own_session_seeds()
    own_seeds()
    ip_seeds()
    redo_seeds()
    large_value_seeds()


if __name__ == "__main__":
    main()
