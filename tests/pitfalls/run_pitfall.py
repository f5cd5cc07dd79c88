#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs one test program natively and under the guard and compares, as tests/e2e/run.py does, but
for programs that end in other ways than by exit. Two more directives:

  // ENDS: ARGUMENT N
      The exit status, or minus the signal, of both runs with ARGUMENT as first argument.
  // SAYS: ARGUMENT REGEX
      As TEXT, for the run with ARGUMENT as first argument.
  // COUNT: N
      N reports are expected, whatever they say beyond TEXT.
  // BARE: realloc
      The program has a realloc of its own: the guard is loaded, but not used, and only TEXT is said.

Exit status 0 pass, 1 fail, 77 skip."""

import argparse
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "e2e")]
import guarded  # noqa: E402
from case import read_case  # noqa: E402
from report import parse  # noqa: E402
from run import check_lines, check_native, check_report, split_output  # noqa: E402


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", required=True, help="the program's source, with directives")
    parser.add_argument("--exe", required=True)
    parser.add_argument("--guard", required=True, help="librealloc_guard.so")
    parser.add_argument("--witness", required=True, help="libwitness.so")
    parser.add_argument("--options", default="", help="value of REALLOC_GUARD_OPTIONS")
    parser.add_argument("--audit", help="a library for LD_AUDIT")
    parser.add_argument("arguments", nargs="*", help="arguments of the program")
    return parser.parse_args()


def read_directives(args):
    """The case, how many reports are expected, and whether the guard is to stay unused."""
    case = read_case(args.source)
    count = len(case.reports)
    is_bare = False
    with open(args.source, encoding="utf-8") as source:
        for word, value in re.findall(r"^// (ENDS|SAYS|COUNT|BARE): (.*)", source.read(), re.MULTILINE):
            if word == "COUNT":
                count = int(value)
            elif word == "BARE":
                is_bare = True
            elif args.arguments[:1] == value.split()[:1]:
                text = value.split(maxsplit=1)[1]
                if word == "SAYS":
                    case.texts.append(text)
                else:
                    case.status = int(text)
    return case, count, is_bare


def check_loading(args, is_bare, result):
    if is_bare:
        stood_aside = result.bare and not result.guarded
        return [] if stood_aside else ["the program's realloc is the guard's"]
    return guarded.loading_errors(result, args.exe)


def check_reports(args, case, count, native, result):
    text = result.stderr.decode(errors="replace")
    reports = parse(text)
    status = case.status
    if status is None:
        status = guarded.MISUSE_STATUS if count else native.status
    errors = check_lines("guarded", case.guarded_lines, result)
    errors += [f"no text like {regex!r}" for regex in case.texts if not re.search(regex, text)]
    if result.status != status:
        errors.append(f"guarded run ended with status {result.status}, must be {status}")
    if native and split_output(native)[0] != split_output(result)[0]:
        errors.append("output differs from that of the native run")
    if len(reports) != count:
        errors.append(f"{len(reports)} reports, must be {count}")
    for number, (expected, report) in enumerate(zip(case.reports, reports), 1):
        errors += check_report(args, number, expected, report)
    if count == 0 and not case.texts and result.stderr:
        errors.append("not silent")
    return errors


def main():
    args = parse_arguments()
    args.twin = None
    guarded.skip_unless_possible(args.options)
    case, count, is_bare = read_directives(args)
    # Arguments that are files, plug-ins, are given in full.
    argv = [os.path.abspath(args.exe), *(os.path.abspath(argument) if os.path.isfile(argument)
                                         else argument for argument in args.arguments)]
    env = {"LD_AUDIT": os.path.abspath(args.audit)} if args.audit else {}
    native = guarded.run(argv, env=env) if case.has_native else None
    guard = guarded.guard_of(args)
    result = guarded.run(argv, guard, env=env)
    errors = check_native(case, native) if native else []
    errors += check_loading(args, is_bare, result)
    errors += check_reports(args, case, count, native, result)
    guarded.finish(errors, [("native", native), ("guarded", result)])


if __name__ == "__main__":
    main()
