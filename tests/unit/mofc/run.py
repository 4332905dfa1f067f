#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs mofc on the cases of this folder and compares what comes out with what is expected.

    run.py MOFC pair NAME.mof NAMESPACE...    with NAME.ids and NAME.tables, those that are there;
                                              a namespace behind "bare:" is a bare one
    run.py MOFC errors errors.txt             every case in turn

With UPDATE=1 in the environment the files of a pair are written instead: read them before you
commit them.
"""
import difflib
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def compile_mof(mofc, namespaces, source, folder):
    """Compiles a file of the folder behind the qualifiers; what comes out lies in the folder."""
    (folder / "qualifiers.mof").write_bytes((HERE / "qualifiers.mof").read_bytes())
    command = [mofc, "--ids", "ids", "--tables", "tables"]
    for namespace in namespaces:
        bare = namespace.startswith("bare:")
        command += ["--bare" if bare else "--namespace", namespace.removeprefix("bare:")]
    return subprocess.run(command + ["qualifiers.mof", source], cwd=folder,
                          capture_output=True, text=True)


def check_pair(mofc, mof, namespaces):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / mof).write_bytes((HERE / mof).read_bytes())
        result = compile_mof(mofc, namespaces, mof, folder)
        if result.returncode != 0:
            sys.exit(result.stderr)
        expected = [HERE / mof.replace(".mof", suffix) for suffix in (".ids", ".tables")]
        expected = [path for path in expected if path.exists()]
        assert expected, f"nothing to compare {mof} with"
        differences = 0
        for path in expected:
            got = (folder / path.suffix[1:]).read_text()
            if os.environ.get("UPDATE"):
                path.write_text(got)
            for line in difflib.unified_diff(path.read_text().splitlines(), got.splitlines(),
                                             path.name, "mofc", lineterm=""):
                print(line)
                differences += 1
    sys.exit(differences > 0)


def read_cases(path):
    """Yields (title, source, report); what stands before the first case is for the reader."""
    for case in (HERE / path).read_text().split("\n=== ")[1:]:
        title, body = case.split("\n", 1)
        source, report = body.split("--- ", 1)
        yield title, source, report.rstrip("\n")


def check_errors(mofc, path):
    failures = 0
    for title, source, report in read_cases(path):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            (folder / "case.mof").write_text(source)
            result = compile_mof(mofc, ["root/test"], "case.mof", folder)
            if result.returncode != 1 or result.stderr != report + "\n":
                failures += 1
                print(f"{title}: exit {result.returncode}\n"
                      f"  expected {report}\n  got      {result.stderr.rstrip()}")
            if list(folder.glob("ids")) + list(folder.glob("tables")):
                failures += 1
                print(f"{title}: something was written")
    sys.exit(failures > 0)


if __name__ == "__main__":
    mofc = str(pathlib.Path(sys.argv[1]).resolve())
    if sys.argv[2] == "pair":
        check_pair(mofc, sys.argv[3], sys.argv[4:])
    check_errors(mofc, sys.argv[3])
