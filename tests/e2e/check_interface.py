#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What programs ask the guard for (src/realloc_guard.h), with the guard and without it, from C and from C++. Exit status 0 pass,
1 fail, 77 skip."""

import argparse
import os
import re
import signal
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "json")]
import guarded  # noqa: E402
from lines import of, read_lines  # noqa: E402
from report import parse  # noqa: E402

WRITE, READ, FREE = "stale write", "stale read", "stale free"

# case: what it prints with the guard, and without it (None: it cannot be run so), and which findings there are
CASES = {
    "count": ("0\n1\n2\n", None, [WRITE, READ]),
    "describe": ("1\n1\n1\n0 0\n0\n0\n", "0\n0\n0\n0 0\n0\n0\n", []),
    "describe_to": ("1\n1\n1\n1\n1\n0\n1\n", None, []),
    "expect": ("0\n5\n0\n5\n-1 1\n", None, [WRITE]),
    "nested": ("1\n2\n1\n", None, [FREE]),
    "refused": ("-1\n-1\n-1\n-1\n16\n-1\n", "-1\n-1\n-1\n-1\n0\n-1\n", []),
    "threads": ("1 1\n", None, [WRITE]),
    "child": ("0 1\n", None, []),
    "call_back": ("0\ntold 1 stale-write 1 3 40 1\ntold 2 stale-free 1 0 40 1\n", None, [WRITE, FREE, READ]),
    "call_back_within": ("1 told 1 stale-write 1 3 40 1 2\n", None, [WRITE, WRITE]),
    "call_back_and_halt": ("called\nwent on\n", "went on\n", [WRITE]),
    "in_handler": ("done\n", "done\n", []),
    "errno": ("1\n", None, []),
}
REFUSED = ['"no-such" is no kind of finding', '"" is no kind of finding', '"" is no kind of finding',
           "the list of kinds cannot be read", "16 regions are open in this thread"]
DESCRIBED = [
    r"0x\w+ is at offset 4 of the block of 40 bytes at 0x\w+, which realloc has moved away \(from malloc\)\n"
    r"  moved by realloc from 40 to 400 bytes, to 0x\w+, by thread 0\n"
    r"    => #0 make_stale.*interface.c:\d+\n(.*\n)+?"
    r"  today the block is live at 0x\w+ \(400 bytes\)\n"
    r"  allocated \(40 bytes\) by thread 0\n    => #0 make_stale.*",
    r"0x\w+ is at offset 0 of the block of 400 bytes at 0x\w+, which is live \(from malloc\)\n"
    r"  moved here by realloc, from 0x\w+, by thread 0\n    => #0 make_stale.*\n(.*\n)+?"
    r"  allocated \(40 bytes\) by thread 0, and moved 1 time since\n    => #0 make_stale.*",
    r"0x\w+ is at offset 0 of the block of 70 bytes at 0x\w+, which is free \(from malloc\)\n"
    r"  freed by thread 0\n    => #0 describe.*\n(.*\n)+?  allocated \(70 bytes\) by thread 0\n    => #0 describe.*",
    r"0x0 is in no block that the guard has handed out",
    r"0x\w+ is in no block that the guard has handed out",
    r"0xf{16} is in no block that the guard has handed out",
]


class Checker:
    def __init__(self, args):
        self.args = args
        self.errors = []
        self.runs = []

    def run(self, exe, case, options=""):
        guard = guarded.guard_of(self.args)
        guard.options = ":".join(filter(None, [guard.options, options]))
        result = guarded.run([exe, case], guard)
        self.errors += guarded.loading_errors(result, exe)
        self.runs.append((f"{os.path.basename(exe)} {case} {options}", result))
        return result

    def require(self, holds, claim):
        if not holds:
            self.errors.append(f"{self.runs[-1][0]}: {claim}")

    def every_case(self, exe):
        for case, (wanted, _, kinds) in CASES.items():
            result = self.run(exe, case)
            text = result.stderr.decode()
            self.require(result.stdout.decode() == wanted, f"prints {result.stdout}")
            self.require([report.kind for report in parse(text)] == kinds, f"must tell {kinds}")
            self.require(result.status == (guarded.MISUSE_STATUS if kinds else 0), f"status {result.status}")

    def without_guard(self, exe):
        for case, (_, wanted, _) in CASES.items():
            if wanted is not None:
                result = guarded.run([exe, case])
                self.runs.append((f"{case} without the guard", result))
                self.require(result.stdout.decode() == wanted and result.status == 0, f"prints {result.stdout}")

    def words(self, exe):
        said = re.findall(r"^==\d+== realloc_guard: realloc_guard_expect_push: (.*)",
                          self.run(exe, "refused").stderr.decode(), re.MULTILINE)
        self.require(len(said) == len(REFUSED) and all(map(str.startswith, said, REFUSED)), f"says {said}")
        text = self.run(exe, "describe").stderr.decode()
        # The arguments of a call are worked out in any order.
        head = r"==\d+== realloc_guard: "
        described = re.split(rf"^{head}", text, flags=re.MULTILINE)[1:]
        self.require(len(described) == len(DESCRIBED), f"describes {len(described)}")
        for number, (found, pattern) in enumerate(zip(described, DESCRIBED)):
            if number not in (3, 4):
                self.require(re.match(pattern, found), f"describes {found!r}, not {pattern!r}")
        self.require(any(re.match(DESCRIBED[3], found) for found in described[3:5]), "must describe NULL")

    def for_machines(self, exe):
        events, errors = read_lines(self.run(exe, "describe", "format=json").stderr)
        self.errors += errors
        notes = of(events, "note")
        self.require([note["topic"] for note in notes] == ["description"] * len(DESCRIBED), f"notes {notes}")
        self.require(re.match(DESCRIBED[0], notes[0]["text"]), f"describes {notes[0]['text']!r}")
        self.require(not notes[0]["text"].endswith("\n"), "a text does not end with a newline")
        result = self.run(exe, "call_back", "format=json")
        self.require(b"told 1 stale-write 1 3 40 1\n" in result.stdout, f"prints {result.stdout}")

    def halt(self, exe):
        result = self.run(exe, "call_back_and_halt", "halt_on_error=1")
        self.require(result.stdout == b"called\n" and result.status == -signal.SIGABRT, "must call, then abort")
        result = self.run(exe, "child", "halt_on_error=1")
        self.require(result.stdout == b"0 1\n" and result.status == 0, "what is expected must not halt")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--guard", "--witness"):
        parser.add_argument(name, required=True)
    parser.add_argument("--options", default="", help="value of REALLOC_GUARD_OPTIONS")
    parser.add_argument("exe", nargs="+")
    args = parser.parse_args()
    guarded.skip_unless_possible(args.options)
    checker = Checker(args)
    for exe in map(os.path.abspath, args.exe):
        for check in (checker.every_case, checker.without_guard, checker.words, checker.for_machines, checker.halt):
            check(exe)
    guarded.finish(checker.errors, checker.runs if checker.errors else ())


if __name__ == "__main__":
    main()
