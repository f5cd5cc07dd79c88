#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Findings that files of suppressions name are not reported, and nothing else is left out. Exit status 0 pass, 1 fail,
77 skip."""

import argparse
import os
import re
import signal
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "json")]
import guarded  # noqa: E402
from as_text import as_text  # noqa: E402
from lines import of, order_errors, read_lines  # noqa: E402
from report import normalise, parse  # noqa: E402

ALL = ["stale write", "stale read", "stale free", "overrun"]
OCCURRENCES = {"stale write": 6, "stale read": 3, "stale free": 1, "overrun": 1}
WRITE, READ, FREE, OVERRUN = ALL

# what a file holds, and which findings of suppressed.c it leaves out
C_FILES = [
    ("stale-write:write_old", [WRITE]),
    ("# all that is stale\n\n  stale-*:suppressed.c  \r\n", [WRITE, READ, FREE]),
    ("*:*", ALL),
    ("stale-write:*\noverrun:*", [WRITE, OVERRUN]),
    ("*:^suppressed$", ALL),
    ("*:e2e", []),
    ("*:/e2e/", ALL),
    ("*:_old", [WRITE, READ, FREE]),
    ("*:^*te_old$", [WRITE]),
    ("*:^rite_old", []),
    ("*:write_ol$", []),
    ("double-free:*", []),
    ("stale-read:middle", [READ]),
    ("stale-read:frames: ^read_old$;^middle$;^outer$;^misuse$;^main$", [READ]),
    ("*:frames: ^write_old$;*;main", [WRITE]),
    ("*:frames: *;outer", [READ]),
    ("*:frames: middle", []),
    ("*:frames: read_old;outer", []),
    # Who ends the block has not overrun it.
    ("overrun:make_block", [OVERRUN]),
    ("*:end_block", []),
]

# The same without the helper, which alone knows source files and functions that were inlined.
C_FILES_WITHOUT_HELPER = [
    ("*:^read_old$", [READ]),
    ("*:middle", []),
    ("*:suppressed.c", []),
    ("*:^suppressed$", ALL),
    ("*:frames: read_old;outer;*;^main$", [READ]),
]

# the same of suppressed.cpp: a write and a read
CXX_FILES = [
    ("*:tables::cursor::operator<<(int)", [WRITE]),
    ("*:^tables::cursor::", [WRITE, READ]),
    ("*:cursor::get() const$", [READ]),
    ("*:_ZN6tables6cursorlsEi", [WRITE]),
    ("*:^_ZNK6tables6cursor3getEv$", [READ]),
    ("*:frames: operator<<;^main$", [WRITE]),
    ("*:suppressed.cpp", [WRITE, READ]),
    # The stack that moved the block is not that of the misuse.
    ("*:column", []),
]
CXX_FILES_WITHOUT_HELPER = [
    ("*:^_ZN6tables6cursorlsEi$", [WRITE]),
    ("*:_ZN*6cursor*", [WRITE, READ]),
    ("*:tables::cursor", []),
]


class Checker:
    def __init__(self, args, folder):
        self.args = args
        self.folder = folder
        self.errors = []
        self.runs = []

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def run(self, options, exe=None, *words):
        exe = os.path.abspath(exe or self.args.exe)
        guard = guarded.guard_of(self.args)
        guard.options = ":".join(filter(None, [guard.options, options]))
        result = guarded.run([exe, *words], guard, cwd=self.folder)
        self.errors += guarded.loading_errors(result, exe)
        self.runs.append((f"{options} {' '.join(words)}", result))
        return result

    def require(self, holds, claim):
        if not holds:
            self.errors.append(f"{self.runs[-1][0]}: {claim}")

    def claim_left(self, result, left, suppressed, what):
        """The findings that are left are told, counted and decide on the status, and the summary counts the others."""
        text = result.stderr.decode()
        self.require([report.kind for report in parse(text)] == left, f"{what}: must tell {left}")
        self.require(result.status == (guarded.MISUSE_STATUS if left else 0), f"{what}: status {result.status}")
        count = sum(OCCURRENCES[kind] for kind in left)
        self.require(re.search(rf"^==\d+== realloc_guard: {len(left)} misuses? reported \({count} occurrences?\)"
                               + (f", {suppressed} suppressed" if suppressed else "") + "; ", text,
                               re.MULTILINE) or not left and not suppressed, f"{what}: summary")

    def check_files(self, exe, files, everything, options=""):
        native = guarded.run([os.path.abspath(exe)]).stdout
        for number, (text, left_out) in enumerate(files):
            path = self.write(f"file{number}", text)
            result = self.run(f"suppressions={path}:{options}", exe)
            left = [kind for kind in everything if kind not in left_out]
            self.claim_left(result, left, len(left_out), repr(text))
            self.require(b"suppressions:" not in result.stderr, f"{text!r} must be read")
            self.require(result.stdout == native, f"{text!r}: the program must go on as ever")

    def every_form(self):
        self.check_files(self.args.exe, C_FILES, ALL)
        self.check_files(self.args.exe, C_FILES_WITHOUT_HELPER, ALL, "symbolize=0")

    def every_form_in_cxx(self):
        OCCURRENCES.update({WRITE: 1, READ: 1})
        self.check_files(self.args.cxx_exe, CXX_FILES, [WRITE, READ])
        self.check_files(self.args.cxx_exe, CXX_FILES_WITHOUT_HELPER, [WRITE, READ], "symbolize=0")

    def several_files(self):
        one, two = self.write("one", "*:write_old\n"), self.write("two", "*:^nowhere$\n*:read_old\n")
        for options in (f"suppressions='{one}:{two}'", f"suppressions={one}:suppressions={two}"):
            self.claim_left(self.run(options), [FREE, OVERRUN], 2, options)
        self.claim_left(self.run(f"suppressions={one}:suppressions=:suppressions={two}"),
                        [WRITE, FREE, OVERRUN], 1, "an empty value")
        self.claim_left(self.run("suppressions=one"), [READ, FREE, OVERRUN], 1, "in the working directory")

    def malformed(self):
        """What is wrong is named once, and the rest counts."""
        path = self.write("malformed", "stale-write\n*:read_old\nstale_write:f\n*:frames: f;;g\n")
        result = self.run(f"suppressions='{path}:{self.folder}/none'")
        self.claim_left(result, [WRITE, FREE, OVERRUN], 1, "malformed")
        lines = [line for line in result.stderr.decode().splitlines() if "suppressions: " in line]
        places = [f"{path}:1: \"stale-write\" has no", f"{path}:3: \"stale_write\" is no kind of finding",
                  f"{path}:4: \"f;;g\" has an empty frame", f"{self.folder}/none cannot be read (No such file"]
        self.require(len(lines) == len(places), f"complaints {lines}")
        for line, place in zip(lines, places):
            self.require(line.startswith(f"realloc_guard: suppressions: {place}"), f"must say {place}")
            self.require(line.endswith("; left out"), "must say that it is left out")

    def print_suppressions(self):
        path = self.write("used", "# used\nstale-write:write_old\n*:nowhere\n\n stale-*:misuse \n")
        result = self.run(f"suppressions={path}:print_suppressions=1")
        self.claim_left(result, [OVERRUN], 3, "print_suppressions")
        said = re.findall(r"^==\d+== realloc_guard: suppressed (.*)", result.stderr.decode(), re.MULTILINE)
        self.require(said == [f"1 misuse (6 occurrences) by {path}:2: stale-write:write_old",
                              f"2 misuses (4 occurrences) by {path}:5: stale-*:misuse"], f"says {said}")
        result = self.run(f"suppressions={path}:print_suppressions=1:print_summary=0")
        self.require(result.stderr.count(b"realloc_guard:") == 2, "must not need the summary")
        all_path = self.write("all", "*:*")
        result = self.run(f"suppressions={all_path}:print_summary=0")
        self.require(not result.stderr and result.status == 0, "must say nothing at all")

    def for_machines(self):
        path = self.write("machines", "stale-write:write_old\n*:frames: *;outer\n*:nowhere\n")
        for text in ("", "print_suppressions=1"):
            result = self.run(f"suppressions={path}:format=json:{text}")
            events, errors = read_lines(result.stderr)
            self.errors += errors + order_errors(events)
            kinds = [finding["kind"] for finding in of(events, "finding")]
            self.require(kinds == ["stale-free", "overrun"], f"must tell two, not {kinds}")
            (summary,) = of(events, "summary")
            self.require((summary.get("suppressed"), summary.get("suppressed_occurrences")) == (2, 9),
                         f"summary {summary}")
            person = self.run(f"suppressions={path}:{text}")
            self.require(normalise(person.stderr.decode()) == normalise(as_text(events)), "must be told as text is")
        used = [note["suppression"] for note in of(events, "note")]
        self.require(used == [{"text": line, "file": path, "line": number, "misuses": 1, "occurrences": count}
                              for line, number, count in (("stale-write:write_old", 1, 6),
                                                          ("*:frames: *;outer", 2, 3))], f"used {used}")
        everything = self.write("all", "*:*")
        events, errors = read_lines(self.run(f"suppressions={everything}:format=json").stderr)
        self.errors += errors
        self.require([event["event"] for event in events] == ["start", "summary"], f"must be two of {events}")
        result = self.run(f"suppressions={everything}:format=json:print_summary=0")
        self.require(not result.stderr, "must say nothing at all")

    def halt(self):
        path = self.write("halt", "stale-write:*")
        result = self.run(f"suppressions={path}:halt_on_error=1")
        self.require(result.status == -signal.SIGABRT, "must abort")
        self.require([report.kind for report in parse(result.stderr.decode())] == [READ], "at the read")
        path = self.write("all", "*:*")
        result = self.run(f"suppressions={path}:halt_on_error=1")
        self.require(result.status == 0 and result.stdout == b"done\n", "must not abort")

    def in_children(self):
        """They inherit the suppressions, and count for themselves. So does a program that is executed."""
        path = self.write("all", "*:*\n")
        result = self.run(f"suppressions={path}:print_suppressions=1", None, "fork")
        self.require(result.status == 0 and result.stdout == b"child 0\ndone\n", f"fork: {result.stdout}")
        counts = re.findall(r"suppressed (\d+) misuses \((\d+) occ", result.stderr.decode())
        self.require(counts == [("4", "11")] * 2, f"fork: {counts}")
        one = self.write("one", "stale-write:*\n")
        result = self.run(f"suppressions={one}", None, "fork")
        self.require(result.status == 86 and b"child 86\n" in result.stdout, f"fork: {result.stdout}")
        self.require([report.kind for report in parse(result.stderr.decode())] == ALL[1:] * 2, "fork: kinds")
        result = self.run(f"suppressions={one}", None, "exec")
        self.require([report.kind for report in parse(result.stderr.decode())] == ALL[1:] * 2, "exec: kinds")

    def lost_blocks(self):
        """The program is not told of one that is suppressed."""
        result = self.run("fail_realloc='site:lose'", None, "lost")
        self.require(result.stdout == b"lost 1\n" and result.status == 86, f"lost: {result.stdout}")
        path = self.write("lost", "lost-block:lose")
        result = self.run(f"suppressions={path}:fail_realloc='site:lose'", None, "lost")
        self.require(result.stdout == b"lost 0\n" and result.status == 0, f"lost: {result.stdout}")

    def nothing_given(self):
        self.claim_left(self.run(""), ALL, 0, "no suppressions")
        self.claim_left(self.run("print_suppressions=1"), ALL, 0, "no suppressions")
        empty = self.write("empty", "# nothing\n")
        self.claim_left(self.run(f"suppressions={empty}"), ALL, 0, "an empty file")

    def not_read_twice(self):
        """A pipe, as the shell's <(...) makes it."""
        options = "suppressions=/dev/fd/0"
        guard = guarded.guard_of(self.args)
        guard.options = ":".join(filter(None, [guard.options, options]))
        result = guarded.run([os.path.abspath(self.args.exe)], guard, stdin=b"*:write_old\n*:read_old")
        self.runs.append((options, result))
        self.claim_left(result, [FREE, OVERRUN], 2, "a pipe")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--guard", "--witness", "--exe", "--cxx-exe"):
        parser.add_argument(name, required=True)
    parser.add_argument("--options", default="", help="value of REALLOC_GUARD_OPTIONS")
    args = parser.parse_args()
    guarded.skip_unless_possible(args.options)
    with tempfile.TemporaryDirectory(prefix="rg-suppressions-") as folder:
        checker = Checker(args, folder)
        for check in (checker.nothing_given, checker.every_form, checker.several_files, checker.malformed,
                      checker.print_suppressions, checker.for_machines, checker.halt, checker.in_children,
                      checker.lost_blocks, checker.not_read_twice, checker.every_form_in_cxx):
            check()
    guarded.finish(checker.errors, checker.runs if checker.errors else ())


if __name__ == "__main__":
    main()
