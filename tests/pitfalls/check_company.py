#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A program runs with another preloaded library, linked with another allocator, or under Valgrind, and
is compared with its run there without the guard. The guard reports its one misuse, or, where malloc
is not the guard's, stands aside: it says so in one line and handles no signal."""

import argparse
import os
import re
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "e2e")]
import guarded  # noqa: E402
from report import parse  # noqa: E402

ASIDE = re.compile(r"^==\d+== realloc_guard: .*: nothing is checked; remedy: .*", re.MULTILINE)
# Clean where the guard checks nothing, since a tool may complain.
CLEAN = ["clean"]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("guard", "witness", "options", "exe"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--library", help="the other library to preload")
    parser.add_argument("--second", action="store_true", help="preload it after the guard")
    parser.add_argument("--variable", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--under", help="a command that runs the program")
    parser.add_argument("--prints", action="append", default=[], help="a line of the output")
    parser.add_argument("--aside", help="the guard stands aside and names this")
    return parser.parse_args()


def run(args, with_guard):
    libraries = [args.library] if args.library else []
    if with_guard:
        libraries.insert(0 if args.second else len(libraries), os.path.abspath(args.guard))
    env = {"LD_PRELOAD": ":".join(libraries), "REALLOC_GUARD_OPTIONS": args.options}
    env.update(variable.split("=", 1) for variable in args.variable)
    command = args.under.split() if args.under else []
    return guarded.run(command + [os.path.abspath(args.exe)] + (CLEAN if args.aside else []),
                       env=env)


def check_aside(args, native, result):
    text = result.stderr.decode(errors="replace")
    lines = ASIDE.findall(text)
    errors = []
    if len(lines) != 1 or args.aside not in lines[0]:
        errors.append(f"must say once that it stands aside, naming {args.aside}: {lines}")
    if result.status != native.status:
        errors.append(f"ended with status {result.status}, without the guard {native.status}")
    if parse(text) or text.count("realloc_guard") != 1:
        errors.append("says more than that")
    return errors


def check_report(result):
    reports = parse(result.stderr.decode(errors="replace"))
    errors = []
    if [report.kind for report in reports] != ["stale read"]:
        errors.append("must report one stale read: " + "; ".join(report.title for report in reports))
    if result.status != guarded.MISUSE_STATUS:
        errors.append(f"ended with status {result.status}")
    return errors


def main():
    args = parse_arguments()
    guarded.skip_unless_possible(args.options)
    needed = [args.exe, *([args.library] if args.library else []),
              *([shutil.which(args.under.split()[0]) or args.under] if args.under else [])]
    for file in needed:
        if not os.path.exists(file):
            print(f"SKIP: {file} is not installed")
            sys.exit(guarded.SKIP)
    args.library = args.library and os.path.abspath(args.library)
    native, result = run(args, False), run(args, True)
    errors = check_aside(args, native, result) if args.aside else check_report(result)
    if native.stdout != result.stdout:
        errors.append("the output differs from that without the guard")
    lines = native.stdout.decode(errors="replace").splitlines()
    errors += [f"without the guard it does not print {line!r}" for line in args.prints
               if line not in lines]
    guarded.finish(errors, [("native", native), ("guarded", result)])


if __name__ == "__main__":
    main()
