#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks which calls of realloc fail, for each kind of list that fail_realloc takes, what is said of bad lists, and what
count_realloc counts. The program prints the numbers of its calls that have failed."""

import argparse
import os
import re
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "e2e")]
import guarded  # noqa: E402
from report import ASKED  # noqa: E402

CALLS = range(1, 21)
ODD = set(CALLS[::2])
EVEN = set(CALLS[1::2])
LISTS = {
    "3": {3},
    "21": set(),
    "0x10": {16},
    "every:4": {4, 8, 12, 16, 20},
    "every:1": set(CALLS),
    "site:alpha": ODD,
    "site:be*": EVEN,
    "site:*a*,every:2": EVEN,
    "site:alpha,site:beta": set(CALLS),
    "site:main": set(CALLS),
    "site:nobody": set(),
    "site:beta,2": {4},
    "every:2,site:beta": {4, 8, 12, 16, 20},
    "size>=400": set(CALLS[9:]),
    "size>=400,every:3": {12, 15, 18},
    "site:alpha,size>=0x190,1": {11},
    "seed:7,rate:0": set(),
    "rate:1,seed:7": set(CALLS),
}
BAD = {
    "0": "from 1 on",
    "every:0": "from 1 on",
    "every:": "from 1 on",
    "-1": "none of N, every:K",
    "third": "none of N, every:K",
    "3,,": "none of N, every:K",
    "3,every:2": "second selector",
    "3,4": "second selector",
    "every:2,seed:1,rate:0.5": "second selector",
    "seed:1": "rate",
    "rate:0.5": "seed",
    "seed:x,rate:0.5": "seed:7",
    "seed:1,rate:1.5": "rate:0.01",
    "seed:1,rate:half": "rate:0.01",
    "size>=": "size>=4096",
    "site:": "site:FUNCTION",
    "site:a+0x1<b": "MODULE+0xOFFSET",
    "site:" + "<".join(["a+0x1"] * 9): "8 frames",
}


class Checker:
    def __init__(self, args):
        self.args = args
        self.errors = []
        self.runs = []

    def run(self, options, *arguments):
        guard = guarded.Guard(os.path.abspath(self.args.guard),
                              os.path.abspath(self.args.witness), options)
        result = guarded.run([os.path.abspath(self.args.exe), *arguments], guard)
        self.errors += guarded.loading_errors(result, self.args.exe)
        self.runs.append((options, result))
        return result

    def require(self, holds, claim):
        if not holds:
            self.errors.append(f"{self.runs[-1][0]}: {claim}")

    def failed(self, list_, *arguments, more=""):
        """The calls that fail; each is the guard's doing and no misuse."""
        result = self.run(f"fail_realloc='{list_}'{more}", *arguments)
        text = result.stderr.decode()
        self.require(result.status == 0, "must end with the program's own status")
        self.require(not ASKED.sub("", text), "must say nothing else")
        lines = result.stdout.decode().splitlines()
        self.require(all(line.isdigit() for line in lines), "must fail with ENOMEM, and leave the block alone")
        numbers = {int(line) for line in lines if line.isdigit()}
        places = bool(numbers & ODD) + bool(numbers & EVEN)
        if not arguments:
            self.require(len(ASKED.findall(text)) == places, "must say once for each place that it fails")
        return numbers

    def lists(self):
        for list_, numbers in LISTS.items():
            failed = self.failed(list_)
            self.require(failed == numbers, f"must fail {sorted(numbers)}, not {sorted(failed)}")

    def at_random(self):
        first = self.failed("seed:7,rate:0.4")
        self.require(0 < len(first) < len(CALLS), "must fail some")
        self.require(self.failed("seed:7,rate:0.4") == first, "must fail the same again")
        others = [self.failed(f"seed:{seed},rate:0.4") for seed in range(3)]
        self.require(any(other != first for other in others), "must fail others with another seed")

    def child(self):
        """It counts by itself, and so does its parent."""
        self.require(self.failed("3", "fork") == {3}, "must fail the third")

    def bad_lists(self):
        for list_, reason in BAD.items():
            result = self.run(f"fail_realloc='{list_}'")
            lines = result.stderr.decode().splitlines()
            self.require(not result.stdout, "must fail nothing")
            self.require(len(lines) == 1, "must complain in one line")
            self.require(lines and lines[0].startswith("realloc_guard: option fail_realloc: "), "must name the option")
            self.require(lines and reason in lines[0], f"must say {reason!r}")
            self.require(lines and lines[0].endswith("; the list is ignored"), "must say what becomes of it")
        result = self.run("fail_realloc=every:3")
        self.require(b"fail_realloc='every:3'" in result.stderr, "must say that it is to be quoted")

    def count(self, folder, *arguments, depth=""):
        result = self.run(f"count_realloc={folder}/count.%p{depth}", *arguments)
        self.require(not result.stderr, "must be silent")
        counts = []
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            with open(path, encoding="utf-8") as file:
                counts.append([line.rstrip("\n").split("\t") for line in file])
            os.unlink(path)
        return counts

    def census(self):
        exe = os.path.realpath(self.args.exe)
        with tempfile.TemporaryDirectory(prefix="rg-count-") as folder:
            self.require(len(self.count(folder, "fork")) == 2, "must count in each process")
            self.require(len(self.count(folder, depth=":malloc_context_size=1")) == 1, "must count")
            (rows,) = self.count(folder)
        rows = [row for row in rows if row[1].startswith(exe + "+0x")]
        self.require([int(row[0]) for row in rows] == [10, 10], "must count ten calls of each")
        seen = set()
        for calls, *frames in rows:
            self.require(3 <= len(frames) <= 8, "must have 8 frames at most")
            self.require(all(re.fullmatch(r"(/\S+|\?)\+0x[0-9a-f]+", frame) for frame in frames),
                         "must have frames as PATH+0xOFFSET")
            chain = "<".join(os.path.basename(frame) for frame in frames)
            failed = self.failed("site:" + chain)
            self.require(failed in (ODD, EVEN), f"must fail its own calls, {calls}")
            self.require(len(self.failed(f"site:{chain},2")) == 1, "must fail the second")
            self.require(self.failed("site:" + chain.partition("<")[0]) == failed, "must do with one frame")
            seen |= failed
        self.require(seen == set(CALLS), "must have all calls")

    def bad_file(self):
        result = self.run("count_realloc=/none/such/file")
        self.require(b'cannot write to count_realloc "/none/such/file" (No such file' in result.stderr,
                     "must say that it cannot be written")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--guard", "--witness", "--exe"):
        parser.add_argument(name, required=True)
    checker = Checker(parser.parse_args())
    for check in (checker.lists, checker.at_random, checker.child, checker.bad_lists, checker.census, checker.bad_file):
        check()
    guarded.finish(checker.errors, checker.runs if checker.errors else ())


if __name__ == "__main__":
    main()
