# SPDX-License-Identifier: MIT
"""IP information as bytes, in both forms of Hyper-V's messages, from docs/protocol.md.

An adapter is a dictionary: addresses and gateways and dns are lists of text, addresses with their prefix
("192.0.2.10/24"), dhcp is a truth value; id is what the message calls the adapter. Nothing here is taken from
the C code, so that each checks the other.
"""
import ipaddress
import struct

GET_IP, SET_IP = 4, 5
TEXT_SIZE, BINARY_SIZE = 7428, 3716
FAMILIES = {4: 1, 6: 2}

TEXT_FIELDS = {"addresses": (260, 2048), "subnets": (2308, 2048), "gateways": (4356, 1024), "dns": (5380, 2048)}
BINARY_ARRAYS = (("addresses", 4, 288), ("addresses", 6, 544), ("gateways", 4, 2080), ("gateways", 6, 2100),
                 ("dns", 4, 2180), ("dns", 6, 2436))
MASKS, PREFIXES, ORIGINS = 1568, 1824, 3460


def adapter(addresses=(), gateways=(), dns=(), dhcp=False, **more):
    return {"addresses": list(addresses), "gateways": list(gateways), "dns": list(dns), "dhcp": dhcp, **more}


def of_families(found, families):
    """The adapter without addresses of families that were not asked for."""
    def wanted(text):
        return FAMILIES[ipaddress.ip_interface(text).version] & families
    return {**found, **{name: [text for text in found[name] if wanted(text)] for name in ("addresses", "gateways", "dns")}}


def families_of(found):
    return sum({FAMILIES[ipaddress.ip_interface(text).version] for text in found["addresses"]})


def adapter_id(message, at):
    return bytes(message[at : at + 256]).decode("utf-16-le").split("\0")[0]


# --- as text, in 4.0 ---


def subnet_text(text):
    interface = ipaddress.ip_interface(text)
    return str(interface.netmask) if interface.version == 4 else f"/{interface.network.prefixlen}"


def write_text(message, found):
    """Into a message, as the driver of Linux does: without a NUL, and the rest stays as it is."""
    lists = {
        "addresses": ";".join(str(ipaddress.ip_interface(text).ip) for text in found["addresses"]),
        "subnets": ";".join(map(subnet_text, found["addresses"])),
        "gateways": "".join(f"{text};" for text in found["gateways"]),
        "dns": ";".join(found["dns"]),
    }
    for name, text in lists.items():
        at, size = TEXT_FIELDS[name]
        data = text.encode("utf-16-le")
        assert len(data) < size
        message[at : at + len(data)] = data
    message[258], message[259] = families_of(found), found["dhcp"]


def parse_text(message):
    """The families that are spoken of, and the adapter."""
    lists = {}
    for name, (at, size) in TEXT_FIELDS.items():
        text = bytes(message[at : at + size]).decode("utf-16-le").split("\0")[0]
        lists[name] = [part for part in text.split(";") if part]
    prefixes = [text.lstrip("/") for text in lists.pop("subnets")]
    lists["addresses"] = [str(ipaddress.ip_interface(f"{address}/{prefix}"))
                          for address, prefix in zip(lists["addresses"], prefixes, strict=True)]
    return message[258], {"id": adapter_id(message, 2), "dhcp": bool(message[259]), **lists}


# --- binary, in 5.0 ---


def packed(texts, family):
    return [ipaddress.ip_interface(text) for text in texts if ipaddress.ip_interface(text).version == family]


def write_binary(message, found):
    """Into a message whose body is cleared."""
    message[4:28], message[284:] = bytes(24), bytes(BINARY_SIZE - 284)
    for index, (name, family, at) in enumerate(BINARY_ARRAYS):
        members = packed(found[name], family)
        struct.pack_into("<I", message, 4 + 4 * index, len(members))
        data = b"".join(member.ip.packed for member in members)
        message[at : at + len(data)] = data
    for index, interface in enumerate(packed(found["addresses"], 4)):
        message[MASKS + 4 * index : MASKS + 4 * index + 4] = interface.netmask.packed
    for index, interface in enumerate(packed(found["addresses"], 6)):
        struct.pack_into("<I", message, PREFIXES + 4 * index, interface.network.prefixlen)
    for index in range(len(found["addresses"])):
        struct.pack_into("<H", message, ORIGINS + 2 * index, 1 if found["dhcp"] else 2)
    message[284], message[285] = families_of(found), found["dhcp"]


def parse_binary(message):
    """As parse_text()."""
    lists = {"addresses": [], "gateways": [], "dns": []}
    for index, (name, family, at) in enumerate(BINARY_ARRAYS):
        size = 4 if family == 4 else 16
        (count,) = struct.unpack_from("<I", message, 4 + 4 * index)
        for member in range(count):
            address = ipaddress.ip_address(bytes(message[at + size * member : at + size * member + size]))
            if name != "addresses":
                lists[name].append(str(address))
            elif family == 4:
                mask = ipaddress.ip_address(bytes(message[MASKS + 4 * member : MASKS + 4 * member + 4]))
                lists[name].append(str(ipaddress.ip_interface(f"{address}/{mask}")))
            else:
                lists[name].append(f"{address}/{struct.unpack_from('<I', message, PREFIXES + 4 * member)[0]}")
    return message[284], {"id": adapter_id(message, 28), "dhcp": bool(message[285]), **lists}
