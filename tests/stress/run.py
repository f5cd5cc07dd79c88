#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs flat_memory under the guard and requires that memory does not grow from line to line."""

import argparse
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import guarded  # noqa: E402

LINES = 10
ALLOWED_RATIO = 1.10
ALLOWED_KB = 512  # a few spans more or less, whatever the size of the whole


def growth_errors(figures):
    if len(figures) != LINES or min(figures, default=0) <= 0:
        return [f"must print {LINES} positive figures, printed {figures}"]
    limit = figures[0] * ALLOWED_RATIO + ALLOWED_KB
    if figures[-1] > limit:
        return [f"Pss grew from {figures[0]} to {figures[-1]} kB, allowed are {limit:.0f}: {figures}"]
    return []


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guard")
    parser.add_argument("--witness")
    parser.add_argument("--options", default="")
    parser.add_argument("--exe", required=True)
    parser.add_argument("--native-only", action="store_true")
    args = parser.parse_args()
    guard = None
    if not args.native_only:
        guarded.skip_unless_possible(args.options)
        guard = guarded.guard_of(args)
    result = guarded.run([os.path.abspath(args.exe)], guard)
    errors = guarded.loading_errors(result, args.exe) if guard else []
    if result.status != 0 or result.stderr:
        errors.append(f"ended with status {result.status}, or was not silent")
    errors += growth_errors([int(line) for line in result.stdout.split()])
    guarded.finish(errors, [("guarded" if guard else "native", result)])


if __name__ == "__main__":
    main()
