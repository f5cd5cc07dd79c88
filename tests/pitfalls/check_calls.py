#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs one of the programs stale_calls_*.c natively and under the guard. Each call that it says to make
must be reported once, in that order, under the name and the argument that it says, and everything else
that it prints must be the same as without the guard.

With --table instead of --exe, checks that there is a case for every pointer in the table of calls.

Exit status 0 pass, 1 fail, 77 skip."""

import argparse
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support")]
import guarded  # noqa: E402

CALL = re.compile(r"for \w+ \(argument \w+\)")
REPORTED = re.compile(r"by the system, (for \w+ \(argument \w+\))")
ROW = re.compile(r"^(?:CALL|LIBRARY|AS|OWN)\((\w+),(.*)\)$", re.MULTILINE)
ARGUMENT = re.compile(r'[A-Z_]+\(\d, ("\w+")')
CASE = re.compile(r'(?:CASE|EXACT)\((\w+), ("\w+")')


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exe")
    parser.add_argument("--guard", help="librealloc_guard.so")
    parser.add_argument("--witness", help="libwitness.so")
    parser.add_argument("--options", default="", help="value of REALLOC_GUARD_OPTIONS")
    parser.add_argument("--table", help="calls.def")
    parser.add_argument("sources", nargs="*", help="with --table, the programs")
    return parser.parse_args()


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def check_coverage(table, sources):
    rows = {(row, argument) for row, rest in ROW.findall(read(table))
            for argument in ARGUMENT.findall(rest)}
    cases = {case for source in sources for case in CASE.findall(read(source))}
    if not rows:
        yield "found no rows: the check has checked nothing"
    for row, argument in sorted(rows - cases):
        yield f"no case for {row}, argument {argument}"


def check_run(args):
    argv = [os.path.abspath(args.exe)]
    native = guarded.run(argv)
    guard = guarded.guard_of(args)
    result = guarded.run(argv, guard)
    errors = guarded.loading_errors(result, args.exe)
    if native.status != 0 or native.stderr:
        errors.append("the native run failed")
    if result.status != guarded.MISUSE_STATUS:
        errors.append(f"guarded run ended with status {result.status}, "
                      f"must be {guarded.MISUSE_STATUS}")
    lines = [run.stdout.decode(errors="replace").splitlines() for run in (native, result)]
    for wanted, found in zip(*lines):
        if wanted != found:
            errors.append(f"printed {found!r}, must be {wanted!r}")
    if len(lines[0]) != len(lines[1]):
        errors.append(f"printed {len(lines[1])} lines, must be {len(lines[0])}")
    made = CALL.findall("\n".join(lines[1]))
    reported = REPORTED.findall(result.stderr.decode(errors="replace"))
    for number, (wanted, found) in enumerate(zip(made, reported), 1):
        if wanted != found:
            errors.append(f"report {number} is {found!r}, must be {wanted!r}")
            break
    if len(made) != len(reported):
        errors.append(f"{len(reported)} calls reported, must be {len(made)}")
    return errors, [("native", native), ("guarded", result)]


def main():
    args = parse_arguments()
    if args.table:
        guarded.finish(list(check_coverage(args.table, args.sources)))
    guarded.skip_unless_possible(args.options)
    guarded.finish(*check_run(args))


main()
