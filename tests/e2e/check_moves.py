#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks when realloc moves a block that would fit where it is, for each value of the option `move`."""

import argparse
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import guarded  # noqa: E402

# option: moves among 1,024 calls and 6,400 more, what the summary says of all 7,424
EXPECTED = {
    "move=adaptive": (b"1024 100\n",
                      b"; 1124 blocks moved by realloc (1124 would have fitted), 6300 left"),
    "move=always": (b"1024 6400\n",
                    b"; 7424 blocks moved by realloc (7424 would have fitted), 0 left"),
    "move=natural": (b"0 0\n", b"; 0 blocks moved by realloc (0 would have fitted), 7424 left"),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--guard", "--witness", "--exe"):
        parser.add_argument(name, required=True)
    args = parser.parse_args()
    errors = []
    runs = []
    for options, (moves, summary) in EXPECTED.items():
        guard = guarded.Guard(os.path.abspath(args.guard), os.path.abspath(args.witness),
                              options + ":verbosity=1")
        result = guarded.run([os.path.abspath(args.exe)], guard)
        runs.append((options, result))
        errors += guarded.loading_errors(result, args.exe)
        if result.stdout != moves:
            errors.append(f"{options}: moves must be {moves}")
        if summary not in result.stderr:
            errors.append(f"{options}: the summary must say {summary}")
    guarded.finish(errors, runs)


if __name__ == "__main__":
    main()
