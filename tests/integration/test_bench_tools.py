# SPDX-License-Identifier: MIT
"""The programs of the benchmark do what the figures rest upon; how fast, is not asked here."""
import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

from programs import ROOT, Daemon, Build

sys.path.insert(0, str(ROOT / "tests/bench"))
import report  # noqa: E402

VMS, ITEMS = 7, 3


@pytest.fixture
def tool(build):
    def run(name, *words):
        done = subprocess.run([str(build / "tests/bench" / name), *map(str, words)], capture_output=True, text=True,
                              timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout else {}
    return run


@pytest.fixture
def store(tool, tmp_path):
    (tmp_path / "host").mkdir()
    path = tmp_path / "host/openkvp.db"
    tool("make_store", path, VMS, ITEMS, 64)
    return path


def test_the_raw_reader_reads_every_row_of_a_made_store(tool, store):
    assert tool("raw_read", store)["rows"] == VMS + VMS * ITEMS


def test_what_is_committed_raw_is_what_openkvpd_would_have_stored(build, tool, store):
    tool("raw_commits", store, 4, 2 * VMS)
    daemon = Daemon(Build(build), store.parent, listen_http="").start()
    try:
        assert [vm["items"] for vm in daemon.cli_json("vm", "list")["vms"]] == VMS * [ITEMS + 2 * 4]
        assert daemon.cli_json("status")["jobs"] == 2 * VMS
    finally:
        assert daemon.stop() == 0


def test_the_report_takes_the_place_of_the_last_one():
    results = {"machine": {"model": "m", "processors": 2, "kernel": "6.1", "load": 0.1}, "seconds": 60, "series": [],
               "rows": [{"row": "1", "title": "Get", "unit": "1/s", "ours": [1, 3, 2], "reference": [4, 4, 4],
                         "ratio": 0.5, "ratio_min": 0.25, "ratio_max": 0.75, "mark": 0.5, "at_least": True,
                         "reached": True}]}
    page = report.page(f"before\n{report.BEGIN}old\n{report.END}after\n", results)

    assert page.startswith(f"before\n{report.BEGIN}") and page.endswith(f"{report.END}after\n")
    assert "| 1 | Get | 1/s | 2.00 | 4.00 | 0.50 | 0.25..0.75 | >= 0.50 | reached |" in page and "old" not in page
    assert report.page(page, results) == page


def test_a_picture_has_its_lines_inside():
    series = {"name": "n", "title": "t", "x": "VMs", "y": "MB", "lines": ["a", "b"],
              "points": [[1, 0.5, 0], [10, 20, 1], [20000, 130.5, 32]]}
    picture = ElementTree.fromstring(report.Picture(series).draw())
    lines = picture.findall("{http://www.w3.org/2000/svg}polyline")

    assert len(lines) == 2
    for place in " ".join(line.get("points") for line in lines).split():
        x, y = map(float, place.split(","))
        assert report.LEFT <= x <= report.WIDTH - report.RIGHT and report.TOP <= y <= report.HEIGHT - report.BOTTOM
