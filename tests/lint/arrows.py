#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Checks every #include against the direction of dependencies (ARCHITECTURE.md).

A file belongs to the layer with the longest matching path. It may include its own layer and those that
the table names for it.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# layer: layers that it may include
BOTTOM = ["openkvp", "base"]
ARROWS = {
    "openkvp": [],
    "base": ["openkvp"],
    "agent": BOTTOM,
    "cuse": BOTTOM,
    "cli": BOTTOM,
    # The compiler knows the types and values of which it makes tables.
    "mofc": BOTTOM + ["daemon/cim"],
    "daemon/auth": BOTTOM,
    "daemon/xml": BOTTOM,
    "daemon/cim": BOTTOM + ["daemon/auth", "daemon/xml", "schema"],
    "daemon/store": BOTTOM,
    "daemon/channel": BOTTOM,
    "daemon/host": BOTTOM + ["daemon/auth", "daemon/store", "daemon/channel"],
    "daemon/provider": BOTTOM + ["daemon/auth", "daemon/cim", "daemon/host", "daemon/store"],
    "daemon/front": BOTTOM + ["daemon/auth", "daemon/xml", "daemon/cim"],
    # The JSON API speaks of VMs, items and jobs themselves: it has no use for classes.
    "daemon/front/json": BOTTOM + ["daemon/auth", "daemon/front", "daemon/host", "daemon/store"],
    "daemon/indication": BOTTOM + ["daemon/auth", "daemon/cim", "daemon/xml"],
    # service.c is the one place that knows every module; main.c knows it and the settings.
    "daemon": BOTTOM + ["daemon/auth", "daemon/cim", "daemon/front", "daemon/front/json",
                        "daemon/host", "daemon/indication", "daemon/provider"],
    "daemon/main.c": BOTTOM + ["daemon"],
}
# library: the only folder or file that may include its headers
LIBRARIES = {
    "microhttpd.h": "daemon/front/http", "gnutls/": ("daemon/auth", "daemon/front/http"), "libxml/": "daemon/xml",
    "jansson.h": ("daemon/front/json", "cli"), "sqlite3.h": ("daemon/store", "tests/bench"),
    "curl/": ("cli", "daemon/indication"), "cuse_lowlevel.h": "cuse/device.c", "ini.h": "daemon/config.c",
    "crypt.h": "daemon/auth",
}
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')


def layer_of(path):
    parts = path.split("/")
    for length in range(len(parts), 0, -1):
        name = "/".join(parts[:length])
        if name in ARROWS or name == "schema":
            return name
    return None


def resolve(name):
    for folder in ("", "daemon/"):
        if (ROOT / folder / name).exists():
            return folder + name
    return name if name.startswith("schema/") else None


def faults_of(path):
    layer = layer_of(path)
    for number, line in enumerate((ROOT / path).read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, name = match.groups()
        for library, users in LIBRARIES.items():
            users = (users,) if isinstance(users, str) else users
            if name.startswith(library) and not path.startswith(users + ("tests/",)):
                yield f"{path}:{number}: <{name}> is for {' and '.join(users)} alone"
        target = resolve(name) if quote == '"' else None
        if not target or layer is None:
            continue
        other = layer_of(target)
        if other and other != layer and other not in ARROWS[layer]:
            yield f"{path}:{number}: {layer} must not include {target}"


def main():
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.c", "*.h", "*.l", "*.y"],
                           cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    faults = [fault for path in files if (ROOT / path).exists() for fault in faults_of(path)]
    print("\n".join(faults) if faults else f"arrows: {len(files)} files, all in the right direction")
    return 1 if faults else 0


sys.exit(main())
