# SPDX-License-Identifier: MIT
"""Guests that speak Hyper-V's messages: LinuxGuest, WindowsGuest and OldGuest."""
import struct

import ip_wire
import kvp_wire
from guest import LINUX_FACTS, Guest
from kvp_wire import (DELETE, ENUMERATE, FAIL, GET, GET_IP, HELLO, HELLO_ANSWER, KVP, LINK, NEGOTIATE, NO_MORE_ITEMS,
                      NOT_FOUND, NOT_SUPPORTED, OK, REG_EXPAND_SZ, REG_QWORD, RESPONSE, SET, SET_IP, TRANSACTION, ic)

WINDOWS_FACTS = ("FullyQualifiedDomainName", "OSName", "OSVersion", "CSDVersion", "OSMajorVersion", "OSMinorVersion",
                 "OSBuildNumber", "OSPlatformId", "ServicePackMajor", "ServicePackMinor", "SuiteMask", "ProductType",
                 "OSEditionId", "ProcessorArchitecture", "IntegrationServicesVersion", "NetworkAddressIPv4",
                 "NetworkAddressIPv6", "RDPAddressIPv4", "RDPAddressIPv6")


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
