# SPDX-License-Identifier: MIT
"""A virtual machine: QEMU, never with KVM, and a shell in its guest."""
import pathlib
import shutil
import socket
import subprocess

from debian import Unavailable

COMMAND_LIMIT = 20.0
MAC = "52:54:00:12:34:56"


class Machine:
    """Boots a kernel and an initramfs, as often as one likes."""

    def __init__(self, folder, kernel, initramfs, memory, boot_limit):
        self.folder = pathlib.Path(folder)
        self.kernel, self.initramfs, self.memory = kernel, initramfs, memory
        self.boot_limit = boot_limit
        self.qemu_log, self.console = self.folder / "qemu.log", self.folder / "console.log"
        self.process = self.guest = None
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.folder / "test.sock"))
        self.listener.listen(1)
        self.listener.settimeout(boot_limit)

    def command(self, devices):
        program = shutil.which("qemu-system-x86_64")
        if not program:
            raise Unavailable("qemu-system-x86 is not installed")
        kernel_words = ("console=ttyS0 quiet mitigations=off random.trust_cpu=on tsc=reliable no_timer_check "
                        "nokaslr net.ifnames=0")
        return [program, "-nodefaults", "-no-user-config", "-display", "none", "-machine", "q35", "-accel", "tcg",
                "-cpu", "qemu64", "-smp", "1", "-m", f"{self.memory}M",
                "-kernel", self.kernel, "-initrd", self.initramfs, "-append", kernel_words,
                "-chardev", f"file,id=console,path={self.console},append=on", "-serial", "chardev:console",
                "-netdev", "user,id=net,restrict=on", "-device", f"virtio-net-pci,netdev=net,mac={MAC},romfile=",
                "-device", "virtio-serial-pci,id=test", "-chardev", f"socket,id=test,path={self.folder}/test.sock",
                "-device", "virtserialport,bus=test.0,chardev=test,name=org.openkvp.test", *devices]

    # --- Power ---

    def start(self, *devices):
        """Switches the machine on, with more of QEMU's arguments, and waits until its guest is up."""
        with open(self.qemu_log, "ab") as log:
            self.process = subprocess.Popen([str(word) for word in self.command(devices)], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL)
        try:
            self.guest = self.listener.accept()[0]
        except TimeoutError as error:
            raise AssertionError(f"QEMU does not start: {self.trouble()}") from error
        self.wait_for_guest()

    def wait_for_guest(self):
        assert self.read_line(self.boot_limit) == b"ready", f"the guest does not come up: {self.trouble()}"

    def restart_guest(self):
        """The guest restarts itself; the machine stays on."""
        self.guest.sendall(b"reboot -f\n")
        self.wait_for_guest()

    def power_off(self):
        """The guest switches the machine off."""
        self.guest.sendall(b"poweroff -f\n")
        self.process.wait(self.boot_limit)
        self.guest.close()

    def destroy(self):
        """Takes away the power, if it is on, and everything else."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.guest:
            self.guest.close()
        self.listener.close()

    def trouble(self):
        logs = [path.read_text(errors="replace") for path in (self.qemu_log, self.console) if path.exists()]
        return "".join(logs)[-3000:]

    # --- The shell ---

    def run(self, command):
        """Runs a line of shell in the guest and returns its exit status and output."""
        self.guest.sendall(command.encode() + b"\n")
        status, size = self.read_line(COMMAND_LIMIT).split()
        return int(status), self.read(int(size)).decode(errors="replace")

    def do(self, command):
        """The same for a command that must succeed; returns its output."""
        status, output = self.run(command)
        assert status == 0, f"in the guest: {command}: exit status {status}: {output}"
        return output

    def read(self, size):
        data = b""
        while len(data) < size:
            try:
                piece = self.guest.recv(size - len(data))
            except TimeoutError as error:
                raise AssertionError(f"the guest is silent: {self.trouble()}") from error
            assert piece, f"the machine is gone: {self.trouble()}"
            data += piece
        return data

    def read_line(self, limit):
        self.guest.settimeout(limit)
        line = b""
        while not line.endswith(b"\n"):
            line += self.read(1)
        return line[:-1]
