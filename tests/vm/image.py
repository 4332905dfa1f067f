# SPDX-License-Identifier: MIT
"""What a virtual machine boots: Debian's cloud kernel and an initramfs made here. Nothing is installed."""
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile
import threading

from debian import Unavailable, unpack

HERE = pathlib.Path(__file__).resolve().parent

# In the order in which they are loaded.
VIRTIO = ["virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "virtio_console"]
NETWORK = ["failover", "net_failover", "virtio_net"]
VSOCK = ["vsock", "vmw_vsock_virtio_transport_common", "vsock_loopback"]
CUSE = ["fuse", "cuse"]


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, **options).stdout


def kernel_package():
    """The package that linux-image-cloud-amd64 stands for."""
    try:
        text = run("apt-cache", "depends", "linux-image-cloud-amd64", text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unavailable("apt-cache does not know the cloud kernel") from error
    return re.search(r"Depends: (linux-image-\S+)", text)[1]


class Kernel:
    """The image is unpacked here: QEMU's interpreter takes a second for that, and three when a guest restarts."""

    def __init__(self, cache):
        package = kernel_package()
        self.folder = unpack(package, cache / package)
        self.image = self.folder / "vmlinux"
        if not self.image.exists():
            self.unpack(next((self.folder / "boot").glob("vmlinuz-*")).read_bytes())

    def unpack(self, packed):
        """The payload stands behind the setup sectors (boot protocol 2.08); its last 4 bytes are its size."""
        sectors, (offset, length) = packed[0x1f1] or 4, struct.unpack_from("<II", packed, 0x248)
        begin = (sectors + 1) * 512 + offset
        new = self.image.with_suffix(".new")
        with open(new, "wb") as out:
            subprocess.run(["lz4", "-d", "-q"], input=packed[begin:begin + length - 4], stdout=out, check=True)
        new.rename(self.image)

    def module(self, name):
        """Packaged names have '-' or '_', as their makers liked."""
        for spelling in (name, name.replace("_", "-")):
            for path in self.folder.glob(f"lib/modules/*/kernel/**/{spelling}.ko"):
                return path
        raise Unavailable(f"the kernel has no module {name}")


class Tree:
    """Files of which an archive is made that becomes the root of a virtual machine, or a part of it."""

    def __init__(self, folder):
        self.tree, self.path = folder / "tree", folder / "initramfs"
        self.text("etc/hosts", "127.0.0.1 localhost\n10.0.2.15 guest.example.org guest\n")

    def modules(self, kernel, names):
        for name in names:
            self.program(kernel.module(name), f"lib/modules/{name}.ko")
        self.text("lib/modules/order", "".join(f"{name}.ko\n" for name in names))

    def place(self, target):
        """Where a file of the tree is made."""
        path = self.tree / target
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def file(self, source, target):
        return shutil.copy2(source, self.place(target))

    def program(self, source, target):
        self.file(source, target).chmod(0o755)

    def libraries(self, program):
        """Puts in the libraries that a program needs, where it looks for them."""
        for line in run("ldd", program, text=True).splitlines():
            found = re.search(r"(/\S+) \(0x", line)
            if found:
                self.program(found[1], found[1][1:])

    def dynamic_program(self, source, target):
        self.program(source, target)
        self.libraries(source)

    def text(self, target, content, mode=0o644):
        path = self.place(target)
        path.write_text(content)
        path.chmod(mode)

    def pack(self):
        with open(self.path, "wb") as out:
            write_archive(self.tree, out)
        return self.path


class BusyboxTree(Tree):
    """A whole system with next to nothing in it."""

    def __init__(self, folder, kernel, modules):
        super().__init__(folder)
        self.program(HERE / "init", "init")
        self.program(HERE / "test-shell", "bin/test-shell")
        self.program(busybox(), "bin/busybox")
        (self.tree / "bin/sh").symlink_to("busybox")
        self.text("etc/os-release", 'NAME="openkvp test"\nVERSION_ID="1"\n')
        self.text("etc/passwd", "root:x:0:0::/:/bin/sh\n")
        self.text("etc/group", "root:x:0:\n")
        self.modules(kernel, modules)


class SystemdTree(Tree):
    """What is put over Debian's smallest system with systemd, which is made once."""

    def __init__(self, folder, kernel, modules, cache):
        super().__init__(folder)
        self.base = systemd_base(cache)
        self.program(HERE / "init-systemd", "init")
        self.program(HERE / "test-shell", "usr/local/bin/test-shell")
        self.program(busybox(), "usr/local/bin/busybox")
        self.text("etc/hostname", "guest\n")
        self.text("etc/systemd/network/eth0.network", "[Match]\nName=eth0\n[Network]\nAddress=10.0.2.15/24\n")
        self.text("etc/systemd/system/test-shell.service",
                  "[Service]\nExecStart=/usr/local/bin/test-shell\nStandardError=tty\n")
        for service in ("test-shell", "systemd-networkd"):
            self.wanted(service)
        self.modules(kernel, modules)

    def place(self, target):
        """In Debian /bin, /lib ... are links to /usr/bin, /usr/lib ...; folders would take their places."""
        return super().place(re.sub(r"^(bin|sbin|lib|lib64)/", r"usr/\1/", target))

    def wanted(self, service):
        """Has a service started at boot, as systemctl enable does."""
        wants = self.tree / "etc/systemd/system/multi-user.target.wants"
        wants.mkdir(parents=True, exist_ok=True)
        places = [f"{place}/systemd/system/{service}.service" for place in ("etc", "usr/local/lib")]
        here = [place for place in places if (self.tree / place).exists()]
        (wants / f"{service}.service").symlink_to("/" + (here or [f"lib/systemd/system/{service}.service"])[0])

    def installed(self, build):
        """Puts in what a build installs."""
        run("meson", "install", "-C", build, "--no-rebuild", "--destdir", self.tree)

    def package(self, folder):
        """Puts in the files of an unpacked package, which needs nothing that is done at its installation."""
        for path in folder.rglob("*"):
            if path.is_file():
                self.file(path, str(path.relative_to(folder)))

    def pack(self):
        with open(self.path, "wb") as out:
            out.write(self.base.read_bytes())
            write_archive(self.tree, out)
        return self.path


def write_archive(tree, out):
    """As the kernel unpacks it; several may follow one another."""
    names = sorted(str(path.relative_to(tree)) for path in tree.rglob("*"))
    subprocess.run(["cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0"], cwd=tree, check=True,
                   input="\n".join(names).encode(), stdout=out)


systemd_lock = threading.Lock()


def systemd_base(cache):
    """The archive of Debian's smallest system with systemd, made once."""
    path = cache / "systemd.cpio"
    with systemd_lock:
        return path if path.exists() else make_systemd_base(path)


def make_systemd_base(path):
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder) / "tree"
        try:
            run("mmdebstrap", "--quiet", "--variant=minbase", "--include=systemd,systemd-sysv,udev,iproute2",
                "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/locale/*",
                "--dpkgopt=path-exclude=/usr/share/man/*", "--skip=cleanup/tmp", "bookworm", tree)
        except (OSError, subprocess.CalledProcessError) as error:
            raise Unavailable("mmdebstrap cannot make a system") from error
        with open(path.with_suffix(".new"), "wb") as out:
            write_archive(tree, out)
    return path.with_suffix(".new").rename(path)


def busybox():
    path = shutil.which("busybox")
    if not path:
        raise Unavailable("busybox-static is not installed")
    return path
