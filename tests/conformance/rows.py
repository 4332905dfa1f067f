# SPDX-License-Identifier: MIT
"""The rows of rows.txt: section, name, what it means."""
import pathlib
import sys

FILE = pathlib.Path(__file__).resolve().with_name("rows.txt")


def read():
    """Name -> (section, meaning), in the order of the file."""
    rows = {}
    for number, line in enumerate(FILE.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        section, name, meaning = (part.strip() for part in line.split("|", 2))
        if name in rows:
            sys.exit(f"rows.txt:{number}: '{name}' stands twice")
        rows[name] = (section, meaning)
    return rows
