# SPDX-License-Identifier: MIT
"""The roads to a guest: on each a host, a machine and an agent, put together. See exchange.Exchange."""
import json
import shlex

import image
from exchange import VM
from machine import Machine
from programs import Daemon, wait_until

VSOCK_PORT = 5870


class Road:
    """What the roads have in common: a machine, in whose guest the agent's commands run.

    kit: build (programs.Build), agent (the static one), kernel, folder."""

    MODULES, MEMORY = image.VIRTIO + image.NETWORK, 256
    BOOT_LIMIT = 30.0
    OS_NAME = "openkvp test"
    STEPS = []  # of this road alone, after those of all

    def __init__(self, kit):
        self.kit = kit
        self.machine = Machine(kit.folder, kit.kernel.image, self.make_initramfs().pack(), self.MEMORY,
                               self.BOOT_LIMIT)

    def make_initramfs(self):
        tree = image.BusyboxTree(self.kit.folder, self.kit.kernel, self.MODULES)
        tree.program(self.kit.agent, "bin/openkvp-agent")
        return tree

    def agent(self, *words):
        return self.machine.run(shlex.join(["openkvp-agent", *words]))

    def get(self, key):
        status, output = self.agent("get", key)
        assert status in (0, 4), output
        return output[:-1] if status == 0 else None

    def publish(self, key, value):
        status, output = self.agent("set", key, value)
        assert status == 0, output

    def take_back(self, key):
        status, output = self.agent("delete", key)
        assert status == 0, output

    def close(self):
        self.machine.destroy()


class VirtioSerial(Road):
    """The host here, the agent in the guest, a port between them that QEMU is told as openkvp prints it.

    The guest has no udev, so that the agent finds the port by sysfs, as in an initramfs. At first openkvpd connects to
    QEMU; after the VM was off QEMU connects to openkvpd."""

    TITLE = "virtio-serial"

    def __init__(self, kit):
        super().__init__(kit)
        self.host = Daemon(kit.build, kit.folder / "host")
        self.host.start()

    def make_initramfs(self):
        tree = super().make_initramfs()
        tree.text("etc/boot", "#!/bin/sh\nopenkvp-agent serve >/dev/console 2>&1 &\n", 0o755)
        return tree

    def attach(self, kind="unix"):
        self.host.cli_ok("vm", "attach", VM, f"{kind}:{self.kit.folder}/channel.sock")

    def turn_on(self):
        self.machine.start(*shlex.split(self.host.cli_ok("vm", "show", VM, "--snippet", "qemu")))

    def turn_off(self):
        self.machine.power_off()
        self.attach("unix-listen")

    def restart_guest(self):
        self.machine.restart_guest()

    def close(self):
        super().close()
        self.host.stop()


class HostInGuest:
    """openkvpd in a guest, asked as programs.Daemon is."""

    FOLDER = "/run/host"

    def __init__(self, machine):
        self.machine = machine

    def cli_ok(self, *words):
        return self.machine.do(f"OPENKVP_SERVER={self.FOLDER}/openkvpd.sock {shlex.join(['openkvp', *words])}")

    def cli_json(self, *words):
        return json.loads(self.cli_ok(*words, "--json"))

    def start(self):
        self.machine.do(f"openkvpd --state-dir {self.FOLDER} >/dev/console 2>&1 & echo $! >/run/openkvpd.pid")
        wait_until(lambda: self.machine.run(f"OPENKVP_SERVER={self.FOLDER}/openkvpd.sock openkvp status")[0] == 0,
                   "openkvpd answers in the guest")

    def kill9(self):
        self.machine.do("kill -9 $(cat /run/openkvpd.pid)")


class VsockLoopback(Road):
    """Host and agent in one guest, a vsock between them: no machine that builds this has a vsock to its guests.

    So what is turned on, turned off and restarted is the agent; when it restarts its pool files are gone."""

    TITLE = "vsock"
    MODULES, MEMORY, HOST = Road.MODULES + image.VSOCK, 512, HostInGuest

    def __init__(self, kit):
        super().__init__(kit)
        self.host = self.HOST(self.machine)
        self.machine.start()
        self.host.start()

    def make_initramfs(self):
        tree = super().make_initramfs()
        tree.dynamic_program(self.kit.build.openkvpd, "bin/openkvpd")
        tree.dynamic_program(self.kit.build.openkvp, "bin/openkvp")
        tree.dynamic_program(self.kit.build.folder / "tests/vm/vsock-call", "bin/vsock-call")
        return tree

    def attach(self):
        self.host.cli_ok("vm", "attach", VM, "vsock:1")

    def turn_on(self):
        self.machine.do(f"openkvp-agent serve --connect vsock:1:{VSOCK_PORT} >/dev/console 2>&1 & "
                        "echo $! >/run/agent.pid")

    def turn_off(self, signal="TERM"):
        self.machine.do(f"kill -{signal} $(cat /run/agent.pid)")

    def restart_guest(self):
        self.turn_off("KILL")
        self.machine.do("rm -r /var/lib/hyperv")
        self.turn_on()

    def a_program_without_privilege_is_not_heard(self, exchange):
        self.machine.do(f"vsock-call 1 {VSOCK_PORT}")
        exchange.put("color", "white")
        exchange.wait_for_value("color", "white")

    def a_new_call_takes_the_place_of_one_that_hangs(self, exchange):
        self.machine.do("kill -STOP $(cat /run/agent.pid); mv /run/agent.pid /run/old.pid")
        self.turn_on()
        exchange.put("color", "grey")
        exchange.wait_for_value("color", "grey")
        self.machine.do("kill -KILL $(cat /run/old.pid)")
        exchange.put("color", "pink")
        exchange.wait_for_value("color", "pink")

    STEPS = [a_program_without_privilege_is_not_heard, a_new_call_takes_the_place_of_one_that_hangs]


class Cuse(VirtioSerial):
    """openkvp-cuse makes the device, and Debian's own daemon serves it; no agent runs, but its commands read and write the
    daemon's files."""

    TITLE, MODULES = "cuse", VirtioSerial.MODULES + image.CUSE
    START_DEVICE = "openkvp-cuse >/dev/console 2>&1 & echo $! >/run/cuse.pid; " \
                   "until [ -c /dev/vmbus/hv_kvp ]; do sleep 0.1; done"
    START_DAEMON = "hv_kvp_daemon -n >/dev/console 2>&1 & echo $! >/run/daemon.pid"

    def make_initramfs(self):
        tree = Road.make_initramfs(self)
        tree.dynamic_program(self.kit.build.folder / "cuse/openkvp-cuse", "bin/openkvp-cuse")
        tree.dynamic_program(self.kit.package("hyperv-daemons") / "usr/sbin/hv_kvp_daemon", "bin/hv_kvp_daemon")
        tree.text("etc/boot", f"#!/bin/sh\n{self.START_DEVICE}\n{self.START_DAEMON}\n", 0o755)
        return tree

    def end(self, name, signal="TERM"):
        """Ends a program, and waits until it is gone."""
        self.machine.do(f"pid=$(cat /run/{name}.pid); kill -{signal} $pid; while [ -d /proc/$pid ]; do sleep 0.1; done")

    def addresses_of_an_unknown_adapter_are_an_error(self, exchange):
        status = exchange.host.cli("vm", "ip", VM, "--mac", "52:54:00:00:00:99").returncode
        assert status == 4, status

    def a_second_daemon_is_refused(self, exchange):
        status, output = self.machine.run("cat </dev/vmbus/hv_kvp")
        assert status != 0 and "busy" in output, output
        exchange.put("color", "white")
        exchange.wait_for_value("color", "white")

    def only_whole_messages_are_taken(self, exchange):
        self.end("daemon")
        for command in ("echo hello >/dev/vmbus/hv_kvp", "head -c 7432 /dev/zero | dd bs=7432 of=/dev/vmbus/hv_kvp",
                        "dd bs=7431 count=1 if=/dev/vmbus/hv_kvp"):
            status, output = self.machine.run(command)
            assert status != 0 and "Invalid argument" in output, (command, output)
        self.machine.do("cat /dev/vmbus/hv_kvp & sleep 0.2; kill $!; while [ -d /proc/$! ]; do sleep 0.1; done")
        self.machine.do(self.START_DAEMON)
        exchange.wait_for_contact()

    def another_daemon_is_given_everything(self, exchange):
        self.end("daemon", "KILL")
        exchange.wait_for(lambda: exchange.vm()["contact"] != "open", "contact ends with the daemon")
        exchange.put("color", "grey")
        self.machine.do("rm -r /var/lib/hyperv")
        self.machine.do(self.START_DAEMON)
        exchange.wait_for_contact()
        exchange.wait_for_value("late", "1")
        exchange.wait_for_value("color", "grey")

    def the_device_comes_and_goes_with_its_program(self, exchange):
        for signal in ("TERM", "KILL"):
            self.end("cuse", signal)
            self.machine.do("pid=$(cat /run/daemon.pid); while [ -d /proc/$pid ]; do sleep 0.1; done")
            assert self.machine.run("ls /dev/vmbus/hv_kvp")[0] != 0
            self.machine.do(f"{self.START_DEVICE}; {self.START_DAEMON}")
            exchange.put("color", signal)
            exchange.wait_for_contact()
            exchange.wait_for_value("color", signal)

    STEPS = [addresses_of_an_unknown_adapter_are_an_error, a_second_daemon_is_refused, only_whole_messages_are_taken,
             another_daemon_is_given_everything, the_device_comes_and_goes_with_its_program]


# --- Debian with systemd, which takes longer: only when asked for ---


SYSTEMD_BOOT_LIMIT = 120.0


def systemd_tree(kit, modules):
    tree = image.SystemdTree(kit.folder, kit.kernel, modules, kit.cache)
    tree.installed(kit.build.folder)
    tree.installed(kit.agent_build)  # over the dynamic one
    return tree


class SystemdVirtioSerial(VirtioSerial):
    """The agent is started by the udev rule, as a service of systemd."""

    TITLE, OS_NAME, MEMORY = "systemd-virtio-serial", "Debian GNU/Linux", 1024
    BOOT_LIMIT = SYSTEMD_BOOT_LIMIT

    def make_initramfs(self):
        return systemd_tree(self.kit, self.MODULES)

    def the_agent_is_a_service(self, exchange):
        assert self.machine.do("systemctl is-active openkvp-agent") == "active\n"
        self.machine.do("systemctl kill -s KILL openkvp-agent")
        exchange.put("color", "violet")
        exchange.wait_for_value("color", "violet")

    STEPS = [the_agent_is_a_service]


class HostService(HostInGuest):
    """openkvpd as a service of systemd, which starts it again by itself."""

    def cli_ok(self, *words):
        return self.machine.do(shlex.join(["openkvp", *words]))

    def start(self):
        self.machine.do("systemctl start openkvpd")
        wait_until(lambda: self.machine.run("openkvp status")[0] == 0, "openkvpd answers in the guest")

    def kill9(self):
        self.machine.do("systemctl kill -s KILL openkvpd")


class SystemdVsock(VsockLoopback):
    """Both sides are services of systemd in one guest."""

    TITLE, OS_NAME, MEMORY, HOST = "systemd-vsock", "Debian GNU/Linux", 1024, HostService
    BOOT_LIMIT = SYSTEMD_BOOT_LIMIT

    def __init__(self, kit):
        super().__init__(kit)
        self.turn_off()  # the udev rule has started it, since there is a vsock

    def make_initramfs(self):
        tree = systemd_tree(self.kit, self.MODULES)
        for program in (self.kit.build.openkvpd, self.kit.build.openkvp):
            tree.libraries(program)
        tree.dynamic_program(self.kit.build.folder / "tests/vm/vsock-call", "usr/local/bin/vsock-call")
        tree.text("etc/default/openkvp-agent", 'OPENKVP_AGENT_OPTIONS="--connect vsock:1"\n')
        tree.wanted("openkvpd")
        return tree

    def turn_on(self):
        self.machine.do("systemctl start openkvp-agent")

    def turn_off(self):
        self.machine.do("systemctl stop openkvp-agent")

    def restart_guest(self):
        self.turn_off()
        self.machine.do("rm -r /var/lib/hyperv")
        self.turn_on()

    STEPS = [VsockLoopback.a_program_without_privilege_is_not_heard]


class SystemdCuse(VirtioSerial):
    """openkvp-cuse is enabled and takes the agent's place; the distribution's rule and unit start its daemon."""

    TITLE, OS_NAME, MEMORY = "systemd-cuse", "Debian GNU/Linux", 1024
    MODULES, BOOT_LIMIT = Cuse.MODULES, SYSTEMD_BOOT_LIMIT

    def make_initramfs(self):
        tree = systemd_tree(self.kit, self.MODULES)
        tree.libraries(self.kit.build.folder / "cuse/openkvp-cuse")
        tree.package(self.kit.package("hyperv-daemons"))
        tree.text("etc/boot", "#!/bin/sh\nsystemctl --root=/ enable openkvp-cuse >/dev/console 2>&1\n", 0o755)
        return tree

    def are_active(self):
        return self.machine.run("systemctl is-active openkvp-cuse openkvp-agent hv-kvp-daemon")[1] == "active\n" * 3

    def device_and_daemon_are_services(self, exchange):
        assert self.are_active()
        assert "openkvp-cuse" in self.machine.do("systemctl show -p Id openkvp-agent")
        self.machine.do("systemctl kill -s KILL openkvp-cuse")
        exchange.put("color", "violet")
        exchange.wait_for_value("color", "violet")
        exchange.wait_for(self.are_active, "both are there again")

    def they_end_and_begin_together(self, exchange):
        self.machine.do("systemctl stop openkvp-cuse")
        exchange.wait_for(lambda: self.machine.run("systemctl is-active hv-kvp-daemon")[0] != 0, "the daemon has ended")
        self.machine.do("systemctl start openkvp-cuse")
        exchange.put("color", "silver")
        exchange.wait_for_value("color", "silver")

    STEPS = [device_and_daemon_are_services, they_end_and_begin_together]


ROADS = [VirtioSerial, VsockLoopback, Cuse]
SYSTEMD_ROADS = [SystemdVirtioSerial, SystemdVsock, SystemdCuse]
