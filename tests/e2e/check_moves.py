#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks when realloc moves a block that would fit where it is, for each value of the option `move`."""

import argparse
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import guarded  # noqa: E402

# option: moves of a small block and of one of 64 pages, what the summary says of all 69,930 calls
EXPECTED = {
    "move=adaptive": (b"small: 1024 1024 8\n64 pages: 16 16 2\n",
                      b"; 2090 blocks moved by realloc (2090 would have fitted), 67840 left"),
    "move=always": (b"small: 1024 66560 1032\n64 pages: 16 1040 258\n",
                    b"; 69930 blocks moved by realloc (69930 would have fitted), 0 left"),
    "move=natural": (b"small: 0 0 0\n64 pages: 0 0 0\n",
                     b"; 0 blocks moved by realloc (0 would have fitted), 69930 left"),
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
