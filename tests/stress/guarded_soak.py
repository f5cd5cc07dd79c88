#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the soak under the guard, first without moves and then with, and judges it: every block was what it
must be (the soak says so itself), the guard was there and said nothing, and memory grew by no more than a
tenth of the live blocks and what moved blocks leave behind by design. Runs the same natively to compare.

Where sealing is by mprotect it lapses at the limit of mappings; the closing lines that say so are all that
the guard may say then."""

import argparse
import os
import re
import statistics
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import guarded  # noqa: E402

# What a moved block leaves behind for ever: its record and its share of a view (README.md tells of this
# figure), an entry in the page tables for each of its pages, and for a block over 1 MiB a view of its own.
MOVED = 114
MOVED_PAGE = 8
MOVED_LARGE = 512
ALLOWED_RATIO = 0.10  # of the live blocks
# Bounded, and in a short run still filling up: spans of 32 pages for blocks that move, of each small class.
MOVING_STOCK = 39 * 128  # kB
LAPSE = re.compile(rb"==\d+== realloc_guard: (0 misuses reported \(0 occurrences\); .* sealed by mprotect|"
                   rb"\d+ of \d+ moved blocks could not be sealed by mprotect, the first after \d+; uses "
                   rb"of those were not seen)\n")


def read_points(result):
    """What the soak printed between its rounds: a dictionary for each line."""
    return [{key: float(value) for key, value in re.findall(r"(\w+)=([\d.]+)", line)}
            for line in result.stdout.decode().splitlines() if line.startswith("point ")]


def overhead(point):
    """Memory beyond the live blocks, in kB."""
    return point["pss"] + point["pte"] - point["live"]


def moves(point):
    return sum(point[kind] for kind in ("moved_small", "moved_pages", "moved_large"))


def left_behind(point):
    """The most that the moves until then leave behind by design, in kB."""
    pages = point["pages_of_pages"] + point["pages_of_large"]
    return (MOVED * moves(point) + MOVED_PAGE * pages + MOVED_LARGE * point["moved_large"]) / 1024


class Growth:
    """From the third quarter of a run to the last; the first half warms up. Medians, since what is live goes
    up and down."""

    def __init__(self, points):
        quarter = max(len(points) // 4, 1)
        first, last = points[-2 * quarter:-quarter], points[-quarter:]

        def median(function):
            return (statistics.median(map(function, part)) for part in (first, last))

        def difference(function):
            before, after = median(function)
            return after - before

        self.live = statistics.median(p["live"] for p in first + last)
        self.kb = difference(overhead)
        self.moves = difference(moves)
        self.by_design = difference(left_behind)
        stock = MOVING_STOCK if self.moves else 0
        self.allowed = ALLOWED_RATIO * self.live + self.by_design + stock

    def __str__(self):
        text = (f"grew by {self.kb:.0f} kB beyond {self.live:.0f} kB of live blocks, allowed are "
                f"{self.allowed:.0f}")
        if self.moves:
            text += (f"; {self.moves:.0f} moves, {self.kb * 1024 / self.moves:.0f} bytes each, by design "
                     f"at most {self.by_design * 1024 / self.moves:.0f}")
        return text


def run_errors(result, seals_lapse):
    """What is wrong with a run apart from its memory."""
    said = LAPSE.sub(b"", result.stderr) if seals_lapse else result.stderr
    errors = []
    if result.status != 0:
        errors.append(f"ended with status {result.status}")
    if said:
        errors.append("was not silent")
    return errors


def arguments(args, has_moves, is_guarded):
    amount = (["--seconds", str(args.seconds)] if args.seconds else
              ["--operations", str(args.operations)])
    seal = "seal=guard" in args.options
    return ([os.path.abspath(args.exe), "--seed", str(args.seed), "--threads", str(args.threads),
             *amount, "--plugins", *(os.path.abspath(plugin) for plugin in args.plugins)]
            + ["--no-moves"] * (not has_moves) + ["--guarded"] * is_guarded
            + ["--sealed"] * (is_guarded and seal))


def soak(args, has_moves, guard):
    """One run; its result, points and errors."""
    result = guarded.run(arguments(args, has_moves, guard is not None), guard)
    points = read_points(result)
    errors = run_errors(result, guard and "seal=mprotect" in guard.options and has_moves)
    if guard:
        errors += guarded.loading_errors(result, args.exe)
        if result.status == 0 and Growth(points).kb > Growth(points).allowed:
            errors.append(f"memory {Growth(points)}")
    return result, points, errors


def parser():
    parsing = argparse.ArgumentParser(description=__doc__,
                                      formatter_class=argparse.RawDescriptionHelpFormatter)
    parsing.add_argument("--guard")
    parsing.add_argument("--witness")
    parsing.add_argument("--options", default="")
    parsing.add_argument("--exe", required=True)
    parsing.add_argument("--plugins", nargs=2, required=True)
    parsing.add_argument("--seed", type=int, default=1)
    parsing.add_argument("--threads", type=int, default=4)
    parsing.add_argument("--seconds", type=int, default=0, help="of each run")
    parsing.add_argument("--operations", type=int, default=80000, help="of each thread, or")
    return parsing


def main():
    args = parser().parse_args()
    guarded.skip_unless_possible(args.options)
    guard = guarded.Guard(os.path.abspath(args.guard), os.path.abspath(args.witness), args.options)
    errors, results = [], []
    wanted = args.operations
    for has_moves in (False, True):
        for runs_under in (None, guard):
            # Natively only the soak itself is tried.
            args.operations = wanted if runs_under else wanted // 8
            name = ("guarded" if runs_under else "native") + (", with moves" if has_moves else "")
            result, points, wrong = soak(args, has_moves, runs_under)
            errors += [f"{name}: {error}" for error in wrong]
            results.append((name, result))
            if points and runs_under:
                print(f"{name}: {Growth(points)}")
    guarded.finish(errors, results)


if __name__ == "__main__":
    main()
