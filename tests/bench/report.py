#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes what bench.py --json has measured into docs/performance.md: the table, and pictures beside it."""
import argparse
import json
import math
import pathlib
import sys

import measure

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
BEGIN, END = "<!-- made by tests/bench/report.py -->\n", "<!-- end -->\n"

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 320, 80, 20, 40, 50
COLOURS = ("#1b6ca8", "#9a9a9a")


# --- The table ---

def short(number):
    return measure.number_text(number)


def table(results):
    machine = results["machine"]
    lines = [f"{machine['model']}, {machine['processors']} processors, Linux {machine['kernel']}; load before "
             f"{machine['load']:.1f}. {results['seconds'] / 60:.0f} minutes.", "",
             "| row | measure | unit | ours | reference | ratio | min..max | reach | |",
             "|---|---|---|---:|---:|---:|---:|---:|---|"]
    for row in results["rows"]:
        sense = ">=" if row["at_least"] else "<="
        lines.append(f"| {row['row']} | {row['title']} | {row['unit']} | {short(measure.median(row['ours']))} | "
                     f"{short(measure.median(row['reference']))} | {short(row['ratio'])} | "
                     f"{short(row['ratio_min'])}..{short(row['ratio_max'])} | {sense} {short(row['mark'])} | "
                     f"{'reached' if row['reached'] else '**missed**'} |")
    return lines


# --- Pictures ---

def round_up(largest):
    """The end of an axis: 1, 2 or 5 times a power of ten."""
    power = 10 ** math.floor(math.log10(largest or 1))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= largest)


class Picture:
    """Lines over a plane. x grows by its logarithm where the numbers lie far apart."""

    def __init__(self, series):
        self.series, self.parts = series, []
        xs = [point[0] for point in series["points"]]
        self.by_logarithm = min(xs) > 0 and max(xs) >= 100 * min(xs)
        self.x_range = (self.scaled(min(xs)), self.scaled(max(xs)))
        self.top = round_up(max(y for point in series["points"] for y in point[1:]))

    def scaled(self, x):
        return math.log10(x) if self.by_logarithm else x

    def place(self, x, y):
        low, high = self.x_range
        return (LEFT + (self.scaled(x) - low) / (high - low) * (WIDTH - LEFT - RIGHT),
                HEIGHT - BOTTOM - y / self.top * (HEIGHT - TOP - BOTTOM))

    def text(self, x, y, text, anchor="middle", size=12):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{text}</text>')

    def axes(self):
        for i in range(6):
            y = self.top * i / 5
            _, at = self.place(self.series["points"][0][0], y)
            self.parts.append(f'<line x1="{LEFT}" y1="{at:.1f}" x2="{WIDTH - RIGHT}" y2="{at:.1f}" stroke="#ddd"/>')
            self.text(LEFT - 8, at + 4, f"{y:,.0f}" if self.top >= 5 else f"{y:g}", "end")
        shown = -1000
        for point in self.series["points"]:
            at, _ = self.place(point[0], 0)
            if at - shown > 45:  # else it would stand on its neighbour
                self.text(at, HEIGHT - BOTTOM + 18, f"{point[0]:,}")
                shown = at
        self.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, self.series["x"])
        self.text(LEFT, TOP - 8, self.series["y"], "end")

    def lines(self):
        for i, name in enumerate(self.series["lines"]):
            places = [self.place(point[0], point[1 + i]) for point in self.series["points"]]
            self.parts.append(f'<polyline fill="none" stroke="{COLOURS[i]}" stroke-width="2" points="'
                              + " ".join(f"{x:.1f},{y:.1f}" for x, y in places) + '"/>')
            self.parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{COLOURS[i]}"/>' for x, y in places]
            self.parts.append(f'<rect x="{LEFT + 12}" y="{TOP + 4 + 18 * i}" width="12" height="4" '
                              f'fill="{COLOURS[i]}"/>')
            self.text(LEFT + 30, TOP + 10 + 18 * i, name, "start")

    def draw(self):
        self.axes()
        self.lines()
        self.text(WIDTH / 2, 18, self.series["title"], size=14)
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">\n'
                f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n' + "\n".join(self.parts) + "\n</svg>\n")


def picture_file(series):
    return f"performance-{series['name']}.svg"


# --- The page ---

def page(text, results):
    """The page, with everything between the two marks made anew."""
    before, _, rest = text.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        sys.exit("report.py: the page has no place for the table")
    pictures = [f"![{series['title']}]({picture_file(series)})" for series in results.get("series", [])]
    return before + BEGIN + "\n".join([*table(results), "", *pictures]) + "\n" + END + after


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=pathlib.Path, help="what bench.py --json has written")
    parser.add_argument("--docs", type=pathlib.Path, default=DOCS, help="the folder of performance.md")
    arguments = parser.parse_args()
    results = json.loads(arguments.file.read_text())
    path = arguments.docs / "performance.md"
    path.write_text(page(path.read_text(), results))
    for series in results.get("series", []):
        (arguments.docs / picture_file(series)).write_text(Picture(series).draw())


if __name__ == "__main__":
    main()
