# SPDX-License-Identifier: MIT
"""What a measure is, and how its figures are judged and shown."""
from statistics import median

TOLERANCE = 0.1  # a mark that is missed by less is put down to the machine


class Measure:
    """A row of the table: the same thing done by openkvp and by its reference, in turns.

    A row is open()ed once, then reference() and ours() each give a figure, again and again."""

    number, title, unit = "", "", ""
    mark = 1.0
    at_least = True  # else: at most
    quick = False  # whether it belongs to the short form
    rounds = None  # how often, where that is not for the user to say

    def __init__(self, workshop):
        self.workshop = workshop

    def open(self):
        """Makes what both need."""

    def reference(self):
        raise NotImplementedError

    def ours(self):
        raise NotImplementedError

    def close(self):
        """Ends what open() began; also after a failure."""


class Result:
    """The figures of a row."""

    def __init__(self, measure, pairs):
        self.number, self.title, self.unit = measure.number, measure.title, measure.unit
        self.mark, self.at_least = measure.mark, measure.at_least
        self.ours = [ours for ours, _ in pairs]
        self.reference = [reference for _, reference in pairs]
        self.ratios = [ours / reference for ours, reference in pairs]
        self.ratio = median(self.ratios)

    def reaches(self, tolerance=0.0):
        if self.at_least:
            return self.ratio >= self.mark * (1 - tolerance)
        return self.ratio <= self.mark * (1 + tolerance)

    def verdict(self):
        if self.reaches():
            return "reached"
        return "nearly" if self.reaches(TOLERANCE) else "MISSED"

    def as_dictionary(self):
        return {"row": self.number, "title": self.title, "unit": self.unit, "ours": self.ours,
                "reference": self.reference, "ratio": self.ratio, "ratio_min": min(self.ratios),
                "ratio_max": max(self.ratios), "mark": self.mark, "at_least": self.at_least,
                "reached": self.reaches()}


def run(measure, rounds, say):
    """Opens, measures in turns, closes. Who begins changes, so that a machine that grows slower or faster
    during a round is unjust to both alike."""
    pairs = []
    try:
        measure.open()
        for number in range(measure.rounds or rounds):
            if number % 2:
                ours, reference = measure.ours(), measure.reference()
            else:
                reference, ours = measure.reference(), measure.ours()
            pairs.append((ours, reference))
            say(f"  {measure.number}: {ours:.5g} / {reference:.5g}")
    finally:
        measure.close()
    return Result(measure, pairs)


def number_text(number):
    if number >= 1000:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}"


COLUMNS = f"{'row':<4} {'measure':<58} {'unit':<10} {'ours':>13} {'reference':>13} {'ratio':>7} {'min..max':>14} " \
          f"{'mark':>8}"


def line(result):
    sense = ">=" if result.at_least else "<="
    spread = f"{number_text(min(result.ratios))}..{number_text(max(result.ratios))}"
    return (f"{result.number:<4} {result.title:<58} {result.unit:<10} "
            f"{number_text(median(result.ours)):>13} "
            f"{number_text(median(result.reference)):>13} {number_text(result.ratio):>7} {spread:>14} "
            f"{sense + ' ' + number_text(result.mark):>8}  {result.verdict()}")
