# SPDX-License-Identifier: MIT
"""A disk that fails, or kills who uses it, at one step of what is written below a folder."""
import os
import pathlib

LETHAL = ("kill", "half", "power")


class FaultyDisk:
    """What faulty_disk.c does to the files in folder: how is one of its words, and step counts from 1."""

    def __init__(self, build, folder, how, step):
        self.folder, self.how = pathlib.Path(folder), how
        self._reached = pathlib.Path(f"{folder}.reached")
        self.environment = {**os.environ, "LD_PRELOAD": str(build.folder / "tests/crash/faulty_disk.so"),
                            "FAULTY_DISK": f"{how}:{step}:{folder}", "ASAN_OPTIONS": "verify_asan_link_order=0"}

    @property
    def kills(self):
        return self.how in LETHAL

    @property
    def reached(self):
        """Whether there was such a step."""
        return self._reached.exists()
