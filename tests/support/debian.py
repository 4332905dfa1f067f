# SPDX-License-Identifier: MIT
"""Programs of the distribution that the tests meet, unpacked and not installed."""
import pathlib
import shutil
import subprocess


class Unavailable(Exception):
    """Not here: no network, no rights."""


def unpack(name, folder):
    """Unpacks the Debian package name into folder, once; returns it."""
    folder = pathlib.Path(folder)
    if folder.exists():
        return folder
    new = folder.with_suffix(".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    try:
        subprocess.run(["apt-get", "download", name], cwd=new, check=True, capture_output=True)
        (deb,) = new.glob("*.deb")
        subprocess.run(["dpkg", "-x", deb, new], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unavailable(f"package {name} cannot be fetched") from error
    deb.unlink()
    return new.rename(folder)


def namespace_command():
    """The words that run a command in a mount namespace of its own, or None."""
    for options in (["-m"], ["-Urm"]):
        probe = ["unshare", *options, "mount", "--bind", "/tmp", "/mnt"]
        if shutil.which("unshare") and subprocess.run(probe, capture_output=True).returncode == 0:
            return ["unshare", *options]
    return None


def stock_daemon_command(build, var_lib, device_socket, prefix=""):
    """The words that start the distribution's hv_kvp_daemon with its pool files in var_lib/hyperv; what it
    takes for its device is a socket. It makes /var/lib/hyperv whoever starts it: it runs only where something
    else is mounted there. prefix stands in front of its name, as "taskset -c 0" may."""
    words = namespace_command()
    program = unpack("hyperv-daemons", build / "packages/hyperv-daemons") / "usr/sbin/hv_kvp_daemon"
    if not words or not program.exists():
        raise Unavailable("the stock daemon cannot run here")
    return [*words, "sh", "-c",
            f"mount --bind {var_lib} /var/lib && "
            f"exec env LD_PRELOAD={build}/tests/integration/hv_kvp_shim.so "
            f"KVP_DEVICE_SOCKET={device_socket} {prefix} {program} -n"]
