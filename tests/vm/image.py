# SPDX-License-Identifier: MIT
"""What a virtual machine boots: Debian's cloud kernel and an initramfs made here. Nothing is installed."""
import pathlib
import re
import shutil
import struct
import subprocess

HERE = pathlib.Path(__file__).resolve().parent

# In the order in which they are loaded.
VIRTIO = ["virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "virtio_console"]
NETWORK = ["failover", "net_failover", "virtio_net"]
VSOCK = ["vsock", "vmw_vsock_virtio_transport_common", "vsock_loopback"]
CUSE = ["fuse", "cuse"]


class Unavailable(Exception):
    """Something that a virtual machine needs cannot be had here."""


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, **options).stdout


def unpacked(cache, package):
    """The folder with the files of a Debian package, fetched once."""
    folder = cache / package
    if folder.exists():
        return folder
    new = folder.with_suffix(".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    try:
        run("apt-get", "download", package, cwd=new)
        for deb in new.glob("*.deb"):
            run("dpkg", "-x", deb, new)
            deb.unlink()
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unavailable(f"package {package} cannot be fetched") from error
    return new.rename(folder)


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
        self.folder = unpacked(cache, kernel_package())
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


class Initramfs:
    """A file tree that becomes the root of a virtual machine."""

    def __init__(self, folder, kernel, modules):
        self.tree = folder / "tree"
        self.path = folder / "initramfs"
        shutil.rmtree(self.tree, ignore_errors=True)
        self.program(HERE / "init", "init")
        self.program(busybox(), "bin/busybox")
        (self.tree / "bin/sh").symlink_to("busybox")
        self.text("etc/os-release", 'NAME="openkvp test"\nVERSION_ID="1"\n')
        self.text("etc/passwd", "root:x:0:0::/:/bin/sh\n")
        self.text("etc/group", "root:x:0:\n")
        self.text("etc/hosts", "127.0.0.1 localhost\n10.0.2.15 guest.example.org guest\n")
        for name in modules:
            self.program(kernel.module(name), f"lib/modules/{name}.ko")
        self.text("lib/modules/order", "".join(f"{name}.ko\n" for name in modules))

    def program(self, source, target):
        path = self.tree / target
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, path)
        path.chmod(0o755)

    def dynamic_program(self, source, target):
        """A program with the libraries that it needs, where it looks for them."""
        self.program(source, target)
        for line in run("ldd", source, text=True).splitlines():
            found = re.search(r"(/\S+) \(0x", line)
            if found:
                self.program(found[1], found[1][1:])

    def text(self, target, content, mode=0o644):
        path = self.tree / target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        path.chmod(mode)

    def pack(self):
        names = sorted(str(path.relative_to(self.tree)) for path in self.tree.rglob("*"))
        with open(self.path, "wb") as out:
            subprocess.run(["cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0"], cwd=self.tree, check=True,
                           input="\n".join(names).encode(), stdout=out)
        return self.path


def busybox():
    path = shutil.which("busybox")
    if not path:
        raise Unavailable("busybox-static is not installed")
    return path
