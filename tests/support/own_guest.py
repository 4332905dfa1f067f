# SPDX-License-Identifier: MIT
"""A guest that speaks openkvp's own protocol."""
import ipaddress
import struct

import ip_wire
import kvp_wire
import own_wire
from guest import LINUX_FACTS, Guest
from kvp_wire import EXTERNAL, GUEST, HELLO, HELLO_ANSWER, LINK, NOT_FOUND, NOT_SUPPORTED, OK


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
