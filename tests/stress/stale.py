#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs stale_blocks under the guard: each read of a stale block must be caught and named after the realloc that
moved the block, however many moved since, and what a stale block leaves behind must be little. Prints the
figures.

  python3 tests/stress/stale.py --guard build/librealloc_guard.so --witness build/tests/support/libwitness.so \\
      --exe build/tests/stress/stale_blocks --stale 10000000 --sample 10000     # as many as may be: minutes"""

import argparse
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import guarded  # noqa: E402

PLACES = 8
HEADLINE = re.compile(r"==\d+== stale read: stale_blocks\.c:(\d+) uses a pointer that realloc moved away from at "
                      r"stale_blocks\.c:(\d+)\n")
SUMMARY = re.compile(r"==\d+== realloc_guard: (\d+) misuses reported \((\d+) occurrences\); (\d+) blocks moved")
DROPPED = "who allocated it was dropped"


def report_errors(text, args):
    errors = []
    headlines = HEADLINE.findall(text)
    wrong = [pair for pair in headlines if pair[0] != pair[1]]
    if wrong or len({pair[0] for pair in headlines}) != PLACES:
        errors.append(f"must name each of {PLACES} places with the realloc there, named {sorted(set(headlines))}")
    summary = SUMMARY.search(text)
    if not summary or int(summary[1]) != len(headlines) or int(summary[2]) != args.sample:
        errors.append(f"must report {args.sample} reads, said {summary and summary[0]}")
    if DROPPED in text and args.history >= args.stale:
        errors.append(f"details were dropped with history={args.history}")
    if DROPPED not in text and args.history < args.stale // 4:
        errors.append(f"no details were dropped with history={args.history}")
    return errors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--guard", required=True)
    parser.add_argument("--witness", required=True)
    parser.add_argument("--exe", required=True)
    parser.add_argument("--stale", type=int, default=300000)
    parser.add_argument("--sample", type=int, default=1000)
    parser.add_argument("--history", type=int, default=1000000)
    parser.add_argument("--allowed", type=float, default=64, help="bytes left behind by each")
    args = parser.parse_args()
    options = f"move=always:seal=guard:history={args.history}"
    guarded.skip_unless_possible(options)
    guard = guarded.Guard(os.path.abspath(args.guard), os.path.abspath(args.witness), options)
    result = guarded.run([os.path.abspath(args.exe), str(args.stale), str(args.sample)], guard)
    errors = guarded.loading_errors(result, args.exe)
    figures = re.fullmatch(r"bytes=([-\d.]+) mappings=(\d+)\n", result.stdout.decode())
    if result.status != 86 or not figures:
        errors.append(f"ended with status {result.status}")
    else:
        print(f"{args.stale} stale blocks: {figures[1]} bytes each, {figures[2]} mappings")
        if float(figures[1]) > args.allowed:
            errors.append(f"each stale block cost {figures[1]} bytes, allowed are {args.allowed}")
        errors += report_errors(result.stderr.decode(), args)
    guarded.finish(errors, [("guarded", result)])


if __name__ == "__main__":
    main()
