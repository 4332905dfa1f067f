#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""installed.py -- libopenkvp as others get it: installed, found by pkg-config, compiled and run."""
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

BUILD = os.environ["BUILD_ROOT"]
SOURCES = Path(os.environ["SOURCE_ROOT"])
CC = os.environ["CC"].split()
SANITIZE = os.environ["SANITIZE"]
SANITIZED = [] if SANITIZE == "none" else ["-fsanitize=" + SANITIZE]

PROGRAM = """
#include <openkvp/pool.h>
#include <stdio.h>

int main(void)
{
	return puts(okvp_pool_name(OKVP_POOL_AUTO_EXTERNAL)) < 0;
}
"""


def run(*command, **options):
    """What a command that must succeed prints."""
    result = subprocess.run(command, text=True, capture_output=True, **options)
    if result.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}\n{result.stdout}{result.stderr}")
    return result.stdout


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.root = Path(folder.name)
        run("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", cls.root,
            "--tags", "devel,runtime")
        cls.library = next(cls.root.rglob("libopenkvp.so")).parent
        cls.headers = next(cls.root.rglob("error.h")).parent
        (cls.root / "program.c").write_text(PROGRAM)

    def pkg_config(self, *options):
        """Its answer, with every path moved to where the files are now."""
        environment = os.environ | {
            "PKG_CONFIG_LIBDIR": str(self.library / "pkgconfig"),
            "PKG_CONFIG_SYSROOT_DIR": str(self.root),
            "PKG_CONFIG_ALLOW_SYSTEM_CFLAGS": "1",
            "PKG_CONFIG_ALLOW_SYSTEM_LIBS": "1",
        }
        return run("pkg-config", *options, "openkvp", env=environment).split()

    def expect_program(self, compiler, *arguments):
        program = self.root / "program"
        run(*compiler, *arguments, "-o", program)
        environment = os.environ | {"LD_LIBRARY_PATH": str(self.library)}
        self.assertEqual(run(program, env=environment), "auto-external\n")

    def test_a_program_needs_only_what_pkg_config_says(self):
        self.expect_program(CC + SANITIZED, self.root / "program.c",
                            *self.pkg_config("--cflags", "--libs"))

    @unittest.skipIf(SANITIZED, "a sanitizer is no static library")
    def test_a_program_can_be_static(self):
        self.expect_program(CC, "-static", self.root / "program.c",
                            *self.pkg_config("--static", "--cflags", "--libs"))

    @unittest.skipUnless(shutil.which("musl-gcc"), "musl-gcc is not there")
    def test_any_c_library_will_do(self):
        self.expect_program(["musl-gcc", "-std=gnu17", "-D_GNU_SOURCE", "-static"],
                            f"-I{SOURCES}", self.root / "program.c",
                            *sorted(SOURCES.glob("openkvp/*.c")))

    def test_the_library_has_a_number_and_its_own_names_only(self):
        library = self.library / "libopenkvp.so.0"
        self.assertEqual((self.library / "libopenkvp.so").resolve(), library.resolve())
        symbols = [line.split()[-1] for line in run("nm", "-D", "--defined-only", library).splitlines()]
        self.assertIn("okvp_frame_reader_next", symbols)
        self.assertEqual([symbol for symbol in symbols if not symbol.startswith("okvp_")], [])

    def expect_headers(self, *compiler):
        names = sorted(header.name for header in self.headers.glob("*.h"))
        self.assertIn("wire.h", names)
        self.assertNotIn("scoped.h", names)
        for name in names:
            with self.subTest(header=name):
                run(*compiler, "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
                    f"-I{self.headers.parent}", "-", input=f'#include "openkvp/{name}"\n')

    def test_each_header_stands_alone_in_c(self):
        self.expect_headers(*CC, "-std=gnu11", "-x", "c")

    @unittest.skipUnless(shutil.which("g++"), "g++ is not there")
    def test_each_header_stands_alone_in_cplusplus(self):
        self.expect_headers("g++", "-std=gnu++11", "-x", "c++")


if __name__ == "__main__":
    unittest.main()
