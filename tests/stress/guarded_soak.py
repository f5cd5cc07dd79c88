#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the soak under the guard and judges it: every block was what it must be (the soak says so itself),
the guard was there and said nothing, and memory grew by no more than a tenth of the live blocks. Runs the
same natively to compare. There are three kinds of run: without moves; with as many as in ordinary programs,
where realloc moves what it would by default; and with nothing but moves at every turn, where what moved
blocks leave behind by design is allowed to come on top of the tenth.

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
# What each kind passes to the soak, and to the guard.
KINDS = {"none": (["--no-moves"], ""), "ordinary": (["--resizes", "1"], ""),
         "always": (["--always"], "move=always:")}
NAMES = {"none": "without moves", "ordinary": "with ordinary moves", "always": "with moves all the time"}
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

    def __init__(self, points, kind, percent=10):
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
        self.allowed = percent / 100 * self.live + (self.by_design if kind == "always" else 0)

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


def arguments(args, kind, guard):
    amount = (["--seconds", str(args.seconds)] if args.seconds else
              ["--operations", str(args.operations)])
    how = [word for word in KINDS[kind][0] if guard or word != "--always"]
    return ([os.path.abspath(args.exe), "--seed", str(args.seed), "--threads", str(args.threads),
             *amount, "--plugins", *(os.path.abspath(plugin) for plugin in args.plugins), *how]
            + ["--guarded"] * bool(guard) + ["--sealed"] * bool(guard and args.seal == "guard"))


def soak(args, kind, guard):
    """One run; its result, points and errors."""
    result = guarded.run(arguments(args, kind, guard), guard)
    points = read_points(result)
    errors = run_errors(result, guard and args.seal == "mprotect" and kind != "none")
    if guard:
        errors += guarded.loading_errors(result, args.exe)
        growth = Growth(points, kind, args.allow) if result.status == 0 else None
        if growth and growth.kb > growth.allowed:
            errors.append(f"memory {growth}")
    return result, points, errors


def make_guard(args, kind):
    return guarded.Guard(os.path.abspath(args.guard), os.path.abspath(args.witness),
                         f"{KINDS[kind][1]}seal={args.seal}")


def parser():
    parsing = argparse.ArgumentParser(description=__doc__,
                                      formatter_class=argparse.RawDescriptionHelpFormatter)
    parsing.add_argument("--guard")
    parsing.add_argument("--witness")
    parsing.add_argument("--seal", choices=["guard", "mprotect"], default="guard")
    parsing.add_argument("--exe", required=True)
    parsing.add_argument("--plugins", nargs=2, required=True)
    parsing.add_argument("--seed", type=int, default=1)
    parsing.add_argument("--threads", type=int, default=4)
    parsing.add_argument("--seconds", type=int, default=0, help="of each run")
    parsing.add_argument("--operations", type=int, default=80000, help="of each thread, or")
    parsing.add_argument("--allow", type=int, default=10, metavar="PERCENT",
                         help="of the live blocks, by how much memory may grow")
    parsing.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    return parsing


def main():
    args = parser().parse_args()
    guarded.skip_unless_possible(f"seal={args.seal}")
    errors, results = [], []
    wanted = args.operations
    for kind in args.kinds:
        for guard in (None, make_guard(args, kind)):
            # Natively only the soak itself is tried.
            args.operations = wanted if guard else wanted // 8
            name = f"{'guarded' if guard else 'native'}, {NAMES[kind]}"
            result, points, wrong = soak(args, kind, guard)
            errors += [f"{name}: {error}" for error in wrong]
            results.append((name, result))
            if points and guard:
                print(f"{name}: {Growth(points, kind, args.allow)}")
    guarded.finish(errors, results)


if __name__ == "__main__":
    main()
